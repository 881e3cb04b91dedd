"""How revisions hang together: parents, children, dependencies, heads.

Checked while it is built: a graph that exists has no duplicate ids, no missing parents and no cycles. Where a
name is Alembic's (heads, effective heads) so is the meaning: `alembic.script.revision.RevisionMap`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from interlocking.revisions.model import History, Revision
from interlocking.revisions.soundness import (
    require_acyclic,
    require_known_parents,
    require_readable,
    require_unique_ids,
    require_unique_labels,
)


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """A sound history of revisions. Build it with `build_graph`.

    Attributes:
        revisions: every revision by id, in reading order.
        labels: the id of the revision that declares each branch label.
        dependencies: the resolved `depends_on` of each revision, as ids.
        children: for each id, the revisions that name it as a parent.
        successors: for each id, its children and the revisions that depend on it.
        requirements: for each id, what must be applied before it: its parents, and those dependencies that
            none of its ancestors already has.
    """

    revisions: Mapping[str, Revision]
    labels: Mapping[str, str]
    dependencies: Mapping[str, tuple[str, ...]]
    children: Mapping[str, tuple[str, ...]]
    successors: Mapping[str, tuple[str, ...]]
    requirements: Mapping[str, tuple[str, ...]]

    @property
    def heads(self) -> tuple[str, ...]:
        """The revisions without children: what Alembic's `heads` command lists."""
        return tuple(id_ for id_ in self.revisions if not self.children[id_])

    @property
    def effective_heads(self) -> tuple[str, ...]:
        """The heads that nothing depends on: what the version table holds after an upgrade to `heads`."""
        return tuple(id_ for id_ in self.revisions if not self.successors[id_])

    @property
    def bases(self) -> tuple[str, ...]:
        """The revisions without parents."""
        return tuple(id_ for id_, revision in self.revisions.items() if not revision.down_revisions)

    def parents(self, id_: str) -> tuple[str, ...]:
        """Return the ids that a revision names as its `down_revision`."""
        return self.revisions[id_].down_revisions

    def ancestors(self, ids: Iterable[str]) -> set[str]:
        """Return `ids` and everything that must be applied before them."""
        return reachable(ids, self.requirements.__getitem__)

    def descendants(self, ids: Iterable[str]) -> set[str]:
        """Return `ids` and everything that needs them applied."""
        return reachable(ids, self.successors.__getitem__)

    def line_below(self, ids: Iterable[str]) -> set[str]:
        """Return `ids`, their parents, their parents' parents and so on; dependencies do not count."""
        return reachable(ids, self.parents)

    def line_above(self, ids: Iterable[str]) -> set[str]:
        """Return `ids`, their children, their children's children and so on; dependencies do not count."""
        return reachable(ids, self.children.__getitem__)


def build_graph(history: History) -> Graph:
    """Connect the revisions of a history.

    Args:
        history: every file must have been read: see `History.completed`.

    Raises:
        UsageError: a file is still unread, two files share an id, two branches a label, a parent or
            dependency does not exist, or the revisions form a cycle.
    """
    require_readable(history)
    require_unique_ids(history.revisions)
    revisions = {revision.id: revision for revision in history.revisions}
    require_unique_labels(revisions)
    labels = {label: revision.id for revision in revisions.values() for label in revision.branch_labels}
    require_known_parents(revisions, labels)
    dependencies = {
        id_: tuple(dict.fromkeys(labels.get(name, name) for name in revision.depends_on))
        for id_, revision in revisions.items()
    }
    require_acyclic(revisions, dependencies)
    return _connected(revisions, labels=labels, dependencies=dependencies)


def reachable(start: Iterable[str], neighbours: Callable[[str], Iterable[str]]) -> set[str]:
    """Return `start` and everything that can be reached from it."""
    seen: set[str] = set()
    todo = list(start)
    while todo:
        id_ = todo.pop()
        if id_ not in seen:
            seen.add(id_)
            todo.extend(neighbours(id_))
    return seen


def _connected(
    revisions: Mapping[str, Revision],
    *,
    labels: Mapping[str, str],
    dependencies: Mapping[str, tuple[str, ...]],
) -> Graph:
    parents = {id_: revision.down_revisions for id_, revision in revisions.items()}
    everything = {id_: _merged(parents[id_], dependencies[id_]) for id_ in revisions}
    return Graph(
        revisions=revisions,
        labels=labels,
        dependencies=dependencies,
        children=_reversed(parents),
        successors=_reversed(everything),
        requirements={id_: _merged(parents[id_], _own_dependencies(id_, parents, dependencies)) for id_ in revisions},
    )


def _reversed(edges: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    sources: dict[str, list[str]] = {id_: [] for id_ in edges}
    for id_, targets in edges.items():
        for target in targets:
            sources[target].append(id_)
    return {id_: tuple(found) for id_, found in sources.items()}


def _own_dependencies(
    id_: str, parents: Mapping[str, tuple[str, ...]], dependencies: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    """Yield the dependencies of a revision that no ancestor of it has."""
    if not dependencies[id_]:
        return
    ancestors = reachable([id_], parents.__getitem__) - {id_}
    inherited = {name for ancestor in ancestors for name in dependencies[ancestor]}
    yield from (name for name in dependencies[id_] if name not in inherited)


def _merged(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
