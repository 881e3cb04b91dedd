"""What kind of statement an SQL text is, as far as the guard must know. Pure.

Source for what may not run inside a transaction and which lock a command takes:
https://www.postgresql.org/docs/current/explicit-locking.html and the pages of the commands.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from interlocking.postgres.identifiers import fold

Kind = Literal["read", "session", "begin", "commit", "create-index", "drop-index", "reindex", "validate", "write"]

_NOISE = re.compile(r"\s+|--[^\n]*(?:\n|$)|/\*.*?\*/", re.DOTALL)
_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_QUALIFIED = rf"{_NAME}(?:\.{_NAME})?"
_IDENTIFIER = re.compile(rf"'(?:[^']|'')*'|({_NAME})")
_SUMMARY = 160

_CREATE_INDEX = re.compile(
    rf"CREATE (?:UNIQUE )?INDEX (?P<concurrently>CONCURRENTLY )?(?:IF NOT EXISTS )?(?:(?P<name>{_QUALIFIED}) )?"
    rf"ON (?P<only>ONLY )?(?P<table>{_QUALIFIED})",
    re.IGNORECASE,
)
_DROP_INDEX = re.compile(
    rf"DROP INDEX (?P<concurrently>CONCURRENTLY )?(?:IF EXISTS )?(?P<name>{_QUALIFIED})", re.IGNORECASE
)
_REINDEX = re.compile(
    rf"REINDEX (?P<options>\([^)]*\) )?(?:INDEX|TABLE|SCHEMA|DATABASE) (?P<concurrently>CONCURRENTLY )?"
    rf"(?P<name>{_QUALIFIED})",
    re.IGNORECASE,
)
_VALIDATE = re.compile(
    rf"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?(?P<table>{_QUALIFIED}) VALIDATE CONSTRAINT (?P<name>{_NAME})",
    re.IGNORECASE,
)
_DETACH = re.compile(r"ALTER TABLE .* DETACH PARTITION .* CONCURRENTLY\b", re.IGNORECASE)
_READ = re.compile(r"(?:SELECT|SHOW|VALUES|TABLE|EXPLAIN|FETCH)\b", re.IGNORECASE)
_WRITES_IN_WITH = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
_SESSION = re.compile(
    r"(?:SET|RESET|DISCARD|LISTEN|UNLISTEN|NOTIFY|PREPARE|DEALLOCATE|SAVEPOINT|RELEASE|ROLLBACK|ABORT|LOCK|DECLARE"
    r"|CLOSE|MOVE)\b",
    re.IGNORECASE,
)
_BEGIN = re.compile(r"(?:BEGIN|START TRANSACTION)\b", re.IGNORECASE)
_COMMIT = re.compile(r"(?:COMMIT|END)(?: WORK| TRANSACTION)?;?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL text.

    Args:
        text: on one line, without comments before it.
        kind: `session` changes only the session, and is repeated whenever its revision runs again.
        concurrently: an index is made, dropped or rebuilt, or a partition detached, while the table is in use.
        name: the index or constraint, as it is written; empty for other kinds, and for an index that PostgreSQL names.
        table: the table of an index that is made or of a constraint that is validated, as it is written.
        partial: an index on a partitioned table alone: invalid until its partitions' are attached.
    """

    text: str
    kind: Kind
    concurrently: bool = False
    name: str = ""
    table: str = ""
    partial: bool = False

    @property
    def summary(self) -> str:
        """The text, cut to one line of a report."""
        return self.text if len(self.text) <= _SUMMARY else f"{self.text[: _SUMMARY - 3]}..."


def classify(sql: str) -> Statement:
    """Return what kind of statement `sql` begins with."""
    text = _one_line(sql)
    for pattern, kind in ((_CREATE_INDEX, "create-index"), (_DROP_INDEX, "drop-index"), (_REINDEX, "reindex")):
        if found := pattern.match(text):
            return _about_index(text, kind, found)  # type: ignore[arg-type]  # the three literals
    if found := _VALIDATE.match(text):
        return Statement(text, "validate", name=found["name"], table=found["table"])
    return Statement(text, _simple_kind(text), concurrently=bool(_DETACH.match(text)))


def identifiers(sql: str) -> list[str]:
    """Return every word of `sql` that could name a relation, as the catalog spells it."""
    words = {found for found in _IDENTIFIER.findall(sql) if found}
    return sorted(map(fold, words))


def wanted_lock(sql: str) -> str:
    """Return the strongest table lock that a statement may wait for, in the words of `pg_locks`."""
    text = _one_line(sql)
    return next((mode for pattern, mode in _WANTED if pattern.match(text)), "AccessExclusiveLock")


def fingerprint(sql: str, parameters: object) -> str:
    """Return what tells one statement with its parameters from another, for as long as the file is the same."""
    return hashlib.sha256(f"{_one_line(sql)}\n{parameters!r}".encode()).hexdigest()


def _one_line(sql: str) -> str:
    start = 0
    while found := _NOISE.match(sql, start):
        start = found.end()
    return " ".join(sql[start:].split())


def _about_index(text: str, kind: Kind, found: re.Match[str]) -> Statement:
    groups = found.groupdict()
    concurrently = bool(groups.get("concurrently")) or "CONCURRENTLY" in (groups.get("options") or "").upper()
    return Statement(
        text,
        kind,
        concurrently=concurrently,
        name=found["name"] or "",
        table=groups.get("table") or "",
        partial=bool(groups.get("only")),
    )


def _simple_kind(text: str) -> Kind:
    if _COMMIT.fullmatch(text):
        return "commit"
    if _BEGIN.match(text):
        return "begin"
    if ";" in text.rstrip("; "):  # several statements: only the first is seen here
        return "write"
    if _READ.match(text):
        return "read"
    if text[:4].upper() == "WITH":
        return "write" if _WRITES_IN_WITH.search(text) else "read"
    return "session" if _SESSION.match(text) else "write"


_WANTED = tuple(
    (re.compile(pattern, re.IGNORECASE), mode)
    for pattern, mode in (
        (r"(?:SELECT|WITH|COPY .* TO)\b", "RowShareLock"),
        (r"(?:INSERT|UPDATE|DELETE|MERGE|COPY)\b", "RowExclusiveLock"),
        (r"(?:CREATE (?:UNIQUE )?INDEX|REINDEX .*|DROP INDEX) CONCURRENTLY\b", "ShareUpdateExclusiveLock"),
        (r"(?:ANALYZE|VACUUM(?! FULL))\b", "ShareUpdateExclusiveLock"),
        (
            rf"ALTER TABLE .*{_NAME} (?:VALIDATE CONSTRAINT|ATTACH PARTITION|ALTER \S+ \S+ SET STATISTICS)\b",
            "ShareUpdateExclusiveLock",
        ),
        (r"CREATE (?:UNIQUE )?INDEX\b", "ShareLock"),
        (r"ALTER TABLE .* ADD (?:CONSTRAINT \S+ )?FOREIGN KEY\b", "ShareRowExclusiveLock"),
        (r"CREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER\b", "ShareRowExclusiveLock"),
        (r"REFRESH MATERIALIZED VIEW CONCURRENTLY\b", "ExclusiveLock"),
    )
)
