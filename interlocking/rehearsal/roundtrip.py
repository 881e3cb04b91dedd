"""The round trip: every revision in range up, down and up again, each from the state just before it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from interlocking.environment import Project
from interlocking.errors import InterlockingError, RefusedError, UsageError
from interlocking.plan import Event, Progress, silent
from interlocking.postgres.scratch import ScratchDatabases
from interlocking.rehearsal.bench import Bench
from interlocking.rehearsal.results import RevisionTrip, RoundTrip
from interlocking.rehearsal.stepper import loaded_project
from interlocking.rehearsal.verdict import judge
from interlocking.revisions.graph import Graph, build_graph


def round_trip(
    project: Project, databases: ScratchDatabases, revisions: Collection[str], *, progress: Progress = silent
) -> RoundTrip:
    """Try the round trip of `revisions` on scratch databases, which are dropped whatever happens.

    Args:
        project: the project on disk.
        databases: a server for scratch databases; see `place.choose_scratch_place`.
        revisions: what to try; see `selection.select_revisions`. What comes before is only applied.
        progress: hears of every revision.

    Raises:
        UsageError: the project cannot be loaded.
        RefusedError: env.py connects to another database than the scratch one.
        UnavailableError: the scratch server cannot be used.
        StoppedError: a signal ended it.
    """
    if not revisions:
        return RoundTrip(())
    work = databases.create("round_trip")
    with loaded_project(project, work) as (stepper, history):
        order = [each.id for each in history.revisions]
        chosen = [id_ for id_ in order if id_ in revisions]
        walk = _Walk(Bench(databases, work, stepper), build_graph(history), chosen, progress)
        last = max(order.index(id_) for id_ in chosen)
        return RoundTrip(tuple(walk.through(order[: last + 1])))


@dataclass
class _Walk:
    """Up a history, once.

    Args:
        bench: the database and the project.
        graph: what needs what.
        chosen: what is tried; everything else is only applied.
        progress: hears of every revision that is tried.
        applied: what the database holds, in order.
        broken: each revision that cannot be applied, and the failed one that it needs; or itself.
    """

    bench: Bench
    graph: Graph
    chosen: list[str]
    progress: Progress
    applied: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)

    def through(self, order: list[str]) -> Iterator[RevisionTrip]:
        """Apply `order`, and yield the verdict on each chosen one."""
        for is_chosen, ids in groupby(order, key=set(self.chosen).__contains__):
            if is_chosen:
                yield from map(self._told, ids)
            else:
                self._pass(list(ids))

    def _told(self, id_: str) -> RevisionTrip:
        position = (self.chosen.index(id_) + 1, len(self.chosen))
        self.progress(Event("started", f"round trip of {id_}", position=position))
        trip = self._try(id_)
        seconds = (trip.seconds_up or 0.0) + (trip.seconds_down or 0.0)
        self.progress(Event("done" if trip.ok else "failed", f"round trip of {id_}", seconds, position))
        return trip

    def _try(self, id_: str) -> RevisionTrip:
        cause = self._cause(id_)
        if cause is not None:
            return self._untested(id_, cause)
        seen = self.bench.try_out(id_)
        if isinstance(seen, InterlockingError):
            self._give_up(id_, seen)
            return RevisionTrip(id_, ok=False, error=seen.message)
        self.applied.append(id_)
        return judge(id_, seen, self.graph)

    def _untested(self, id_: str, cause: str) -> RevisionTrip:
        self.broken[id_] = cause
        error = f"{id_} could not be tried: it needs {cause}, which cannot be applied"
        return RevisionTrip(id_, ok=False, error=error, blocked_by=cause)

    def _pass(self, ids: list[str]) -> None:
        """Apply revisions that are not tried: all in one process while nothing fails."""
        error = self.bench.upgrade(ids)
        if error is None:
            self.applied.extend(ids)
            return
        self._rebuild()
        for id_ in ids:
            self._pass_one(id_)

    def _pass_one(self, id_: str) -> None:
        cause = self._cause(id_)
        if cause is not None:
            self.broken[id_] = cause
            return
        error = self.bench.upgrade([id_])
        if error is None:
            self.applied.append(id_)
        else:
            self._give_up(id_, error)

    def _cause(self, id_: str) -> str | None:
        """Return the failed revision that this one needs, if there is one."""
        return next((self.broken[each] for each in self.graph.requirements[id_] if each in self.broken), None)

    def _give_up(self, id_: str, error: InterlockingError) -> None:
        """Go on without a revision: what it committed before it failed must not reach the others."""
        if isinstance(error, RefusedError | UsageError):
            raise error  # not the revision's fault: the next one would say the same
        self.broken[id_] = id_
        self._rebuild()

    def _rebuild(self) -> None:
        self.bench.start_over()
        if self.applied and self.bench.upgrade(self.applied) is not None:
            self.bench.start_over()
            for id_ in self.applied:
                self.bench.upgrade([id_])
