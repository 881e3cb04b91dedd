"""At which revision a database stands that records none: its catalog against what the revisions make, one by one.

The database is only read, once. The revisions run on a scratch database, each after the other; a long history is
walked in strides first, and then revision by revision where it comes close.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isqrt

from interlocking.environment import Project
from interlocking.plan import Event, Progress, silent
from interlocking.postgres.catalog import take_snapshot
from interlocking.postgres.connect import connect
from interlocking.postgres.diff import Difference, compare
from interlocking.postgres.scratch import ScratchDatabases
from interlocking.postgres.session import Session
from interlocking.postgres.snapshot import Snapshot
from interlocking.postgres.url import DatabaseUrl
from interlocking.rehearsal.bench import bookkeeping
from interlocking.rehearsal.stepper import Stepper, loaded_project
from interlocking.revisions.graph import Graph, build_graph

_COMPARED = 5
_SHORT = 12
# What an administrator sets on a database, and hardly a revision.
_NOT_SCHEMA = frozenset(
    ("database", "database setting", "default privileges", "publication", "subscription", "event trigger")
)
_PRIVILEGES = "privileges "


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a history, compared with the database.

    Args:
        revisions: what the version table would hold there; empty is base.
        differences: how the database differs from it: "missing" is what only the revisions make.
    """

    revisions: tuple[str, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Recognition:
    """Where a database seems to stand.

    Args:
        exact: the places with the very schema of the database, in the order of an upgrade. They are several when
            the later ones change rows only.
        nearest: the place that has most in common with the database; the first of `exact` when there is one.
        stopped_at: the revision that could not be applied to the scratch database, so that it and those after it
            were not compared; empty when all were.
    """

    exact: tuple[tuple[str, ...], ...]
    nearest: Place
    stopped_at: str


def recognise(
    project: Project, url: DatabaseUrl, databases: ScratchDatabases, *, progress: Progress = silent
) -> Recognition:
    """Compare a database with the places of the history.

    Args:
        project: the project on disk.
        url: the database; only its catalog is read.
        databases: a server for scratch databases.
        progress: hears of every revision.

    Raises:
        UsageError: the project cannot be loaded.
        UnavailableError: a server cannot be used.
    """
    work = databases.create("recognition")
    with loaded_project(project, work) as (stepper, history):
        with connect(url, readonly=True) as connection:
            found = _snapshot(connection, stepper)
        graph, order = build_graph(history), [each.id for each in history.revisions]
        walk = _Walk(databases, work, stepper, order, progress)
        stride = isqrt(len(order)) if len(order) > _SHORT else 1
        seen = walk.look(sorted({*range(0, len(order), stride), len(order)}))
        if stride > 1:
            seen = walk.look(_around_the_closest(seen, found, stride, walk))
    return _judged(found, {_heads(order[:number], graph): schema for number, schema in seen.items()}, walk.stopped_at)


class _Walk:
    """Up a history, with a snapshot after some of its revisions.

    Args:
        databases: where the scratch database is.
        work: the scratch database.
        stepper: the loaded project.
        order: the revisions.
        progress: hears where the walk is.
    """

    def __init__(
        self, databases: ScratchDatabases, work: DatabaseUrl, stepper: Stepper, order: list[str], progress: Progress
    ) -> None:
        self._databases = databases
        self._work = work
        self._stepper = stepper
        self._progress = progress
        self.order = order
        self._at = 0
        self._is_used = False
        self.stopped_before = len(order)

    @property
    def stopped_at(self) -> str:
        """The revision that could not be applied, once it was tried alone; empty when there is none."""
        return "".join(self.order[self.stopped_before : self.stopped_before + 1])

    def look(self, numbers: Sequence[int]) -> dict[int, Snapshot]:
        """Return the schema after so many revisions, ascending, as far as they can be applied."""
        if self._is_used:
            self._start_over()
        self._is_used = True
        seen: dict[int, Snapshot] = {}
        with connect(self._work) as connection:  # one for all: a new one has to learn the catalog again
            for number in numbers:
                if not self._climb(number):
                    break
                seen[number] = _snapshot(connection, self._stepper)
        return seen

    def _climb(self, number: int) -> bool:
        pending = self.order[self._at : number]
        if pending:
            position = (number, len(self.order))
            self._progress(Event("started", f"comparing with {pending[-1]}", position=position))
        if pending and self._stepper.run("upgrade", pending).error is not None:
            self.stopped_before = self._at
            return False
        self._at = number
        return True

    def _start_over(self) -> None:
        self._databases.recreate(self._work)
        self._stepper.database_exchanged()
        self._at = 0


def _around_the_closest(seen: Mapping[int, Snapshot], found: Snapshot, stride: int, walk: _Walk) -> range:
    """Return where to look again revision by revision: around the places that have most in common with `found`."""
    distances = {number: _distance(schema, found) for number, schema in seen.items()}
    closest = [number for number, distance in distances.items() if distance == min(distances.values())]
    failed = walk.stopped_before + stride if walk.stopped_at else 0
    end = max(closest[-1] + stride, failed)
    return range(max(0, closest[0] - stride), min(end, len(walk.order)) + 1)


def _heads(applied: Sequence[str], graph: Graph) -> tuple[str, ...]:
    return tuple(id_ for id_ in applied if not {*applied} & {*graph.successors[id_]})


def _distance(made: Snapshot, found: Snapshot) -> int:
    """Return how many objects are not the same; counting is a hundred times faster than comparing."""
    return len(made.objects ^ found.objects)


def _snapshot(connection: Session, stepper: Stepper) -> Snapshot:
    taken = take_snapshot(connection, ignore=bookkeeping(connection, *stepper.version_table))
    return Snapshot(frozenset(each for each in taken.objects if each.kind not in _NOT_SCHEMA))


def _judged(found: Snapshot, places: Mapping[tuple[str, ...], Snapshot], stopped_at: str) -> Recognition:
    """Compare in words only the few that are close."""
    distances = {heads: _distance(schema, found) for heads, schema in places.items()}
    limit = sorted({*distances.values()})[:_COMPARED][-1]
    close = [
        Place(heads, tuple(_differences(schema, found)))
        for heads, schema in places.items()
        if distances[heads] <= limit
    ]
    exact = [each for each in close if not each.differences]
    nearest = exact[0] if exact else min(close, key=lambda each: distances[each.revisions])
    return Recognition(tuple(each.revisions for each in exact), nearest, stopped_at)


def _differences(made: Snapshot, found: Snapshot) -> Iterator[Difference]:
    """Yield what differs but for grants, which belong to the roles of each server."""
    for each in compare(made, found).differences:
        detail = tuple(part for part in each.detail if not part.startswith(_PRIVILEGES))
        if detail or each.change != "altered":
            yield replace(each, detail=detail)
