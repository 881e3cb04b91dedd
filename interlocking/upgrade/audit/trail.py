"""The audit: one row an attempt, written on a connection of its own, so that no rollback takes it away.

The row exists as `running` before the work begins and is finished after it. A runner that vanishes leaves it
`running`; the next one, which holds the migration lock and so knows that nobody runs, closes it with what the
version table says.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Self

import psycopg2
from psycopg2 import errors, sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class, whatever its name says

from interlocking.redaction import Redactor
from interlocking.upgrade.audit import row as audit_row
from interlocking.upgrade.audit.origin import Origin
from interlocking.upgrade.audit.row import AuditRow, Kind, Outcome
from interlocking.upgrade.audit.tables import AUDIT_TABLE
from interlocking.upgrade.guarding.observer import Direction

_LOG = logging.getLogger("alembic.interlocking")
# The audit never holds up a migration. Its commits need no flush of their own: a later commit of the migration brings
# the row along, and a row that a crash of the server took or left unfinished is completed by the next runner.
# https://www.postgresql.org/docs/current/wal-async-commit.html
# It has a name of its own, because an interrupted task ends the sessions that have the migration's.
_SESSION = (
    "SET lock_timeout = '2s'; SET statement_timeout = '5s'; SET synchronous_commit = off;"
    " SET application_name = 'interlocking audit'"
)
_LONGEST_ERROR = 2000
_CREATION_LOCK = 0x696C6B61  # "ilka"
_FORBIDDEN = (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction, errors.InvalidSchemaName)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A revision that runs now.

    Args:
        id: of its row; None when the audit is not written.
        began: reading of `perf_counter` when the row was made.
    """

    id: int | None
    began: float


class Recorder:
    """Writes the audit of one run. Nothing that goes wrong here stops a migration: it is said once, as a warning.

    Args:
        connect: opens the recorder's own connection; called when the first row is written, and again after a
            connection was lost.
        version_table: the table that holds the revisions, as `schema.name`.
        origin: who runs it, and where.
        schema: where the table is made; None is the first schema of the search path.
        redact: removes secrets from error texts.
        warn: is told once why there is no audit.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        *,
        version_table: str,
        origin: Origin,
        schema: str | None = None,
        redact: Callable[[str], str] | None = None,
        warn: Callable[[str], object] = _LOG.warning,
    ) -> None:
        self._connect = connect
        self._version_table = version_table
        self._origin = origin
        self._schema = schema
        self._redact = redact or Redactor()
        self._warn = warn
        self._connection: Connection | None = None
        self._table: sql.Composable | None = None
        self._refused = False
        self._unwritten: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def begin(self, revision: str, direction: Direction, *, checksum: str | None) -> Attempt:
        """Write the row of an attempt before its first statement.

        Args:
            revision: its id.
            direction: which function is about to run.
            checksum: of its file; None when there is only a compiled one.
        """
        return Attempt(self._insert("attempt", revision, direction, checksum, "running"), perf_counter())

    def finish(
        self,
        attempt: Attempt,
        outcome: Outcome,
        *,
        tries: int = 1,
        waited: float = 0.0,
        error: str = "",
        at_once: bool = True,
    ) -> None:
        """Complete the row of an attempt.

        Args:
            attempt: what `begin` returned.
            outcome: what is known to have happened; `running` leaves the verdict to the next runner.
            tries: how often it was begun.
            waited: seconds that went into waiting for locks.
            error: why it failed; secrets are removed.
            at_once: or together with the next row, which saves a round trip; `close` writes it too.
        """
        if attempt.id is None:
            return
        values = {"id": attempt.id, "ended": outcome, "tries": tries, "waited": waited}
        said = self._redact(error)[:_LONGEST_ERROR]
        self._unwritten = {**values, "seconds": perf_counter() - attempt.began, "error": said}
        if at_once:
            self._write_unwritten()

    def accept(self, revision: str, *, checksum: str | None) -> bool:
        """Sign the file of an applied revision as it is now.

        Args:
            revision: its id.
            checksum: of the file; None signs that there is no file any more.

        Returns:
            Whether the signature could be written.
        """
        return self._insert("accepted", revision, "upgrade", checksum, "applied") is not None

    def close_stale(self, applied: Collection[str]) -> int:
        """Close the rows of runners that vanished; only for the holder of the migration lock.

        Args:
            applied: every revision that is applied now: those in the version table and what they stand on.

        Returns:
            How many there were.
        """
        values = {"applied": list(applied), "version_table": self._version_table}
        return len(self._run(audit_row.CLOSE_STALE, values))

    def close(self) -> None:
        """Write what is left, and give up the connection; a later row opens another one."""
        self._write_unwritten()
        self._disconnect()

    def _write_unwritten(self) -> None:
        values, self._unwritten = self._unwritten, {}
        if values:
            self._run(audit_row.FINISH, values)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._table = None

    def _insert(
        self, kind: Kind, revision: str, direction: Direction, checksum: str | None, outcome: Outcome
    ) -> int | None:
        origin = self._origin
        where = {"actor": origin.actor, "host": origin.host, "git_commit": origin.commit}
        what = {"kind": kind, "revision": revision, "direction": direction, "checksum": checksum, "outcome": outcome}
        before, self._unwritten = self._unwritten, {}
        insert = audit_row.FINISH + audit_row.INSERT if before else audit_row.INSERT
        rows = self._run(insert, {"version_table": self._version_table, **where, **what, **before})
        return rows[0][0] if rows else None

    def _run(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one statement, on a new connection if the old one was lost; no rows when that is impossible."""
        for last in (False, True):
            if self._refused:
                break
            try:
                return self._execute(statement, values)
            except psycopg2.Error as error:
                self._disconnect()
                if last or isinstance(error, _FORBIDDEN):
                    self._refused = isinstance(error, _FORBIDDEN)
                    self._warn(f"no audit is written: {self._redact(_sentence(error))}")
                    break
        return []

    def _execute(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        if self._connection is None:
            self._connection = self._opened()
        if self._table is None:
            self._table = find_table(self._connection, self._schema) or self._create(self._connection)
        with self._connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(table=self._table), dict(values))
            return list(cursor.fetchall()) if cursor.description else []

    def _opened(self) -> Connection:
        opened = self._connect()
        opened.autocommit = True
        with opened.cursor() as cursor:
            cursor.execute(_SESSION)
        return opened

    def _create(self, connection: Connection) -> sql.Composable:
        """Make the table; the lock is there because two CREATE TABLE IF NOT EXISTS at once can collide."""
        table = sql.Identifier(*filter(None, (self._schema, AUDIT_TABLE)))
        lock = sql.SQL("SELECT pg_advisory_xact_lock({});").format(sql.Literal(_CREATION_LOCK))
        make_schema = sql.SQL("CREATE SCHEMA IF NOT EXISTS {};").format(sql.Identifier(self._schema or ""))
        prepare = make_schema if self._schema and not _has_schema(connection, self._schema) else sql.SQL("")
        with connection.cursor() as cursor:
            cursor.execute(lock + prepare + sql.SQL(audit_row.CREATE).format(table=table))
        return table


