"""Clients of a database that work while it is upgraded, and what happens to them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2

LONGEST = "5s"
"""Far above the guard's ceiling of 50 ms, far below the time that anything blocks in these tests. The server measures
it, and only while a client waits for a lock; a machine that stands still then lets both clocks run out."""


class Client(threading.Thread):
    """Runs a statement again and again; a wait for a lock that is too long is a failure.

    Args:
        url: of the database.
        sql: the statement.
        longest: how long it may wait for a lock, as PostgreSQL writes it.
    """

    def __init__(self, url: str, sql: str, longest: str) -> None:
        super().__init__(daemon=True)
        self._connection = psycopg2.connect(url, options=f"-c lock_timeout={longest}")
        self._connection.autocommit = True
        self._sql = sql
        self._over = threading.Event()
        self.done = 0
        self.failures: list[psycopg2.Error] = []

    def run(self) -> None:
        with self._connection.cursor() as cursor:
            while not self._over.is_set():
                try:
                    cursor.execute(self._sql)
                except psycopg2.Error as error:
                    self.failures.append(error)
                self.done += 1

    def end(self) -> None:
        self._over.set()
        self.join()
        self._connection.close()


@contextmanager
def clients(url: str, *statements: str, longest: str = LONGEST) -> Iterator[list[Client]]:
    """Let a client run each statement until the end of the block."""
    running = [Client(url, sql, longest) for sql in statements]
    for each in running:
        each.start()
    try:
        yield running
    finally:
        for each in running:
            each.end()
