"""The SQL of a backfill: where a batch ends, and what is done to it. Pure.

Batches are cut by the key. The next one begins after the last key of this one, so nothing is skipped, counted or
sorted twice, however large the table is; both statements are range scans of the key's index.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg2 import dialect

from interlocking.errors import UsageError
from interlocking.postgres.identifiers import quote

Assignments = Mapping[str, str] | str
_OWN = "interlocking_"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the key.

    Args:
        name: as it is in the catalog.
        type: as SQL writes it.
    """

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done, in SQL as it was written in the revision.

    Args:
        schema: of the table; None is found through the search path.
        table: its name, as it is in the catalog.
        assignments: column names to SQL expressions, or the text between SET and WHERE.
        where: which rows, as an SQL condition; empty is all of them.
        parameters: the values of `:names` in the SQL.
    """

    schema: str | None
    table: str
    assignments: Assignments
    where: str
    parameters: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The table for a person."""
        return f"{self.schema}.{self.table}" if self.schema else self.table

    @property
    def quoted_table(self) -> str:
        """The table for SQL."""
        return ".".join(quote(each) for each in (self.schema, self.table) if each)

    @property
    def set_clause(self) -> str:
        """What stands between SET and WHERE."""
        if isinstance(self.assignments, str):
            return self.assignments
        return ", ".join(f"{escaped(quote(name))} = {value}" for name, value in self.assignments.items())

    @property
    def fingerprint(self) -> str:
        """The same for the same work: by it an interrupted run is recognised. Parameters do not count."""
        parts = "\0".join((self.schema or "", self.table, self.set_clause, self.where))
        return hashlib.sha256(parts.encode()).hexdigest()[:16]

    def plain(self) -> str:
        """Return the whole work as one UPDATE, for `sqlalchemy.text`."""
        condition = f" WHERE {self.where}" if self.where else ""
        return f"UPDATE {escaped(self.quoted_table)} SET {self.set_clause}{condition}"  # noqa: S608 - SQL of the revision

    def count(self) -> str:
        """Return the question how many rows it concerns, for `sqlalchemy.text`."""
        condition = f" WHERE {self.where}" if self.where else ""
        return f"SELECT count(*) FROM {escaped(self.quoted_table)}{condition}"  # noqa: S608 - SQL of the revision


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of a batch, in psycopg2's own style of parameters.

    Args:
        first: finds the end of the batch at the very beginning.
        next: finds the end of the batch that begins after `after_N`.
        first_matching: as `first`, among the rows that the condition matches.
        next_matching: as `next`, likewise.
        any_matching: whether there is such a row: a scan of the table, in the order that is fastest.
        update_first: changes the rows up to `until_N`; says how many, and how many of them still match.
        update_next: changes the rows after `after_N` up to `until_N`.
    """

    first: str
    next: str
    first_matching: str
    next_matching: str
    any_matching: str
    update_first: str
    update_next: str


def build_statements(work: Work, key: Sequence[Column]) -> Statements:
    """Return the statements of a batch.

    Args:
        work: what is to be done.
        key: the columns by which the table is cut, in the order of their index.
    """
    table = work.quoted_table.replace("%", "%%")
    where = f"({_compiled(work.where, work)})" if work.where else "true"
    set_clause = _compiled(work.set_clause, work)
    after, until = _compare(key, ">", "after"), _compare(key, "<=", "until")

    def bound(*conditions: str) -> str:
        return _BOUND.format(
            texts=", ".join(f"{_name(each)}::text" for each in key),
            keys=", ".join(_name(each) for each in key),
            table=table,
            condition=" AND ".join(conditions) or "true",
        )

    def update(*conditions: str) -> str:
        condition = " AND ".join((*conditions, where))
        return _UPDATE.format(table=table, set=set_clause, condition=condition, where=where)

    return Statements(
        first=bound(),
        next=bound(after),
        first_matching=bound(where),
        next_matching=bound(after, where),
        any_matching=f"SELECT EXISTS (SELECT FROM {table} WHERE {where})",  # noqa: S608 - SQL of the revision
        update_first=update(until),
        update_next=update(after, until),
    )


def check_work(work: Work) -> None:
    """Check what can be checked without a database.

    Raises:
        UsageError: nothing is set, or the SQL and the parameters do not fit.
    """
    if not work.set_clause.strip():
        raise UsageError(f"the backfill of {work.name} sets nothing", code="backfill-without-set", next=_EXAMPLE)
    named = set(sa.text(f"{work.set_clause} {work.where}").compile().params)
    if named != set(work.parameters):
        missing, unused = named - set(work.parameters), set(work.parameters) - named
        raise UsageError(
            f"the backfill of {work.name}: "
            + "; ".join(
                f"{word} {', '.join(sorted(names))}"
                for word, names in (("no value for", missing), ("nothing uses the value of", unused))
                if names
            ),
            code="backfill-parameters",
            why="a :name in the SQL is a parameter",
            next=r"give it in parameters={...}; a colon that is meant as such is written \:",
        )


def check_key_is_kept(work: Work, key: Sequence[Column]) -> None:
    """Refuse to change the key.

    Raises:
        UsageError: a column of the key is set: its row could move ahead of the batches and be met again.
    """
    for column in key:
        as_text = re.escape(column.name)
        if isinstance(work.assignments, str):
            is_set = re.search(rf'(?:^|,)\s*"?{as_text}"?\s*=', work.assignments, re.IGNORECASE) is not None
        else:
            is_set = column.name in work.assignments
        if is_set:
            raise UsageError(
                f"the backfill of {work.name} changes {column.name}, by which its batches are cut",
                code="backfill-changes-key",
                why="a row that moves ahead is met again",
                next="name another unique key with key=..., or write one plain UPDATE",
            )


def escaped(sql: str) -> str:
    """Return SQL of ours as `sqlalchemy.text` takes it: its colons are no parameters."""
    return sql.replace(":", r"\:")


def _compiled(fragment: str, work: Work) -> str:
    """Return a fragment of the revision with psycopg2's parameters; its own percent signs are doubled."""
    clause = sa.text(fragment)
    if clash := [name for name in work.parameters if name.startswith(_OWN)]:
        raise UsageError(f"the parameter {clash[0]} has a name of the suite's own", code="backfill-parameters")
    return str(clause.compile(dialect=dialect()))  # type: ignore[no-untyped-call]


def _compare(key: Sequence[Column], operator: str, prefix: str) -> str:
    names = ", ".join(_name(each) for each in key)
    values = ", ".join(f"%({_OWN}{prefix}_{number})s::{each.type}" for number, each in enumerate(key))
    return f"({names}) {operator} ({values})"


def _name(column: Column) -> str:
    return quote(column.name).replace("%", "%%")


_EXAMPLE = 'backfill(op, "orders", set={"total": "price * amount"}, where="total IS NULL")'
_BOUND = """
SELECT {texts}, interlocking_count FROM (
    SELECT {keys}, row_number() OVER (ORDER BY {keys}) AS interlocking_count
    FROM {table} WHERE {condition} ORDER BY {keys} LIMIT %(interlocking_limit)s
) AS batch ORDER BY interlocking_count DESC LIMIT 1
"""
_UPDATE = """
WITH updated AS (UPDATE {table} SET {set} WHERE {condition} RETURNING ({where}) AS still)
SELECT count(*), count(*) FILTER (WHERE still) FROM updated
"""
