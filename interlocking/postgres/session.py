"""A psycopg2 connection that a `with` block closes. Imported only when one is made: it loads the driver."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from psycopg2.extensions import connection


class Session(connection):
    """As psycopg2's, but leaving the block closes it, and entering it begins no transaction.

    psycopg2's own block commits, leaves the connection open, and begins a transaction even in autocommit
    mode, where `CREATE DATABASE` then fails. Work that was not committed is rolled back by closing.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
