"""Indexes and constraints in the catalog: which are invalid, and how an invalid one goes away.

A failed or cancelled concurrent build leaves an index that is kept up to date and never used
(https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY); a failed
REINDEX CONCURRENTLY leaves one whose name ends in `_ccnew` or `_ccold`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from interlocking.errors import UnavailableError
from interlocking.upgrade.guarding.side import SideConnection
from interlocking.upgrade.guarding.statements import Statement, identifiers

_INDEX = """
    SELECT format('%%I.%%I', n.nspname, c.relname), i.indisvalid AND i.indisready AND i.indislive,
           (SELECT min(p.pid) FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = c.oid)
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
"""
_BESIDE_ITS_TABLE = """
    WHERE c.relname = %s
      AND c.relnamespace = (SELECT t.relnamespace FROM pg_catalog.pg_class t WHERE t.oid = to_regclass(%s))
"""
_INVALID_OF_TABLE = "WHERE i.indrelid = to_regclass(%s) AND NOT (i.indisvalid AND i.indisready AND i.indislive)"
_BY_NAME = "WHERE c.oid = to_regclass(%s)"
_REBUILT = """
    WHERE i.indrelid IN (SELECT to_regclass(%s) UNION SELECT o.indrelid FROM pg_catalog.pg_index o
                         WHERE o.indexrelid = to_regclass(%s))
      AND c.relname ~ '_cc(new|old)[0-9]*$' AND NOT (i.indisvalid AND i.indisready AND i.indislive)
"""
_NOT_VALIDATED = """
    SELECT conname FROM pg_catalog.pg_constraint
    WHERE conrelid = to_regclass(%s) AND conname = %s AND NOT convalidated
"""

_NEW_TABLE = re.compile(r'CREATE (?:UNLOGGED )?TABLE (?P<table>[\w."]+) \((?:(?!\bPARTITION\b).)*', re.IGNORECASE)
_IF_NOT_EXISTS = re.compile(r"\bIF NOT EXISTS\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Index:
    """An index in the catalog.

    Args:
        name: qualified and quoted, for SQL.
        valid: whether queries may use it.
        builder: process id of who is building it; None when nobody is.
    """

    name: str
    valid: bool
    builder: int | None


def find_index(cursor: Any, statement: Statement) -> Index | None:  # noqa: ANN401 - any driver's
    """Return the index that a statement makes, drops or rebuilds, if it exists and the statement names it.

    Args:
        cursor: of the migrating connection: its search path counts.
        statement: of a kind that names an index.
    """
    if statement.kind == "create-index" and not statement.name:
        return None
    if statement.kind == "create-index":
        parameters: tuple[str, ...] = (_last_name(statement.name), statement.table)
        cursor.execute(_INDEX + _BESIDE_ITS_TABLE, parameters)
    else:
        cursor.execute(_INDEX + _BY_NAME, (statement.name,))
    row = cursor.fetchone()
    return Index(*row) if row else None


def leftovers(cursor: Any, statement: Statement) -> list[Index]:  # noqa: ANN401 - any driver's
    """Return the invalid indexes that a failed try of a statement has left: all of the table's when it names none."""
    if statement.kind == "create-index" and not statement.name:
        cursor.execute(_INDEX + _INVALID_OF_TABLE, (statement.table,))
        return [Index(*row) for row in cursor.fetchall()]
    if statement.kind == "create-index":
        found = find_index(cursor, statement)
        return [found] if found and not found.valid else []
    if statement.kind == "reindex":
        cursor.execute(_INDEX + _REBUILT, (statement.name, statement.name))
        return [Index(*row) for row in cursor.fetchall()]
    return []


def drop_index(side: SideConnection, index: Index) -> None:
    """Drop an invalid index while its table is in use.

    Raises:
        UnavailableError: somebody is building it at this moment.
    """
    if index.builder is not None:
        raise UnavailableError(
            f"the index {index.name} is being built by another session (process {index.builder})",
            code="index-being-built",
            why="it is invalid until that has ended",
            next="wait for it, or end it: SELECT pg_cancel_backend(pid); then try again",
        )
    side.rows(f"DROP INDEX CONCURRENTLY IF EXISTS {index.name}")


def invalid(cursor: Any, statements: Iterable[Statement]) -> list[str]:  # noqa: ANN401 - any driver's
    """Return in words which indexes and constraints that these statements made or validated are not valid."""
    found = []
    new = set()
    for statement in statements:
        if made := _NEW_TABLE.fullmatch(statement.text):
            new.add(made["table"])
        elif statement.kind == "validate":
            cursor.execute(_NOT_VALIDATED, (statement.table, _last_name(statement.name)))
            found += [f"constraint {name} of {statement.table}" for (name,) in cursor.fetchall()]
        elif statement.kind in ("create-index", "reindex") and not (statement.partial or _is_certain(statement, new)):
            index = find_index(cursor, statement)
            found += [f"index {index.name}"] if index and not index.valid else []
    return found


def _is_certain(statement: Statement, new_tables: set[str]) -> bool:
    """Return whether an index can only be valid: its table is as new, and has no partitions with indexes of theirs."""
    plain = not statement.concurrently and not _IF_NOT_EXISTS.search(statement.text)
    return statement.kind == "create-index" and plain and statement.table in new_tables


def _last_name(written: str) -> str:
    """Return the last part of a name as the catalog spells it."""
    last = written.rsplit(".", 1)[-1] if not written.endswith('"') else written[written[:-1].rindex('"') :]
    return identifiers(last)[0]
