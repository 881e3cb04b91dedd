"""Random histories, as our graph and as Alembic's own map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic.script.revision import Revision as AlembicRevision
from alembic.script.revision import RevisionMap
from hypothesis import strategies as st

from interlocking.revisions.graph import Graph, build_graph
from interlocking.revisions.model import History, Revision


@dataclass(frozen=True)
class Pair:
    """One history in both readings."""

    graph: Graph
    alembic: RevisionMap


def pair(revisions: Sequence[Revision]) -> Pair:
    """Give the same revisions, in the same order, to both."""
    theirs = [
        AlembicRevision(each.id, each.down_revisions or None, each.depends_on or None, each.branch_labels or None)
        for each in revisions
    ]
    return Pair(build_graph(History(tuple(revisions))), RevisionMap(lambda: theirs))


@st.composite
def pairs(draw: st.DrawFn, *, largest: int = 14) -> Pair:
    """Histories with branches, merges, several bases, labels and dependencies, read in any order."""
    size = draw(st.integers(1, largest))
    revisions: list[Revision] = []
    for number in range(size):
        revisions.append(_one(draw, number, [each.id for each in revisions]))
    return pair(draw(st.permutations(revisions)))


def _one(draw: st.DrawFn, number: int, older: list[str]) -> Revision:
    parents: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    if older and draw(st.integers(0, 9)):
        near = older[-4:]
        parents = tuple(
            draw(st.lists(st.sampled_from(near), min_size=1, max_size=draw(st.sampled_from([1, 1, 1, 2])), unique=True))
        )
    # Alembic keeps several dependencies in a set, so only with one is its order the same in every process
    if set(older) - set(parents) and not draw(st.integers(0, 2)):
        dependencies = (draw(st.sampled_from(sorted(set(older) - set(parents)))),)
    labels = (f"label{number}",) if not draw(st.integers(0, 5)) else ()
    return Revision(f"rev{number:02}", Path(f"rev{number:02}.py"), parents, dependencies, labels)


@st.composite
def applied(draw: st.DrawFn, history: Pair) -> tuple[str, ...]:
    """What a version table can hold: the tips of a set of revisions that was applied in order."""
    chosen = draw(st.lists(st.sampled_from(list(history.graph.revisions)), max_size=3))
    everything = history.graph.ancestors(chosen)
    return tuple(
        id_
        for id_ in history.graph.revisions
        if id_ in everything and everything.isdisjoint(history.graph.successors[id_])
    )
