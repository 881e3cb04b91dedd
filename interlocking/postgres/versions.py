"""Which revisions a database says it is at, read without Alembic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interlocking.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - a class, whatever its name says
    from psycopg2.extensions import cursor as Cursor  # noqa: N812 - same


def current_revisions(
    connection: Connection, *, version_table: str = "alembic_version", schema: str | None = None
) -> tuple[str, ...]:
    """Return the revisions in Alembic's version table, sorted; empty when there is no such table.

    Args:
        connection: to the database.
        version_table: the table's name.
        schema: its schema; None means the first of the search path that has it.

    Raises:
        UsageError: the table is not a version table.
        UnavailableError: the role may not read it.
    """
    from psycopg2 import errors, sql  # noqa: PLC0415 - heavy

    parts = [part for part in (schema, version_table) if part]
    table = sql.SQL(".").join(map(sql.Identifier, parts))
    with connection.cursor() as cursor:
        try:
            if not _exists(cursor, table.as_string(connection)):
                return ()
            cursor.execute(sql.SQL("SELECT version_num FROM {} ORDER BY 1").format(table))
            return tuple(row[0] for row in cursor.fetchall())
        except errors.UndefinedColumn as error:
            raise _not_a_version_table(".".join(parts)) from error
        except errors.InsufficientPrivilege as error:
            raise _forbidden(".".join(parts), connection.info.user) from error


def _exists(cursor: Cursor, name: str) -> bool:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (name,))
    (found,) = cursor.fetchone() or (False,)
    return bool(found)


def _not_a_version_table(name: str) -> UsageError:
    return UsageError(
        f"the table {name} has no column version_num, so it is not Alembic's version table",
        code="not-a-version-table",
        next="correct version_table and version_table_schema in [tool.interlocking]",
    )


def _forbidden(name: str, user: str) -> UnavailableError:
    return UnavailableError(
        f"the role {user!r} may not read the table {name}",
        code="permission-denied",
        why="it says which revisions are applied",
        next=f'GRANT SELECT ON {name} TO "{user}"',
    )
