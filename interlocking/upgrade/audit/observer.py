"""The audit as the guard's observer: what it hears becomes rows; and what must hold before anything runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import Script, ScriptDirectory
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class, whatever its name says
from sqlalchemy import Engine

from interlocking.environment import child_environment
from interlocking.redaction import Redactor
from interlocking.upgrade.audit.origin import read_origin
from interlocking.upgrade.audit.row import Outcome
from interlocking.upgrade.audit.trail import Attempt, Recorder
from interlocking.upgrade.guarding.observer import Observer, Report, Step
from interlocking.upgrade.guarding.side import SideConnection
from interlocking.upgrade.guarding.sqlstates import is_connection_lost
from interlocking.upgrade.guarding.stopping import interruption
from interlocking.upgrade.guarding.version_table import VersionTable
from interlocking.upgrade.verifying.verify import file_checksum, require_unedited


class AuditObserver:
    """Writes a row when a revision begins, finishes it when it has ended, and passes everything on.

    The row is sent off before the first statement and waited for at the end: meanwhile the migration goes on.

    Args:
        inner: hears the same.
        recorder: writes the rows.
        worker: runs what needs not be waited for; one thing at a time.
        remarks: what the recorder says, to be passed on by the thread that migrates.
    """

    def __init__(self, inner: Observer, recorder: Recorder, worker: Executor, remarks: list[str]) -> None:
        self._inner = inner
        self._recorder = recorder
        self._worker = worker
        self._remarks = remarks
        self._attempt: Future[Attempt] | None = None

    def planned(self, heads: tuple[str, ...]) -> None:
        """Pass it on."""
        self._inner.planned(heads)

    def started(self, step: Step) -> None:
        """Send off the row."""
        checksum = file_checksum(step.path) if step.path else None
        self._attempt = self._worker.submit(self._recorder.begin, step.revision, step.direction, checksum=checksum)
        self._inner.started(step)

    def committed(self, step: Step) -> None:
        """Pass it on."""
        self._inner.committed(step)

    def ended(self, report: Report) -> None:
        """Finish the row."""
        if self._attempt is not None:
            number, of = report.step.position
            self._recorder.finish(
                self._attempt.result(),
                _outcome(report),
                tries=report.tries,
                waited=report.waited,
                error=report.error,
                at_once=bool(report.error) or number == of,
            )
        self._attempt = None
        self.pass_on_remarks()
        self._inner.ended(report)

    def note(self, text: str) -> None:
        """Pass it on."""
        self._inner.note(text)

    def pass_on_remarks(self) -> None:
        """Say what the recorder has to say."""
        while self._remarks:
            self._inner.note(self._remarks.pop(0))


@contextmanager
def audited(
    observer: Observer,
    engine: Engine,
    context: MigrationContext,
    *,
    side: SideConnection,
    table: VersionTable,
    heads: Sequence[str],
    steps: Sequence[object],
    folder: Path,
    schema: str,
) -> Iterator[Observer]:
    """Check the applied files, close what vanished runners left open, and audit what runs inside the block.

    Args:
        observer: hears of everything as before.
        engine: makes the audit's own connection.
        context: Alembic's.
        side: the connection that has the turn: nobody else runs.
        table: the version table.
        heads: what it holds.
        steps: what is about to run.
        folder: inside the project's working tree.
        schema: where the audit's table is made; empty is the first schema of the search path.

    Yields:
        The observer to use instead.

    Raises:
        RefusedError: the file of an applied revision was edited.
    """
    if not isinstance(side.raw, Connection):
        observer.note("no audit is written and no checksum compared: the driver is not psycopg2")
        yield observer
        return
    variables = child_environment()
    remarks: list[str] = []
    recorder = Recorder(
        lambda: _own_connection(engine),
        version_table=f"{table.schema}.{table.name}",
        origin=read_origin(folder, variables),
        schema=schema or None,
        redact=Redactor([engine.url.password] if isinstance(engine.url.password, str) else ()),
        warn=remarks.append,
    )
    files = applied_files(context.script, heads)
    if any(isinstance(step, RevisionStep) for step in steps):
        require_unedited(files, side.raw, version_table=f"{table.schema}.{table.name}")
    with recorder, ThreadPoolExecutor(max_workers=1) as worker:
        recorder.close_stale(files)
        audit = AuditObserver(observer, recorder, worker, remarks)
        audit.pass_on_remarks()
        yield audit


def applied_files(script: ScriptDirectory | None, heads: Sequence[str]) -> dict[str, Path]:
    """Return the file of every applied revision, by its id.

    Args:
        script: the revision files, as Alembic loaded them.
        heads: what the version table holds; all of them are in the files.
    """
    found: dict[str, Path] = {}
    todo: list[Script | None] = list(script.get_revisions(tuple(heads))) if script else []
    while todo and script:
        each = todo.pop()
        if each is None or each.revision in found:
            continue
        found[each.revision] = Path(each.path)
        for names in (each.down_revision, each.dependencies):
            todo.extend(script.get_revisions(names) if names else ())
    return found


def _own_connection(engine: Engine) -> Any:  # noqa: ANN401 - psycopg2's, behind SQLAlchemy's pool
    """Return a connection made as the project makes its own, and owned by nobody else."""
    pool = engine.pool.recreate()
    fairy = pool.connect()
    fairy.detach()
    return fairy.dbapi_connection


def _outcome(report: Report) -> Outcome:
    """Return what the audit says; called while the exception that ended the revision is being handled."""
    if report.outcome == "applied":
        return "applied"
    error = sys.exception()
    stopped = error is not None and (interruption(error) is not None or is_connection_lost(error))
    return "interrupted" if stopped else "failed"
