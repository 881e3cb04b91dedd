"""Which revisions a database says it is at, read without Alembic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interlocking.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - a class, whatever its name says

SCHEMA_OF_VERSION_TABLE = """
SELECT coalesce(%s, (SELECT n.nspname::text
                     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                     WHERE c.oid = to_regclass(quote_ident(%s))),
                current_schema()::text)
"""
"""Where the version table is, or will be made: takes the schema that is configured (or NULL) and the table's name."""


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
    from psycopg2 import errors  # noqa: PLC0415 - heavy

    name = f"{schema}.{version_table}" if schema else version_table
    try:
        return tuple(column_of_table(connection, "version_num", table=version_table, schema=schema))
    except errors.UndefinedColumn as error:
        raise _not_a_version_table(name) from error
    except errors.InsufficientPrivilege as error:
        raise _forbidden(name, connection.info.user) from error


def column_of_table(connection: Connection, column: str, *, table: str, schema: str | None) -> list[str]:
    """Return what a column of text holds, sorted; nothing when there is no such table.

    Args:
        connection: to the database.
        column: its name.
        table: the table's name.
        schema: its schema; None means the first of the search path that has it.
    """
    from psycopg2 import sql  # noqa: PLC0415 - heavy

    place = sql.Identifier(*(part for part in (schema, table) if part))
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (place.as_string(connection),))
        if cursor.fetchone() != (True,):
            return []
        cursor.execute(sql.SQL("SELECT {} FROM {} ORDER BY 1").format(sql.Identifier(column), place))
        return [value for (value,) in cursor.fetchall()]


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
