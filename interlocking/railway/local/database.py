"""The database behind a world's Postgres service: its own role and password, on a server that is there anyway."""

from __future__ import annotations

from secrets import token_hex

from interlocking.postgres.connect import connect
from interlocking.postgres.databases import MAINTENANCE, drop
from interlocking.postgres.url import DatabaseUrl
from interlocking.redaction import Secret


def make_service_database(server: DatabaseUrl, name: str) -> DatabaseUrl:
    """Make an empty database, owned by a new role of the same name that may do nothing else.

    Args:
        server: any database of the server, as a role that may make roles and databases.
        name: of the database and of the role; neither exists.

    Returns:
        The database's URL, as its owner.

    Raises:
        UnavailableError: the server cannot be reached.
    """
    from psycopg2 import sql  # noqa: PLC0415 - heavy

    password = Secret(token_hex(16))
    with connect(server.with_database(MAINTENANCE)) as connection, connection.cursor() as cursor:
        role = sql.Identifier(name)
        cursor.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password.reveal())))
        cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
    return DatabaseUrl(server.host, server.port, name, password, name, server.query)


def drop_service_database(server: DatabaseUrl, name: str) -> None:
    """Drop what `make_service_database` made, whoever is connected to it.

    Raises:
        UnavailableError: the server cannot be reached.
    """
    from psycopg2 import sql  # noqa: PLC0415 - heavy

    drop(server.with_database(name))
    with connect(server.with_database(MAINTENANCE)) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))
