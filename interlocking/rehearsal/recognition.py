"""At which revision a database stands that records none: its catalog against what the revisions make, one by one.

The database is only read, once. The revisions run on a scratch database, each after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

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
    """Compare a database with every place of the history.

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
        graph = build_graph(history)
        with connect(work) as connection:  # one for all: a new one has to learn the catalog again
            walk = _Walk(stepper, connection, progress)
            close = _closest(found, walk.through([each.id for each in history.revisions], graph))
    return _judged(found, close, walk.stopped_at)


class _Sight(NamedTuple):
    """One place, and how many objects are not the same there; counting is a hundred times faster than comparing."""

    distance: int
    heads: tuple[str, ...]
    schema: Snapshot


class _Walk:
    """Up a history, with a snapshot at every place.

    Args:
        stepper: the loaded project.
        connection: to its scratch database.
        progress: hears of every revision.
    """

    def __init__(self, stepper: Stepper, connection: Session, progress: Progress) -> None:
        self._stepper = stepper
        self._connection = connection
        self._progress = progress
        self.stopped_at = ""

    def through(self, order: list[str], graph: Graph) -> Iterable[tuple[tuple[str, ...], Snapshot]]:
        """Yield each place and its schema, base first, until a revision cannot be applied."""
        yield (), _snapshot(self._connection, self._stepper)
        applied: set[str] = set()
        for number, revision in enumerate(order, 1):
            self._progress(Event("started", f"comparing with {revision}", position=(number, len(order))))
            if self._stepper.run("upgrade", (revision,)).error is not None:
                self.stopped_at = revision
                return
            applied.add(revision)
            heads = tuple(id_ for id_ in order if id_ in applied and not applied & {*graph.successors[id_]})
            yield heads, _snapshot(self._connection, self._stepper)


def _closest(found: Snapshot, places: Iterable[tuple[tuple[str, ...], Snapshot]]) -> list[_Sight]:
    """Return the few places worth a comparison in words, in their order; memory holds no more of them."""
    kept: list[_Sight] = []
    for heads, schema in places:
        kept.append(_Sight(len(schema.objects ^ found.objects), heads, schema))
        limit = sorted({each.distance for each in kept})[:_COMPARED][-1]
        kept = [each for each in kept if each.distance <= limit]
    return kept


def _snapshot(connection: Session, stepper: Stepper) -> Snapshot:
    taken = take_snapshot(connection, ignore=bookkeeping(connection, *stepper.version_table))
    return Snapshot(frozenset(each for each in taken.objects if each.kind not in _NOT_SCHEMA))


def _judged(found: Snapshot, close: list[_Sight], stopped_at: str) -> Recognition:
    places = [Place(each.heads, tuple(_differences(each.schema, found))) for each in close]
    exact = [each for each in places if not each.differences]
    by_distance = sorted(zip(close, places, strict=True), key=lambda pair: pair[0].distance)
    nearest = exact[0] if exact else by_distance[0][1]
    return Recognition(tuple(each.revisions for each in exact), nearest, stopped_at)


def _differences(made: Snapshot, found: Snapshot) -> Iterator[Difference]:
    """Yield what differs but for grants, which belong to the roles of each server."""
    for each in compare(made, found).differences:
        detail = tuple(part for part in each.detail if not part.startswith(_PRIVILEGES))
        if detail or each.change != "altered":
            yield replace(each, detail=detail)
