"""What a person may type for a revision, and which revisions it means.

    [BRANCH@]NAME[+N|-N]

NAME is an id, the beginning of one, a branch label, `head`, `heads`, `base` or `current`; without a NAME the
steps count from the database's current revision. BRANCH is a label or an id that narrows it to one line. As
Alembic's (https://alembic.sqlalchemy.org/en/latest/branches.html), but what is ambiguous is always an error.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from interlocking.errors import UsageError
from interlocking.revisions.graph import Graph
from interlocking.revisions.soundness import closest

_SYMBOL = re.compile(r"(?:(?P<branch>[^@]+)@)?(?P<name>[^@+:-]*)(?P<steps>[+-]\d+)?")


@dataclass(frozen=True, slots=True)
class Symbol:
    """The parts of what was typed.

    Attributes:
        branch: the text before `@`, or empty.
        name: an id, prefix, label or word; empty means the current revision.
        steps: revisions up (positive) or down from there; 0 for none.
    """

    branch: str
    name: str
    steps: int


def parse_symbol(text: str) -> Symbol:
    """Take what was typed apart.

    Raises:
        UsageError: it is empty or not of the form `[BRANCH@]NAME[+N|-N]`.
    """
    match = _SYMBOL.fullmatch(text.strip())
    if match is None or not (match["name"] or match["steps"]):
        raise UsageError(
            f"{text!r} does not name a revision",
            code="revision-symbol-invalid",
            why="a name is an id or its beginning, a branch label, head, heads, base or current, or steps "
            "from one of them: -1, +2, head-1, LABEL@head",
            next="invoke db.history",
        )
    return Symbol(branch=match["branch"] or "", name=match["name"], steps=int(match["steps"] or 0))


def resolve(graph: Graph, text: str, *, current: Collection[str] = ()) -> tuple[str, ...]:
    """Return the ids that `text` means; none means `base`.

    Args:
        graph: the revision files.
        text: see the module's docstring.
        current: the ids in the version table: what `current`, `+1` and `-1` count from.

    Raises:
        UsageError: it names nothing, several things where one is needed, or counts from an id without a file.
    """
    symbol = parse_symbol(text)
    named = _named(graph, symbol, current=current)
    if not symbol.steps:
        return named
    start = require_one(graph, named, symbol=text)
    end = _walk(graph, start, symbol.steps, branch=symbol.branch)
    return (end,) if end else ()


def require_known(graph: Graph, ids: Iterable[str]) -> None:
    """Refuse ids of a database that no file has.

    Raises:
        UsageError: names them.
    """
    unknown = [id_ for id_ in ids if id_ not in graph.revisions]
    if unknown:
        raise UsageError(
            f"the database is at {', '.join(unknown)}, which no revision file has",
            code="revision-unknown-to-files",
            why="the database was migrated by other code: newer than this, or from another branch",
            next="check out the code that has the file, or pull",
        )


def require_one(graph: Graph, ids: Sequence[str], *, symbol: str) -> str | None:
    """Return the only id, or None for `base`.

    Raises:
        UsageError: there are several; shows each with its message.
    """
    if len(ids) > 1:
        raise _several(graph, ids, symbol=symbol)
    return ids[0] if ids else None


def resolve_branch(graph: Graph, name: str) -> str:
    """Return the id that a branch's label (or an id on it, or its beginning) means.

    Raises:
        UsageError: there is no such branch.
    """
    return _lookup(graph, name, candidates=None)


def _named(graph: Graph, symbol: Symbol, *, current: Collection[str]) -> tuple[str, ...]:
    line = _branch_line(graph, symbol.branch)
    match symbol.name:
        case "base":
            return ()
        case "" | "current":
            return _current(graph, current, line)
        case "heads" if line is None:
            return graph.effective_heads
        case "head" | "heads":
            heads = tuple(id_ for id_ in graph.heads if line is None or id_ in line)
            return heads if symbol.name == "heads" else _only_head(graph, heads)
        case name:
            return (_lookup(graph, name, candidates=line),)


def _branch_line(graph: Graph, branch: str) -> set[str] | None:
    """Return what lies below and above a branch's revision; None where no branch was named."""
    if not branch:
        return None
    middle = [resolve_branch(graph, branch)]
    return graph.line_below(middle) | graph.line_above(middle)


