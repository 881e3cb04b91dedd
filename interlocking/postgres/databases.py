"""Making and dropping a database on a server."""

from __future__ import annotations

from interlocking.errors import RefusedError, UnavailableError
from interlocking.postgres.connect import connect
from interlocking.postgres.url import DatabaseUrl

MAINTENANCE = "postgres"


def create_if_missing(url: DatabaseUrl) -> bool:
    """Make the database that `url` names, empty, unless it exists.

    Returns:
        Whether it was made.

    Raises:
        UnavailableError: the server cannot be reached, or the role may not make databases.
    """
    from psycopg2 import errors, sql  # noqa: PLC0415 - heavy

    with connect(url.with_database(MAINTENANCE)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (url.database,))
        if cursor.fetchone():
            return False
        try:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(url.database)))
        except errors.DuplicateDatabase:
            return False  # someone else was faster
        except errors.InsufficientPrivilege as error:
            raise may_not_create(url) from error
    return True


def recreate(url: DatabaseUrl) -> None:
    """Drop the database that `url` names, ending its connections, and make it anew, empty.

    Raises:
        RefusedError: it is the one through which databases are dropped and made.
        UnavailableError: the server cannot be reached, or the role may not do it.
    """
    if url.database == MAINTENANCE:
        raise _needed_for_maintenance()
    drop(url)
    create_if_missing(url)


def drop(url: DatabaseUrl) -> None:
    """Drop the database that `url` names, if it exists, ending its connections.

    Raises:
        UnavailableError: the server cannot be reached, or the role may not do it.
    """
    from psycopg2 import errors, sql  # noqa: PLC0415 - heavy

    with connect(url.with_database(MAINTENANCE)) as connection, connection.cursor() as cursor:
        try:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(url.database)))
        except errors.InsufficientPrivilege as error:
            raise may_not_create(url) from error


def _needed_for_maintenance() -> RefusedError:
    return RefusedError(
        f"the database {MAINTENANCE} is not dropped",
        code="maintenance-database",
        why="databases are dropped and made through it; nothing was changed",
        next="give the project a database of its own: end DATABASE_URL with another name",
    )


def may_not_create(url: DatabaseUrl) -> UnavailableError:
    """The role lacks CREATEDB."""
    return UnavailableError(
        f"the role {url.user!r} may not create databases on {url.host}",
        code="createdb-missing",
        why="the suite works on databases that it makes for the purpose and drops afterwards",
        next=f'let it (ALTER ROLE "{url.user}" CREATEDB), or use the embedded server',
    )