def find_table(connection: Connection, schema: str | None = None) -> sql.Identifier | None:
    """Return the audit table of a database, or None when nothing was ever guarded there.

    Args:
        connection: to the database.
        schema: the only one to look in; None looks everywhere, in the search path first.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relname = %s AND c.relkind = 'r' AND n.nspname = coalesce(%s, n.nspname)
            ORDER BY pg_catalog.pg_table_is_visible(c.oid) DESC, n.nspname LIMIT 1
            """,
            (AUDIT_TABLE, schema),
        )
        found = cursor.fetchone()
    return sql.Identifier(found[0], AUDIT_TABLE) if found else None


def last_rows(connection: Connection, limit: int = 5) -> tuple[AuditRow, ...]:
    """Return the newest rows of the audit, newest first; none when there is no audit, or none to be seen."""
    return _rows(connection, audit_row.LAST_ROWS, {"limit": limit})


def last_applied(connection: Connection, version_table: str) -> dict[str, AuditRow]:
    """Return the newest row of each revision that was carried out or signed, by its id."""
    rows = _rows(connection, audit_row.LAST_APPLIED, {"version_table": version_table})
    return {row.revision: row for row in rows}


def _rows(connection: Connection, statement: str, values: Mapping[str, Any]) -> tuple[AuditRow, ...]:
    table = find_table(connection)
    if table is None or not _may_read(connection, table):
        return ()
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(table=table), dict(values))
        return tuple(AuditRow(*row) for row in cursor.fetchall())


def _may_read(connection: Connection, table: sql.Identifier) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, 'SELECT')", (table.as_string(connection),))
        (allowed,) = cursor.fetchone() or (False,)
    return bool(allowed)


def _has_schema(connection: Connection, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s", (name,))
        return cursor.fetchone() is not None


def _sentence(error: psycopg2.Error) -> str:
    return error.diag.message_primary or " ".join(str(error).split()) or type(error).__name__
