"""The run itself: one revision after the other, and what became of each."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from alembic.runtime.migration import MigrationContext, RevisionStep
from sqlalchemy import Connection, Engine

from interlocking.errors import StoppedError, UnavailableError
from interlocking.redaction import mask_url
from interlocking.upgrade.guarding.interception import Interceptor
from interlocking.upgrade.guarding.ledger import Ledger
from interlocking.upgrade.guarding.observer import Observer, Outcome, Report, Step
from interlocking.upgrade.guarding.outside import OutsideTransaction
from interlocking.upgrade.guarding.progress import ProgressTable
from interlocking.upgrade.guarding.resume import Found, check_unfinished, open_ledger
from interlocking.upgrade.guarding.retrying import Effort, Retrier
from interlocking.upgrade.guarding.settings import GuardSettings
from interlocking.upgrade.guarding.side import SideConnection
from interlocking.upgrade.guarding.sqlstates import is_connection_lost
from interlocking.upgrade.guarding.stopping import Stop, interruption
from interlocking.upgrade.guarding.transaction import AlembicStep, Heads, Transactions
from interlocking.upgrade.guarding.verdict import backend_of, settle
from interlocking.upgrade.guarding.version_table import VersionTable

Unit = tuple[Step, Sequence[AlembicStep]]
_FATES: dict[Outcome, str] = {
    "applied": "was committed",
    "rolled-back": "was rolled back",
    "half-applied": "is half applied: statements of it have committed, and the next run goes on after them",
}


class Guarded:
    """Runs steps on a database whose turn is ours.

    Args:
        engine: makes another connection when this one is lost.
        context: Alembic's, configured with the migrating connection.
        side: the connection that has the turn.
        table: the version table.
        settings: of the guard.
        observer: hears how it goes.
        stop: whether a signal has come.
    """

    def __init__(
        self,
        engine: Engine,
        context: MigrationContext,
        side: SideConnection,
        table: VersionTable,
        *,
        settings: GuardSettings,
        observer: Observer,
        stop: Stop,
    ) -> None:
        self._engine = engine
        self._context = context
        self._connection: Connection = context.connection  # type: ignore[assignment]  # never None online
        self._side = side
        self._table = table
        self._settings = settings
        self._observer = observer
        self._stop = stop
        self._backend = backend_of(self._connection)
        raw = self._connection.connection.dbapi_connection
        self._interceptor = Interceptor(
            self._connection, OutsideTransaction(raw, side, say=observer.note), on_commit=self._part_committed
        )
        self._heads = Heads(())
        self._transactions = Transactions(context, self._interceptor, self._heads, table, settings=settings, stop=stop)
        self._retrier = Retrier(settings, side, own=self._backend.pid, say=observer.note)
        self._progress = ProgressTable(side, table)
        self._running: Step | None = None
        self._before: tuple[str, ...] = ()
        self.failed: Report | None = None

    def run(self, heads: tuple[str, ...], steps: Sequence[AlembicStep]) -> None:
        """Run what was planned.

        Args:
            heads: where the database stands.
            steps: what Alembic has planned from there.

        Raises:
            InterlockingError: something of the guard's own is in the way.
            Exception: whatever a revision raised; `standing` says what became of it.
        """
        self._heads.now = self._before = tuple(sorted(heads))
        units = list(_units(steps))
        found = self._unfinished(units[0][0])
        with self._interceptor.listening():
            for step, parts in units:
                ledger = None
                if step.direction != "stamp":
                    ledger = open_ledger(step, self._progress, found, say=self._observer.note)
                self._step(step, parts, ledger)

    @property
    def changed(self) -> bool:
        """Whether the database is not as it was found."""
        return self._heads.now != self._before or bool(self.failed and self.failed.outcome == "half-applied")

    @property
    def standing(self) -> str:
        """What became of the revision that failed, and where the database stands; empty when nothing happened."""
        place = f"the database is at {', '.join(self._heads.now) or 'base'}"
        if self.failed is None:
            return place if self.changed else ""
        return f"{self.failed.step.revision} {_FATES[self.failed.outcome]}; {place}"

    def _unfinished(self, first: Step) -> Found | None:
        if first.direction == "stamp":
            return None
        return check_unfinished(
            self._context, self._heads.now, first, self._progress, changed_file=self._settings.changed_file
        )

    def _step(self, step: Step, parts: Sequence[AlembicStep], ledger: Ledger | None) -> None:
        self._running, effort, began = step, Effort(), time.monotonic()
        self._observer.started(step)
        try:
            self._retrier.until_done(
                lambda timeout, again: self._try(parts, ledger, timeout, again=again),
                effort,
                wanted=lambda: self._interceptor.wanted,
            )
        except BaseException as raised:  # noqa: BLE001 - raised again below, unless all is done
            error = interruption(raised) or self._stop.error or raised
            outcome = self._outcome(error, ledger)
            self._end(Report(step, outcome, effort.tries, effort.waited, time.monotonic() - began, _one_line(error)))
            self._raise_unless_done(step, outcome, error)
            return
        self._end(Report(step, "applied", effort.tries, effort.waited, time.monotonic() - began))

    def _try(self, parts: Sequence[AlembicStep], ledger: Ledger | None, timeout: float, *, again: bool) -> None:
        try:
            self._transactions.attempt(parts, ledger, lock_timeout=timeout, again=again)
        except BaseException as error:
            if not is_connection_lost(error):
                self._connection.rollback()
            raise

    def _outcome(self, error: BaseException, ledger: Ledger | None) -> Outcome:
        """Find out what became of a revision; the session may be gone, or have been stopped inside a COMMIT."""
        if not isinstance(error, KeyboardInterrupt | StoppedError) and not is_connection_lost(error):
            return "half-applied" if ledger and ledger.entries else "rolled-back"
        self._connection.invalidate()
        settled = settle(self._engine, self._table, self._backend, self._settings, say=self._observer.note)
        expected, self._heads.now = self._heads.next, settled.heads
        if expected is not None and settled.heads == expected:
            return "applied"
        return "half-applied" if settled.half_applied else "rolled-back"

    def _end(self, report: Report) -> None:
        self._running = None
        self.failed = report if report.error else None
        self._observer.ended(report)

    def _raise_unless_done(self, step: Step, outcome: Outcome, error: BaseException) -> None:
        """Raise what ended a revision, unless all that was asked for is done."""
        if not is_connection_lost(error) or isinstance(error, KeyboardInterrupt | StoppedError):
            raise error
        if outcome == "applied" and step.position[0] == step.position[1]:
            self._observer.note(f"the connection was lost when {step.revision} had been committed: all is done")
            self.failed = None
            return
        raise UnavailableError(
            f"the connection to the database was lost while {step.revision} ran",
            code="connection-lost",
            why=self.standing,
            next="run the same command again",
        ) from error

    def _part_committed(self) -> None:
        if self._running is not None:
            self._observer.committed(self._running)


def _units(steps: Sequence[AlembicStep]) -> Iterator[Unit]:
    """Yield what is done in one transaction: a revision each, or a stamp with all that it consists of."""
    revisions = [step for step in steps if isinstance(step, RevisionStep)]
    for number, each in enumerate(revisions, 1):
        yield (
            Step(
                revision=each.revision.revision,
                direction="upgrade" if each.is_upgrade else "downgrade",
                position=(number, len(revisions)),
                path=Path(each.revision.path),
            ),
            (each,),
        )
    if not revisions:
        names = {name for step in steps for name in step.to_revisions}
        yield Step(", ".join(sorted(names)) or "base", "stamp", (1, 1)), steps


def _one_line(error: BaseException) -> str:
    return mask_url(" ".join(str(error).split()) or type(error).__name__)
