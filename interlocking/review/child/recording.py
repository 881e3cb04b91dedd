"""A DBAPI whose statements go to a recorder and whose queries answer as an empty database would.

So a revision gets a real SQLAlchemy connection: Alembic runs it as it runs it on a server, and code that asks an
inspector or the connection itself goes on too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol, Self

apilevel = "2.0"
threadsafety = 0
paramstyle = "numeric_dollar"

_COUNTS = re.compile(r"\s*SELECT\s+count\s*\(", re.IGNORECASE)
_EXISTS = re.compile(r"\s*SELECT\s+(?:EXISTS|NOT\s+EXISTS)\b", re.IGNORECASE)
_VERSION = re.compile(r"\s*(?:SELECT\s+(?:pg_catalog\.)?version\s*\(\s*\)|SHOW\s+server_version\b)", re.IGNORECASE)
_COPY_FROM = re.compile(r"\s*COPY\b.*\bFROM\s+STDIN\b", re.IGNORECASE | re.DOTALL)
_MOST_ROWS = 100
_MOST_LINES = 1_000_000
_CHUNK = 1 << 16
_VERSION_NUMBER = re.compile(
    r"\s*(?:SHOW\s+server_version_num|SELECT\s+current_setting\('server_version_num'\))", re.IGNORECASE
)
_ROWS = re.compile(r"\s*(?:SELECT|WITH|SHOW|VALUES|TABLE|EXPLAIN)\b", re.IGNORECASE)
_RETURNING = re.compile(r"\bRETURNING\b", re.IGNORECASE)


class Error(Exception):
    """Base of the errors that a DBAPI must have (PEP 249)."""


class DatabaseError(Error):
    """An error of the database; never raised."""


class StatementSink(Protocol):
    """Where statements go: the recorder."""

    def statement(self, sql: str, parameters: Sequence[Any], *, rows: int, autocommit: bool) -> None:
        """Take a statement down."""

    def copied(self, sql: str, *, lines: int, autocommit: bool) -> None:
        """Take a COPY down that is sent with its rows."""

    def ended(self) -> None:
        """Note that the transaction ended."""


class Cursor:
    """Takes statements down and knows no rows."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []
        self.description: list[tuple[Any, ...]] | None = None
        self.rowcount = 0
        self.names: tuple[str, ...] = ()

    def execute(self, sql: str, parameters: Sequence[Any] | None = None) -> None:
        """Take down one statement."""
        self._take(sql, _values(parameters), rows=1)

    def executemany(self, sql: str, parameters: Sequence[Any]) -> None:
        """Take down one statement for many rows."""
        values = tuple(value for row in parameters[:_MOST_ROWS] for value in _values(row))
        self._take(sql, values, rows=len(parameters))
        self.rowcount = len(parameters)

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row."""
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """Return some rows."""
        taken = self._rows[: size or 1]
        del self._rows[: len(taken)]
        return taken

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows."""
        taken, self._rows = self._rows, []
        return taken

    def copy_expert(self, sql: str, file: Any, *_size: int, **_options: int) -> None:  # noqa: ANN401 - it can read()
        """Take down a COPY as psycopg2's cursor sends it; one that fetches rows finds none."""
        if _COPY_FROM.match(sql):
            self._connection.sink.copied(sql, lines=_lines(file), autocommit=self._connection.autocommit)

    def copy_from(
        self,
        file: Any,  # noqa: ANN401 - it can read()
        table: str,
        *_format: object,
        columns: Sequence[str] | None = None,
        **_options: object,
    ) -> None:
        """Take down the COPY that psycopg2 makes of this."""
        names = ", ".join(f'"{each}"' for each in columns or ())
        self.copy_expert(f'COPY "{table}"{f" ({names})" if names else ""} FROM STDIN', file)

    def copy_to(self, *_arguments: object, **_options: object) -> None:
        """Do nothing: there are no rows."""

    def __enter__(self) -> Self:
        """Lend itself to a block."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def setinputsizes(self, *_sizes: object) -> None:
        """Do nothing."""

    def _take(self, sql: str, parameters: Sequence[Any], *, rows: int) -> None:
        self._connection.sink.statement(sql, parameters, rows=rows, autocommit=self._connection.autocommit)
        names = self.names or ("column",)
        answer = _answer(sql, len(names), self._connection.server_version)
        self.description = None if answer is None else [(name, None, None, None, None, None, None) for name in names]
        self._rows = answer or []
        self.rowcount = len(self._rows)


class Connection:
    """Has transactions of which only the ends are noted.

    Args:
        sink: where its statements go.
        server_version: PostgreSQL's major version.
    """

    def __init__(self, sink: StatementSink, server_version: int) -> None:
        self.sink = sink
        self.server_version = server_version
        self.autocommit = False

    def cursor(self, *_arguments: object, **_options: object) -> Cursor:
        """Return a new cursor."""
        return Cursor(self)

    def commit(self) -> None:
        """Note the end of the transaction."""
        self.sink.ended()

    def rollback(self) -> None:
        """Note the end of the transaction."""
        self.sink.ended()

    def close(self) -> None:
        """Do nothing."""


def _lines(file: Any) -> int:  # noqa: ANN401 - anything with read(), of text or bytes
    """Count the lines of what would be sent; beyond a number they are many."""
    count = 0
    while count < _MOST_LINES and (chunk := file.read(_CHUNK)):
        count += chunk.count("\n" if isinstance(chunk, str) else b"\n")
    return count


def version_text(major: int) -> str:
    """Return what `SELECT version()` says."""
    return f"PostgreSQL {major}.0 on x86_64-pc-linux-gnu"


def _values(parameters: Any) -> Sequence[Any]:  # noqa: ANN401 - a sequence or mapping
    return tuple(parameters.values()) if isinstance(parameters, dict) else tuple(parameters or ())


def _answer(sql: str, width: int, version: int) -> list[tuple[Any, ...]] | None:
    """Return the rows of an answer; None for a statement that has none."""
    if _VERSION_NUMBER.match(sql):
        return [(str(version * 10_000),)]
    if _VERSION.match(sql):
        return [(version_text(version),)]
    if _COUNTS.match(sql):
        return [(0,) * width]
    if _EXISTS.match(sql):
        return [(False,)]
    if _ROWS.match(sql):
        return []
    return [(1,) * width] if _RETURNING.search(sql) else None
