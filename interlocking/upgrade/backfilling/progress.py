"""How far each backfill is, kept in the database: a batch and its note of progress commit together.

So every row is met exactly once, whatever is killed when. The note of a finished backfill stays until its revision is
recorded as applied, and goes in that very transaction: a rerun before passes over it, and a later upgrade (after a
downgrade) starts anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg2
from psycopg2 import errors, sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class, whatever its name says
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - same

from interlocking.errors import UnavailableError
from interlocking.upgrade.audit.tables import BACKFILL_TABLE

_CREATION_LOCK = 0x696C6B62  # "ilkb"
_COLUMNS = "position, scanned, updated, still, pass, finished IS NOT NULL"
_TABLE = """
    name text PRIMARY KEY,
    relation text NOT NULL,
    position text[],
    scanned bigint NOT NULL DEFAULT 0,
    updated bigint NOT NULL DEFAULT 0,
    still bigint NOT NULL DEFAULT 0,
    pass integer NOT NULL DEFAULT 1,
    started timestamptz NOT NULL DEFAULT clock_timestamp(),
    noted timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished timestamptz
"""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a backfill is.

    Args:
        position: the last key that is done, as text; None at the beginning.
        scanned: rows passed over in the first pass.
        updated: rows changed.
        still: changed rows that the condition still matched afterwards.
        number: which pass over the table it is in, from 1.
        finished: nothing is left.
    """

    position: tuple[str, ...] | None = None
    scanned: int = 0
    updated: int = 0
    still: int = 0
    number: int = 1
    finished: bool = False


class Notes:
    """The note of one backfill.

    Args:
        table: the table of notes, quoted.
        name: of the backfill.
    """

    def __init__(self, table: sql.Composable, name: str) -> None:
        self._table = table
        self._name = name

    @classmethod
    def made(cls, connection: Connection, name: str, *, relation: str) -> Notes:
        """Make the table and the note where they are missing.

        Raises:
            UnavailableError: the role may not.
        """
        try:
            with connection.cursor() as cursor:
                table = _made_table(cursor)
                statement = "INSERT INTO {} (name, relation) VALUES (%s, %s) ON CONFLICT DO NOTHING"
                cursor.execute(sql.SQL(statement).format(table), (name, relation))
            connection.commit()
        except (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction, errors.InvalidSchemaName) as error:
            connection.rollback()
            raise _forbidden(error) from error
        return cls(table, name)

    def lock(self, cursor: Cursor) -> Place:
        """Return the place, and keep other runners of the same backfill from moving on until the transaction ends."""
        statement = f"SELECT {_COLUMNS} FROM {{}} WHERE name = %s FOR UPDATE"  # noqa: S608 - our own names
        cursor.execute(sql.SQL(statement).format(self._table), (self._name,))
        row = cursor.fetchone()
        if row is None:  # another runner had the revision recorded as applied
            return Place(finished=True)
        position, *rest = row
        return Place(None if position is None else tuple(position), *rest)

    def write(self, cursor: Cursor, place: Place) -> None:
        """Note a new place, in the transaction of its batch."""
        statement = """
            UPDATE {} SET position = %s, scanned = %s, updated = %s, still = %s, pass = %s, noted = clock_timestamp(),
                          finished = CASE WHEN %s THEN clock_timestamp() END
            WHERE name = %s
        """
        position = None if place.position is None else list(place.position)
        values = (position, place.scanned, place.updated, place.still, place.number, place.finished, self._name)
        cursor.execute(sql.SQL(statement).format(self._table), values)

    def removal(self, connection: Connection) -> str:
        """Return the statement that removes the note, whole."""
        statement = sql.SQL("DELETE FROM {} WHERE name = {}").format(self._table, sql.Literal(self._name))
        return statement.as_string(connection)


def _made_table(cursor: Cursor) -> sql.Identifier:
    """Return the table in the first schema of the search path, made under a lock: two at once could collide."""
    cursor.execute("SELECT coalesce((SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
                   " ON n.oid = c.relnamespace WHERE c.oid = to_regclass(%s)), current_schema(), 'public')",
                   (BACKFILL_TABLE,))  # fmt: skip
    (schema,) = cursor.fetchone() or ("public",)
    table = sql.Identifier(schema, BACKFILL_TABLE)
    cursor.execute("SELECT to_regclass(%s) IS NULL", (table.as_string(cursor),))
    (missing,) = cursor.fetchone() or (True,)
    if missing:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_CREATION_LOCK,))
        cursor.execute(sql.SQL(f"CREATE TABLE IF NOT EXISTS {{}} ({_TABLE})").format(table))
    return table


def _forbidden(error: psycopg2.Error) -> UnavailableError:
    return UnavailableError(
        f"the progress of the backfill cannot be kept: {error.diag.message_primary}",
        code="permission-denied",
        why="without it an interrupted run could not go on where it stopped",
        next=f"grant the migration's role CREATE on its schema (table {BACKFILL_TABLE})",
    )


def key_values(prefix: str, position: Sequence[str] | None) -> dict[str, str]:
    """Return a key as parameters of a statement of `backfill_statements`."""
    return {f"interlocking_{prefix}_{number}": text for number, text in enumerate(position or ())}
