"""The time-outs and the name of the migrating session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, text

from interlocking.durations import milliseconds
from interlocking.upgrade.guarding.settings import GuardSettings
from interlocking.upgrade.guarding.statements import Statement

_NAME = text(
    "SELECT set_config('application_name', :name, false)"
    " WHERE current_setting('application_name') NOT LIKE 'interlocking %'"
)
_READ = "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"
_WRITE = "SELECT set_config('lock_timeout', %s, false), set_config('statement_timeout', %s, false)"


def session_settings(settings: GuardSettings, lock_timeout: float) -> dict[str, str]:
    """Return the settings of a try, as PostgreSQL takes them.

    Args:
        settings: of the guard.
        lock_timeout: of this try, in seconds.
    """
    return {
        "lock_timeout": milliseconds(lock_timeout),
        "statement_timeout": milliseconds(settings.statement_timeout),
        "idle_in_transaction_session_timeout": milliseconds(settings.idle_in_transaction_timeout),
    }


def name_session(connection: Connection, name: str) -> None:
    """Name the migrating session for `pg_stat_activity`, unless a task of the suite, which must find it, has."""
    with connection.begin():
        connection.execute(_NAME, {"name": name})


def is_harmless(statement: Statement) -> tuple[bool, bool]:
    """Return whether a statement may wait for locks without limit, and whether it may run without limit.

    What works CONCURRENTLY waits without making anybody wait, and a time-out would leave an INVALID index.
    VALIDATE CONSTRAINT scans under a lock that lets readers and writers pass.
    """
    return statement.concurrently, statement.concurrently or statement.kind == "validate"


@contextmanager
def unhurried(raw: Any, statement: Statement) -> Iterator[None]:  # noqa: ANN401 - any driver's
    """Lift the time-outs that would only do harm to a statement, and put them back."""
    any_lock, any_time = is_harmless(statement)
    if not any_time:
        yield
        return
    with raw.cursor() as cursor:
        cursor.execute(_READ)
        before = cursor.fetchone()
        cursor.execute(_WRITE, ("0" if any_lock else before[0], "0"))
        try:
            yield
        except BaseException:
            with suppress(Exception):  # a rollback puts them back as well
                cursor.execute(_WRITE, before)
            raise
        cursor.execute(_WRITE, before)
