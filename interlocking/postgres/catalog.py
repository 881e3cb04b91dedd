"""The door to the system catalog: takes a snapshot of what a database holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2 import extensions

from interlocking.errors import UnavailableError
from interlocking.postgres.catalog_statement import SETTINGS, statement
from interlocking.postgres.snapshot import CatalogObject, Snapshot

_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"


def take_snapshot(connection: extensions.connection, *, ignore: Collection[str] = ()) -> Snapshot:
    """Return a picture of all that a migration can make in a database, in one question to the server.

    Left out are PostgreSQL's own schemas, temporary objects, what an extension brought along, rows, owners,
    and roles (they belong to the server, not to the database).

    Args:
        connection: outside a transaction; its session is left as it was.
        ignore: qualified names of tables to leave out, such as "public.alembic_version".

    Raises:
        ValueError: the connection is inside a transaction.
        UnavailableError: the server did not answer.
    """
    try:
        with _consistent_view(connection) as view:
            view.execute(_BEGIN + SETTINGS + statement(connection.server_version), {"ignore": list(ignore)})
            return Snapshot(frozenset(map(CatalogObject._make, view.fetchall())))
    except psycopg2.Error as error:
        raise UnavailableError(
            f"the catalog of the database {connection.info.dbname} could not be read: {' '.join(str(error).split())}",
            code="catalog-unreadable",
            why="without it nobody can say what a migration left behind",
            next="try again",
        ) from error


@contextmanager
def _consistent_view(connection: extensions.connection) -> Iterator[extensions.cursor]:
    """Lend a cursor whose transaction is ended, and the connection's mode restored, whatever happens."""
    if connection.info.transaction_status != extensions.TRANSACTION_STATUS_IDLE:
        raise ValueError("a snapshot is taken outside a transaction: commit or roll back first")
    autocommit = connection.autocommit
    connection.autocommit = True
    try:
        with connection.cursor(cursor_factory=extensions.cursor) as view:
            yield view
    finally:
        if not connection.closed:
            _end_transaction(connection)
            connection.autocommit = autocommit


def _end_transaction(connection: extensions.connection) -> None:
    with connection.cursor(cursor_factory=extensions.cursor) as last:
        last.execute("ROLLBACK")
