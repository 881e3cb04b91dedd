"""One try of one revision, as an Alembic run of exactly one step.

Alembic reads the version table, runs the step and writes the version table in one transaction; whatever
fails takes all of it back, so the same step can be tried again.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from alembic import context as environment
from alembic.runtime.migration import MigrationContext, RevisionStep, StampStep
from sqlalchemy import Connection

from interlocking.errors import CheckFailedError, RefusedError
from interlocking.upgrade.guarding.indexes import invalid
from interlocking.upgrade.guarding.interception import Interceptor
from interlocking.upgrade.guarding.ledger import Ledger
from interlocking.upgrade.guarding.settings import GuardSettings
from interlocking.upgrade.guarding.stopping import Stop
from interlocking.upgrade.guarding.timeouts import session_settings
from interlocking.upgrade.guarding.version_table import VersionTable

AlembicStep = RevisionStep | StampStep


@dataclass
class Heads:
    """What the version table holds, as far as this run knows.

    Args:
        now: after the last step that was committed.
        next: after the step that is running, once it has written the version table; else None.
    """

    now: tuple[str, ...]
    next: tuple[str, ...] | None = None


class Transactions:
    """Runs steps one at a time on a configured Alembic context.

    Args:
        context: as env.py configured it; its plan and its callbacks are replaced.
        interceptor: sees what revisions send.
        heads: kept up to date.
        table: the version table.
        settings: of the guard.
        stop: whether a signal has come.
    """

    def __init__(
        self,
        context: MigrationContext,
        interceptor: Interceptor,
        heads: Heads,
        table: VersionTable,
        *,
        settings: GuardSettings,
        stop: Stop,
    ) -> None:
        self._context = context
        self._table = table
        self._connection: Connection = context.connection  # type: ignore[assignment]  # never None online
        self._interceptor = interceptor
        self._heads = heads
        self._settings = settings
        self._stop = stop
        self._steps: Sequence[AlembicStep] = ()
        self._ledger: Ledger | None = None
        # `configure` takes it too, but only before the plan is known, and its type forgets that stamps are steps.
        context._migrations_fn = self._planned  # type: ignore[assignment]  # noqa: SLF001
        context.on_version_apply_callbacks = (*context.on_version_apply_callbacks, self._written)

    def attempt(self, steps: Sequence[AlembicStep], ledger: Ledger | None, *, lock_timeout: float, again: bool) -> None:
        """Try a revision, or a whole stamp, once.

        Args:
            steps: one revision, or what a stamp consists of.
            ledger: of the revision.
            lock_timeout: how long a statement may wait for a lock, in seconds.
            again: whether it was announced before.
        """
        self._steps, self._ledger, self._heads.next = steps, ledger, None
        heads = self._begin(session_settings(self._settings, lock_timeout))
        with _quiet(again), _standing_at(self._context, heads):
            environment.run_migrations()
        if self._connection.in_transaction():  # the revision committed by itself: the version row would be lost
            self._connection.commit()
        if self._heads.next is not None:
            self._heads.now, self._heads.next = self._heads.next, None

    def _begin(self, settings: dict[str, str]) -> tuple[str, ...] | None:
        """Set the session, in the transaction that Alembic will go on with.

        Returns:
            What the version table holds, read in the same round trip; None where it may not exist yet.
        """
        calls = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in settings.items())
        if not self._heads.now:
            self._connection.exec_driver_sql(f"SELECT {calls}")
            return None
        table = self._table.quoted.replace("%", "%%")
        read = f"ARRAY(SELECT version_num::text FROM {table})"  # noqa: S608 - quoted
        row = self._connection.exec_driver_sql(f"SELECT {calls}, {read}").one()
        return tuple(row[-1])

    def _planned(self, heads: tuple[str, ...], _context: MigrationContext) -> Iterator[AlembicStep]:
        if not self._context.purge and set(heads) != set(self._heads.now):
            raise _moved(self._heads.now, heads)
        for step in self._steps:
            yield self._observed(step) if isinstance(step, RevisionStep) else step

    def _observed(self, step: RevisionStep) -> RevisionStep:
        """Return the step with its body open to the interceptor."""
        observed = RevisionStep(step.revision_map, step.revision, step.is_upgrade)
        body = observed.migration_fn

        @functools.wraps(body)
        def run(**arguments: Any) -> None:  # noqa: ANN401 - env.py's
            assert self._ledger is not None  # noqa: S101 - every revision has one
            with self._interceptor.body(self._ledger):
                body(**arguments)

        observed.migration_fn = run
        return observed

    def _written(self, *, heads: set[str], **_facts: object) -> None:
        """The version table is written and not yet committed: the last moment to object."""
        self._stop.check()
        for error in self._interceptor.refused.values():
            raise error
        self._heads.next = tuple(sorted(heads))
        if self._ledger is None:
            return
        raw: Any = self._connection.connection.dbapi_connection
        with raw.cursor() as cursor:
            if self._interceptor.made:
                _require_valid(cursor, self._interceptor, self._ledger)
            self._ledger.close(cursor)


def _require_valid(cursor: Any, interceptor: Interceptor, ledger: Ledger) -> None:  # noqa: ANN401 - any driver's
    found = invalid(cursor, interceptor.made)
    if found:
        raise CheckFailedError(
            f"{ledger.owner.revision} leaves {', '.join(found)} INVALID",
            code="left-invalid",
            why="PostgreSQL keeps it up to date and never uses it; IF NOT EXISTS takes it for the real one",
            next="drop it and let the revision build it: DROP INDEX CONCURRENTLY",
        )


@contextmanager
def _standing_at(context: MigrationContext, heads: tuple[str, ...] | None) -> Iterator[None]:
    """Let Alembic know what the version table holds: it would look whether that exists, and then read it again."""
    if heads is None:
        yield
        return
    context.get_current_heads = lambda: heads  # type: ignore[method-assign]  # of this one object
    try:
        yield
    finally:
        del context.get_current_heads


@contextmanager
def _quiet(again: bool) -> Iterator[None]:  # noqa: FBT001 - one caller
    """Keep Alembic from announcing the same revision at every try."""
    if not again:
        yield
        return
    logger = logging.getLogger("alembic.runtime.migration")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _moved(expected: Sequence[str], found: Sequence[str]) -> RefusedError:
    return RefusedError(
        f"the database moved from {', '.join(expected) or 'base'} to {', '.join(found) or 'base'} meanwhile",
        code="database-moved",
        why="another program runs migrations without the guard; what was planned may be done already",
        next="run the command again when it has ended",
    )
