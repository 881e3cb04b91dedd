"""What an upgrade, a downgrade or a range of the history consists of: Alembic's answers, without Alembic."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from interlocking.errors import UsageError
from interlocking.revisions.graph import Graph
from interlocking.revisions.order import newest_first, upgrade_order
from interlocking.revisions.symbols import Symbol, parse_symbol, require_known, require_one, resolve, resolve_branch


def upgrade_path(graph: Graph, current: Collection[str], target: str = "heads") -> tuple[str, ...]:
    """Return the ids that `upgrade TARGET` would apply, first one first.

    Args:
        graph: the revision files.
        current: the ids in the version table.
        target: any symbol of `resolve`; `+2` counts from `current`.

    Raises:
        UsageError: the target or a current id is not known, or `target` points downwards.
    """
    require_known(graph, current)
    symbol = parse_symbol(target)
    if not symbol.name and symbol.steps < 0:
        raise _wrong_direction(target, "an upgrade goes up: type it as +1, or use a downgrade")
    return upgrade_order(graph, targets=resolve(graph, target, current=current), current=current)


def downgrade_path(graph: Graph, current: Collection[str], target: str = "-1") -> tuple[str, ...]:
    """Return the ids that `downgrade TARGET` would undo, first one first.

    Args:
        graph: the revision files.
        current: the ids in the version table.
        target: the revision to arrive at: any symbol of `resolve`; `-1` counts from `current`, `base` undoes
            everything, `LABEL@base` everything of one branch.

    Raises:
        UsageError: the target or a current id is not known, the target is not applied, it points upwards, or
            `-1` could mean several revisions.
    """
    require_known(graph, current)
    symbol = parse_symbol(target)
    if not symbol.name and symbol.steps > 0:
        raise _wrong_direction(target, "a downgrade goes down: type it as -1, or use an upgrade")
    goal = require_one(graph, resolve(graph, target, current=current), symbol=target)
    applied = graph.ancestors(current)
    undone = graph.descendants(_first_undone(graph, goal, symbol=symbol, current=current)) & applied
    if goal and not undone and goal not in current:
        raise _not_below(goal, current)
    return tuple(newest_first(graph, undone))


def between(graph: Graph, lower: Collection[str], upper: Collection[str]) -> tuple[str, ...]:
    """Return the revisions from `upper` down to `lower`, both included, newest first.

    Args:
        graph: the revision files.
        lower: known ids; none means from the beginning.
        upper: known ids.

    Raises:
        UsageError: `lower` is not below `upper`.
    """
    needed = graph.ancestors(upper)
    if not needed.issuperset(lower):
        raise UsageError(
            f"{', '.join(lower)} does not come before {', '.join(upper) or 'base'}",
            code="revision-range-invalid",
            why="a range goes from an older revision to one that builds on it",
            next="invoke db.history",
        )
    wanted = (needed - graph.ancestors(lower)) | set(lower)
    if lower:
        wanted &= graph.line_above(lower)
    return tuple(newest_first(graph, wanted))


def resolve_range(graph: Graph, text: str, *, current: Collection[str] = ()) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the two ends of `FROM:TO`, for `between`.

    Args:
        graph: the revision files.
        text: two symbols of `symbols.resolve`. FROM may be left out for the beginning, TO for all heads;
            `-3:` starts three steps below TO, `FROM:+2` ends two above FROM; without a colon, one revision.
        current: the ids in the version table.

    Raises:
        UsageError: an end names nothing.
    """
    first, colon, last = text.partition(":")
    if not colon:
        return (only := resolve(graph, text, current=current)), only
    if last.startswith("+"):
        lower = resolve(graph, first or "base", current=current)
        return lower, resolve(graph, last, current=lower)
    upper = resolve(graph, last or "heads", current=current)
    return resolve(graph, first or "base", current=upper if first.startswith("-") else current), upper


def _first_undone(graph: Graph, goal: str | None, *, symbol: Symbol, current: Collection[str]) -> set[str]:
    """Return the revisions right above the goal, only those of the branch when one is meant."""
    roots = set(graph.children[goal] if goal else graph.bases)
    branch = symbol.branch or (next(iter(current)) if not symbol.name and current else "")
    if not branch or len(roots) == 1:
        return roots
    on_branch = roots & graph.line_below([resolve_branch(graph, branch)])
    if roots and not on_branch:
        raise _not_below(goal or "base", current)
    return on_branch


def _wrong_direction(target: str, why: str) -> UsageError:
    return UsageError(f"{target} points the wrong way", code="revision-direction", why=why, next="invoke db.history")


def _not_below(goal: str, current: Iterable[str]) -> UsageError:
    return UsageError(
        f"a downgrade from {', '.join(current) or 'base'} cannot end at {goal}",
        code="revision-not-applied",
        why="it is not applied to this database, or nothing is applied on top of it",
        next="invoke db.current",
    )
