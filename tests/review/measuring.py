"""What a statement really locks, reads and rewrites, asked of the server itself."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import psycopg2
from psycopg2 import errors, extensions

from interlocking.review.schema.locks import STRENGTH
from tests.waiting import DEADLINE_SECONDS

_LOCKS = "SELECT relation, mode, granted FROM pg_locks WHERE pid = %s AND locktype = 'relation'"
_STATE = """
SELECT oid, relname::text, relfilenode,
       coalesce((SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relid = oid), 0)
FROM pg_class WHERE relkind IN ('r', 'p', 'm') AND relnamespace = 'public'::regnamespace
"""
_WEAKEST = STRENGTH["row exclusive"]


@dataclass(frozen=True)
class Measured:
    """What was seen.

    Args:
        locks: the strongest lock of each table, from row exclusive on.
        rewritten: tables that have another file now.
        read: tables of which rows were read.
    """

    locks: dict[str, str]
    rewritten: frozenset[str]
    read: frozenset[str]


def measure(connection: extensions.connection, sql: str, *, first: str = "") -> Measured:
    """Run a statement in a transaction, look at what it holds, and roll back."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(first or "SELECT 1")
            before = _state(cursor)
            held = _held(connection)
            cursor.execute(sql)
            after = _state(cursor)
            locks = _held(connection)
    finally:
        connection.rollback()
    both = before.keys() & after.keys()
    return Measured(
        locks={before[oid].name: mode for oid, mode in locks.items() if oid in before and held.get(oid) != mode},
        rewritten=frozenset(before[oid].name for oid in both if before[oid].file != after[oid].file),
        read=frozenset(before[oid].name for oid in both if before[oid].rows < after[oid].rows),
    )


def requested(url: str, sql: str, *, held: str) -> dict[str, str]:
    """Run a statement that no transaction may hold beside a session that is in its way; return what it waits for.

    Args:
        url: of the database.
        sql: the statement.
        held: what the other session does first, inside a transaction that it keeps open.
    """
    with _open(url) as other, _open(url) as runner:
        runner.autocommit = True
        other.cursor().execute(held)
        thread = threading.Thread(target=_run, args=(runner, sql))
        thread.start()
        try:
            return _waiting(other, runner.info.backend_pid)
        finally:
            other.cursor().execute("SELECT pg_cancel_backend(%s)", [runner.info.backend_pid])
            other.rollback()
            thread.join()


def _run(connection: extensions.connection, sql: str) -> None:
    try:
        connection.cursor().execute(sql)
    except errors.QueryCanceled:
        return


def _waiting(connection: extensions.connection, pid: int) -> dict[str, str]:
    end = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(_LOCKS, [pid])
            waiting = {oid: _words(mode) for oid, mode, granted in cursor.fetchall() if not granted}
            if waiting:
                return {table.name: waiting[oid] for oid, table in _state(cursor).items() if oid in waiting}
    raise AssertionError("the statement waited for no table lock")


@contextmanager
def _open(url: str) -> Iterator[extensions.connection]:
    connection = psycopg2.connect(url)
    try:
        yield connection
    finally:
        connection.close()


class _Table(NamedTuple):
    """A table at one moment: its name, its file, and how many of its rows this transaction has read."""

    name: str
    file: int
    rows: int


def _state(cursor: extensions.cursor) -> dict[int, _Table]:
    cursor.execute(_STATE)
    return {oid: _Table(*rest) for oid, *rest in cursor.fetchall()}


def _held(connection: extensions.connection) -> dict[int, str]:
    """Return the strongest lock on each relation, from row exclusive on."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCKS, [connection.info.backend_pid])
        found = [(oid, _words(mode)) for oid, mode, _ in cursor.fetchall()]
    strong = [(oid, mode) for oid, mode in found if STRENGTH[mode] >= _WEAKEST]
    return dict(sorted(strong, key=lambda each: STRENGTH[each[1]]))


def _words(mode: str) -> str:
    """`AccessExclusiveLock` as `access exclusive`."""
    return " ".join(re.findall(r"[A-Z][a-z]+", mode.removesuffix("Lock"))).lower()
