"""`backfill`: change the rows of a large table in small steps, inside a revision, while the application runs.

One big UPDATE holds every row it has changed until its end, makes the replicas lag, and starts again from nothing when
it is interrupted. This walks along the table's key instead: see docs/backfill.md.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.psycopg2 import dialect

from interlocking.durations import say_duration
from interlocking.environment import backfill_dry_run
from interlocking.errors import RefusedError, UsageError
from interlocking.upgrade.audit.connection import open_beside
from interlocking.upgrade.backfilling.cleanup import Cleanup
from interlocking.upgrade.backfilling.key import Table, find_table
from interlocking.upgrade.backfilling.pace import Backfilling, Pace
from interlocking.upgrade.backfilling.progress import Notes
from interlocking.upgrade.backfilling.statements import (
    Assignments,
    Work,
    build_statements,
    check_key_is_kept,
    check_work,
)
from interlocking.upgrade.backfilling.walk import Walk

Tell = Callable[[Backfilling], None]

# The option of Alembic's context in which a review, which runs nothing, leaves a listener for the SQL (review/child).
TAKES_DOWN = "interlocking_takes_down"

_LOG = logging.getLogger("alembic.interlocking.backfill")
_SECONDS_BETWEEN_LINES = 5.0
_listener: ContextVar[Tell | None] = ContextVar("listener", default=None)


@dataclass(frozen=True, slots=True)
class Backfilled:
    """What a backfill did.

    Args:
        updated: rows that were changed, those of interrupted runs included.
        scanned: rows that were passed over, likewise.
        batches: of this run.
        retries: batches of this run that gave way to someone else's lock.
        seconds: of this run.
    """

    updated: int
    scanned: int
    batches: int
    retries: int
    seconds: float


def backfill(
    op: Operations,
    table: str,
    *,
    set: Assignments,
    where: str = "",
    key: str | Sequence[str] | None = None,
    schema: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    target: float = 0.05,
    duty: float = 0.9,
    lock_timeout: float = 0.05,
    max_lag: float = 10.0,
    max_lag_bytes: int = 64_000_000,
    patience: float = 900.0,
    dry_run: bool = False,
    progress: Tell | None = None,
) -> Backfilled:
    """Change the rows of a table in batches, each in a short transaction of its own.

    What the revision did before is committed first; the rest of the revision runs in a new transaction. Every row that
    was there at the beginning is met exactly once, also when the run is killed and started again; for that, the same
    work twice in one revision counts as once. In `--sql` mode one plain UPDATE is written instead.

    Args:
        op: Alembic's `op`, as imported in the revision.
        table: its name, as in `op.add_column`.
        set: column names to SQL expressions, or the text between SET and WHERE.
        where: which rows, as an SQL condition. One that the change makes false (`total IS NULL`) also finds rows
            that are inserted meanwhile.
        key: the columns of a unique key without NULL to walk along; the primary key when None.
        schema: the table's schema; the first of the search path that has the table when None.
        parameters: values of `:names` in the SQL.
        target: seconds that a batch shall take; its size follows.
        duty: share of the time spent working, above 0 and at most 1.
        lock_timeout: seconds that a batch may wait for a locked row before it gives way.
        max_lag: seconds that a replica may be behind.
        max_lag_bytes: the same, in bytes of WAL.
        patience: seconds to wait in all for one locked row, or for one replica.
        dry_run: count the rows and stop; so does the variable INTERLOCKING_BACKFILL_DRY_RUN.
        progress: hears of every batch, instead of Alembic's log.

    Returns:
        What was done; all zeros in `--sql` mode.

    Raises:
        UsageError: there is no such table, it has no key, or the arguments do not fit.
        RefusedError: it was a dry run; the revision is not applied.
        IncompleteError: someone was in the way for longer than the patience; run the upgrade again to go on.
        UnavailableError: the role may not keep the progress in the database.
    """
    work = Work(schema, table, set, where, dict(parameters or {}))
    pace = Pace(target, duty, lock_timeout, max_lag, max_lag_bytes, patience)
    _check(work, pace)
    context = op.get_context()
    take_down = context.opts.get(TAKES_DOWN)
    if take_down or context.as_sql:
        (take_down or _writer(context, work))(_as_script(work))
        return Backfilled(0, 0, 0, 0, 0.0)
    connection = op.get_bind()
    _require_alembics_transaction(context, connection)
    with _as_it_was(connection):
        found = find_table(connection, work, [key] if isinstance(key, str) else key or ())
        work = replace(work, schema=found.schema)
        check_key_is_kept(work, found.key)
        connection.execute(sa.text(f"EXPLAIN {work.plain()}"), work.parameters)  # the SQL's errors come before a commit
        if dry_run or backfill_dry_run():
            raise _dry_run(connection, work)
    return _run(context, connection, work=work, table=found, pace=pace, tell=progress or _listener.get() or _lines())


@contextmanager
def listening(tell: Tell) -> Iterator[None]:
    """Let `tell` hear of the backfills inside the block, instead of Alembic's log."""
    token = _listener.set(tell)
    try:
        yield
    finally:
        _listener.reset(token)


