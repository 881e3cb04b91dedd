"""What became of a revision whose session ended: never "maybe".

A lost connection says nothing about a COMMIT that was on its way. So the old session is ended for certain,
and a new one reads the version table.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from interlocking.durations import say_duration
from interlocking.errors import UnavailableError
from interlocking.upgrade.guarding.progress import ProgressTable
from interlocking.upgrade.guarding.settings import GuardSettings
from interlocking.upgrade.guarding.side import SideConnection
from interlocking.upgrade.guarding.sqlstates import is_connection_lost
from interlocking.upgrade.guarding.version_table import VersionTable

_POLL = 0.05
_BACKEND = text("SELECT pid, backend_start::text FROM pg_catalog.pg_stat_activity WHERE pid = pg_backend_pid()")
_END = """
    SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE pid = %s AND backend_start::text = %s
"""


@dataclass(frozen=True, slots=True)
class Backend:
    """A session as the server knows it.

    Args:
        pid: its process id, which may be used again.
        started: when it began, which tells it from a later one.
    """

    pid: int
    started: str


@dataclass(frozen=True, slots=True)
class Settled:
    """Where the database stands, for certain.

    Args:
        heads: the revisions in the version table, sorted.
        half_applied: whether statements of an unfinished revision have committed.
    """

    heads: tuple[str, ...]
    half_applied: bool


def backend_of(connection: Connection) -> Backend:
    """Return who serves a connection; leaves no transaction behind."""
    pid, started = connection.execute(_BACKEND).one()
    connection.rollback()
    return Backend(pid, started)


def settle(
    engine: Engine, table: VersionTable, backend: Backend, settings: GuardSettings, *, say: Callable[[str], None]
) -> Settled:
    """End what is left of a session, and read where the database stands.

    Args:
        engine: connects anew, for as long as the settings say.
        table: the version table.
        backend: the session that was migrating.
        settings: of the guard.
        say: is told that the server does not answer.

    Raises:
        UnavailableError: it does not come back.
    """
    side = _reconnect(engine, settings, say=say)
    try:
        while side.rows(_END, (backend.pid, backend.started)):
            time.sleep(_POLL)
        return Settled(table.read(side), ProgressTable(side, table).load() is not None)
    finally:
        side.close()


def _reconnect(engine: Engine, settings: GuardSettings, *, say: Callable[[str], None]) -> SideConnection:
    deadline = time.monotonic() + settings.reconnect
    told = False
    while True:
        try:
            return _side(engine, settings.application_name)
        except Exception as error:
            if not is_connection_lost(error):
                raise
            if time.monotonic() >= deadline:
                raise _gone(settings) from error
        if not told:
            told = True
            say("the server does not answer; trying to reach it, to learn what it has committed")
        time.sleep(_POLL)


def _side(engine: Engine, name: str) -> SideConnection:
    side = SideConnection(engine)
    side.set_up(name)
    return side


def _gone(settings: GuardSettings) -> UnavailableError:
    return UnavailableError(
        f"the connection was lost, and the server did not come back within {say_duration(settings.reconnect)}",
        code="connection-lost",
        why="the revision that ran is either applied or undone: the version table will say which",
        next="when the server answers again: flask db current; then run the same command again",
    )
