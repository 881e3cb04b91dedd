"""A database whose schema a whole module of tests asks about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
from psycopg2 import extensions

from tests.servers import Server


@contextmanager
def database_with(server: Server, schema: str) -> Iterator[tuple[str, extensions.connection]]:
    """Lend a new database with these tables, as its URL and a connection; whoever changes something rolls it back."""
    url = server.make_database()
    with closing(psycopg2.connect(url)) as connection:
        connection.cursor().execute(schema)
        connection.commit()
        yield url, connection
    server.drop(url)