def _only_head(graph: Graph, heads: tuple[str, ...]) -> tuple[str, ...]:
    require_one(graph, heads, symbol="head")
    return heads


def _current(graph: Graph, current: Collection[str], line: set[str] | None) -> tuple[str, ...]:
    """Return the current revisions; on one branch, the furthest applied ones of it."""
    require_known(graph, current)
    if line is None:
        return tuple(current)
    applied = graph.ancestors(current) & line
    return tuple(id_ for id_ in graph.revisions if id_ in applied and applied.isdisjoint(graph.children[id_]))


def _lookup(graph: Graph, name: str, *, candidates: set[str] | None) -> str:
    exact = graph.labels.get(name, name if name in graph.revisions else None)
    matches = {exact} if exact else _starting_with(graph, name)
    found = [id_ for id_ in graph.revisions if id_ in matches and (candidates is None or id_ in candidates)]
    if len(found) > 1:
        raise _several(graph, found, symbol=name)
    if not found:
        raise _unknown(graph, name, elsewhere=matches)
    return found[0]


def _starting_with(graph: Graph, name: str) -> set[str]:
    ids = {id_ for id_ in graph.revisions if id_.startswith(name)}
    return ids | {id_ for label, id_ in graph.labels.items() if label.startswith(name)}


def _walk(graph: Graph, start: str | None, steps: int, *, branch: str = "") -> str | None:
    """Go `steps` up (or down, when negative) from a revision; None is `base`.

    Where the way up forks, only the line of `branch` (a label or an id) counts.
    """
    line = _branch_line(graph, branch)
    place = start
    for _ in range(abs(steps)):
        choices = _above(graph, place, line) if steps > 0 else _below(graph, place)
        if not choices:
            raise _too_far(start, steps)
        place = require_one(graph, [id_ for id_ in choices if id_], symbol=f"{start or 'base'}{steps:+d}")
    return place


def _above(graph: Graph, place: str | None, line: set[str] | None) -> Sequence[str | None]:
    choices = graph.children[place] if place else graph.bases
    return [id_ for id_ in choices if line is None or id_ in line]


def _below(graph: Graph, place: str | None) -> Sequence[str | None]:
    if place is None:
        return ()
    return graph.parents(place) or (None,)


def _several(graph: Graph, ids: Iterable[str], *, symbol: str) -> UsageError:
    """Return the error for a symbol that means several revisions where one is needed."""
    listed = ", ".join(f"{id_} ({graph.revisions[id_].message})" for id_ in ids)
    merging = "; invoke db.merge joins several heads into one" if symbol.startswith("head") else ""
    return UsageError(
        f"{symbol} means several revisions: {listed}",
        code="revision-ambiguous",
        why="exactly one is needed here",
        next=f"name one of them with -r{merging}",
    )


def _unknown(graph: Graph, name: str, *, elsewhere: Collection[str]) -> UsageError:
    if elsewhere:
        return UsageError(
            f"{', '.join(sorted(elsewhere))} is not on that branch",
            code="revision-not-on-branch",
            why="the text before @ narrows the search to one branch",
            next="invoke db.history",
        )
    return UsageError(
        f"there is no revision {name!r}{closest(name, (*graph.revisions, *graph.labels))}",
        code="revision-not-found",
        why="no file has this id, an id that begins with it, or this branch label",
        next="invoke db.history",
    )


def _too_far(start: str | None, steps: int) -> UsageError:
    return UsageError(
        f"there are fewer than {abs(steps)} revisions {'above' if steps > 0 else 'below'} {start or 'base'}",
        code="revision-too-far",
        why="the steps lead out of the history",
        next="invoke db.history",
    )