def say_progress(state: Backfilling) -> str:
    """Return one line about a backfill: `orders: 420,000 of about 2,000,000 rows (21 %), about 23 s left`."""
    if state.finished:
        return f"{state.table}: {state.updated:,} rows changed in {say_duration(state.seconds)}"
    if state.waiting:
        return f"{state.table}: waiting for {state.waiting}"
    share = ""
    if state.share is not None:
        share = f" of about {state.total:,} rows ({min(99, int(100 * state.share))} %)"
    left = f", about {say_duration(state.remaining)} left" if state.remaining is not None else ""
    return f"{state.table}: {state.scanned:,}{share or ' rows'}{left}"


def _run(
    context: MigrationContext, connection: Connection, *, work: Work, table: Table, pace: Pace, tell: Tell
) -> Backfilled:
    began = time.monotonic()
    with _as_it_was(connection):
        side = open_beside(connection, application_name="interlocking backfill", autocommit=False)
    with side:
        notes = Notes.made(side, work.fingerprint, relation=work.name)
        with context.autocommit_block():
            walk = Walk(
                side,
                statements=build_statements(work, table.key),
                parameters=dict(work.parameters),
                notes=notes,
                pace=pace,
                table=work.name,
                total=table.rows,
                tell=tell,
            )
            place = walk.run()
            Cleanup.of(context).add(notes.removal(side), side)
    tell(replace(walk.progress(place), finished=True))
    return Backfilled(place.updated, place.scanned, walk.batches, walk.retries, time.monotonic() - began)


def _check(work: Work, pace: Pace) -> None:
    check_work(work)
    if not 0 < pace.duty <= 1 or pace.target <= 0 or pace.lock_timeout <= 0:
        raise UsageError(
            f"the backfill of {work.name} has a duty, a target or a lock_timeout that cannot be",
            code="bad-setting",
            next="duty is above 0 and at most 1; target and lock_timeout are seconds above 0",
        )


def _as_script(work: Work) -> str:
    """Return the one statement that does the same at once."""
    update = sa.text(work.plain()).bindparams(**work.parameters)
    as_script = dialect(paramstyle="named")  # type: ignore[no-untyped-call]  # psycopg2's own style would double the percent signs
    return str(update.compile(dialect=as_script, compile_kwargs={"literal_binds": True}))


def _writer(context: MigrationContext, work: Work) -> Callable[[str], None]:
    """Return what writes it into the script of `--sql`, which has no loop with a memory."""

    def write(sql: str) -> None:
        context.impl.static_output(f"-- backfill of {work.name}: one UPDATE here; online it runs in small batches")
        context.impl.static_output(f"{sql};")

    return write


def _dry_run(connection: Connection, work: Work) -> RefusedError:
    count = connection.execute(sa.text(work.count()), work.parameters).scalar_one()
    return RefusedError(
        f"dry run: the backfill of {work.name} would change {count:,} rows",
        code="backfill-dry-run",
        why="the revision was rolled back and is not recorded as applied",
        next="run the upgrade without dry_run and INTERLOCKING_BACKFILL_DRY_RUN",
    )


@contextmanager
def _as_it_was(connection: Connection) -> Iterator[None]:
    """Let a connection that had no transaction have none afterwards."""
    in_transaction = connection.in_transaction()
    yield
    if not in_transaction:
        connection.rollback()


def _require_alembics_transaction(context: MigrationContext, connection: Connection) -> None:
    """Refuse a transaction that Alembic cannot commit: `autocommit_block` would fail on an assertion."""
    if context._transaction is None and connection.in_transaction():  # noqa: SLF001 - as autocommit_block asks
        raise UsageError(
            "env.py opened the transaction of the migrations itself, so a backfill cannot commit its batches",
            code="foreign-transaction",
            why="the batches must see what the revision did before, and must not wait for its locks",
            next="connect with engine.connect() in env.py and let context.begin_transaction() open the transaction",
        )


def _lines() -> Tell:
    """Return a listener that writes a line to Alembic's log every few seconds, and one at the end."""
    last = time.monotonic()

    def tell(state: Backfilling) -> None:
        nonlocal last
        if state.finished or time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            _LOG.info("backfill of %s", say_progress(state))

    return tell
