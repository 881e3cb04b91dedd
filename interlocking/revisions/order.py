"""In which order revisions are applied and undone: exactly Alembic's, ties between branches included."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from interlocking.revisions.graph import Graph


def pending(graph: Graph, current: Iterable[str]) -> tuple[str, ...]:
    """Return what an upgrade to `heads` would apply, in that order.

    Args:
        graph: the revision files.
        current: the ids in the version table; every one must be known.
    """
    return upgrade_order(graph, targets=graph.effective_heads, current=current)


def upgrade_order(graph: Graph, *, targets: Collection[str], current: Iterable[str]) -> tuple[str, ...]:
    """Return what an upgrade to `targets` would apply, in that order; every id must be known."""
    needed = graph.ancestors(targets) - graph.ancestors(current)
    return tuple(reversed(newest_first(graph, needed)))


@dataclass(slots=True)
class _Lane:
    """One branch on the walk down: the revision that is next, and all that it needs."""

    tip: str
    needs: set[str]


def newest_first(graph: Graph, wanted: Iterable[str]) -> list[str]:
    """Sort `wanted` so that each revision comes before what it needs.

    As `RevisionMap._topological_sort`: walks down one branch as far as it can, and changes to
    another only where that one has to come first.
    """
    todo = set(wanted)
    tips = [id_ for id_ in graph.revisions if id_ in todo and todo.isdisjoint(graph.successors[id_])]
    lanes = [_Lane(id_, graph.ancestors([id_])) for id_ in tips]
    output: list[str] = []
    at = 0
    while lanes:
        tip = lanes[at].tip
        waits_for = next((index for index, lane in enumerate(lanes) if index != at and tip in lane.needs), None)
        if waits_for is not None:
            at = waits_for
            continue
        if tip in todo:
            todo.remove(tip)
            output.append(tip)
        at = _advance(graph, lanes, at, todo=todo)
    return output


def _advance(graph: Graph, lanes: list[_Lane], at: int, *, todo: Collection[str]) -> int:
    """Move a lane below its tip, opening new lanes at a merge; return the lane to go on with."""
    tip = lanes[at].tip
    open_tips = {lane.tip for lane in lanes}
    following = [id_ for id_ in graph.requirements[tip] if id_ in todo and id_ not in open_tips]
    if not following:
        del lanes[at]
        return max(at - 1, 0)
    if len(graph.requirements[tip]) == 1:
        lanes[at].needs.discard(tip)
        lanes[at].tip = following[0]
        return at
    fresh = [_Lane(id_, graph.ancestors([id_])) for id_ in following]
    lanes[at] = fresh[0]
    lanes.extend(fresh[1:])
    return at
