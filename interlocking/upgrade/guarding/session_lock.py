"""One upgrade at a time: session advisory locks, polled.

Polled, because a session that *waits* for one has a snapshot, which CREATE INDEX CONCURRENTLY waits for: a
runner that waits in `pg_advisory_lock` and the one that builds an index deadlock.
Source: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, text

from interlocking.durations import say_duration
from interlocking.errors import UnavailableError
from interlocking.upgrade.guarding.patience import jittered
from interlocking.upgrade.guarding.side import Row, SideConnection
from interlocking.upgrade.guarding.version_table import VersionTable

Say = Callable[[str], None]

_POLL = 0.1
_LONGEST_POLL = 0.5
_TRY = "SELECT pg_try_advisory_lock(%s)"
# pg_locks shows a 64-bit key in two halves, with objsubid 1.
_HOLDER = """
    SELECT a.pid, a.application_name, COALESCE(host(a.client_addr), 'this machine'),
           to_char(a.backend_start, 'HH24:MI:SS TZ'), extract(epoch FROM clock_timestamp() - a.backend_start)
    FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
      AND l.classid = ((%s::bigint >> 32) & 4294967295)::oid AND l.objid = (%s::bigint & 4294967295)::oid
"""


def take_turn(side: SideConnection, table: VersionTable, *, wait: float, say: Say) -> float:
    """Take the lock of one history, after whoever has it now.

    Args:
        side: keeps the lock until it is closed.
        table: whose history.
        wait: how long to wait for another runner, in seconds.
        say: is told once who has it and since when.

    Returns:
        How long it took, in seconds.

    Raises:
        UnavailableError: the other one did not end in time; nothing was changed.
    """
    key = table.lock_key("turn")
    began = time.monotonic()
    told: object = None
    pause = _POLL
    while side.row(_TRY, (key,)) != (True,):
        holder = _holder(side, key)
        if time.monotonic() - began >= wait:
            raise _still_running(holder, wait)
        if holder and holder[0] != told:
            told = holder[0]
            say(f"waiting for another upgrade of this database: {_described(holder)}")
        time.sleep(jittered(pause))
        pause = min(_LONGEST_POLL, pause * 1.2)
    return time.monotonic() - began


def take_over(side: SideConnection, connection: Connection, table: VersionTable, *, say: Say) -> None:
    """Mark the migrating connection, once no session of an earlier runner migrates any more.

    A runner that was killed leaves its server process working until that notices: it could still commit. Its
    turn is over (we have it), so its session is ended.

    Args:
        side: the connection that has the turn.
        connection: the one that migrates; the mark lasts as long as its session.
        table: whose history.
        say: is told who was ended.
    """
    key = table.lock_key("work")
    told: object = None
    while not _marked(connection, key):
        holder = _holder(side, key)
        if holder and holder[0] != told:
            told = holder[0]
            say(f"ending the session that an interrupted upgrade left behind: {_described(holder)}")
            side.rows("SELECT pg_terminate_backend(%s)", (told,))
        time.sleep(0.02)


def _marked(connection: Connection, key: int) -> bool:
    """Try to take the lock in a transaction of its own: Alembic must find none open."""
    with connection.begin():
        return bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar_one())


def _holder(side: SideConnection, key: int) -> Row | None:
    found: list[Any] = side.rows(_HOLDER, (key, key))
    return found[0] if found else None


def _described(holder: Row) -> str:
    pid, application, address, since, seconds = holder
    return f"process {pid} ({application or 'unnamed'}, from {address}), since {since} ({say_duration(float(seconds))})"


def _still_running(holder: Row | None, wait: float) -> UnavailableError:
    who = f": {_described(holder)}" if holder else ""
    return UnavailableError(
        f"another upgrade of this database did not end within {say_duration(wait)}{who}",
        code="upgrade-running",
        why="two at once would run the same revision twice; nothing was changed",
        next="wait for it and try again, or raise INTERLOCKING_GUARD_TURN_WAIT",
    )
