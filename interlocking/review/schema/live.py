"""The door to a database at hand: what its catalogue says, and questions about its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import psycopg2
from psycopg2 import extensions, sql

from interlocking.errors import UnavailableError
from interlocking.review.context import Size
from interlocking.review.reading.nodes import columns_in, proved_not_null, split_name
from interlocking.review.reading.parsing import parse
from interlocking.review.schema import live_statements
from interlocking.review.schema.knowledge import UTC_ZONES, Knowledge
from interlocking.review.schema.objects import Attached, Column, Constraint, Domain, EnumType, Index, Kind, Table
from interlocking.review.schema.sqltypes import parse_type

_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = public; SET LOCAL jit = off"
_KINDS: Mapping[str, Kind] = {"p": "partitioned", "v": "view", "m": "materialized"}
_CONSTRAINTS = {"c": "check", "f": "foreign", "u": "unique", "p": "primary", "x": "exclusion", "n": "notnull"}
_VERSION_STEP = 10_000


@dataclass(frozen=True, slots=True)
class Live:
    """What a database says about itself.

    Attributes:
        seed: what is known before the first pending revision.
        sizes: of its tables; empty unless they were asked for.
        server_version: PostgreSQL's major version.
        database: questions about its rows; they use the connection.
    """

    seed: Knowledge
    sizes: Mapping[str, Size]
    server_version: int
    database: Rows


@dataclass(frozen=True, slots=True)
class Rows:
    """Questions about rows; each is given up after a while, and then nobody knows.

    Args:
        connection: outside a transaction.
        seconds: how long one question may take.
    """

    connection: extensions.connection = field(repr=False)
    seconds: float = 2.0

    def duplicates(
        self, table: str, keys: tuple[str, ...], condition: str = "", *, nulls_equal: bool = False
    ) -> int | None:
        """Return how many values of `keys` (SQL) more than one row has, among those that meet a condition.

        Rows with a NULL in them count only if `nulls_equal`.
        """
        filled = () if nulls_equal else tuple(f"({each}) IS NOT NULL" for each in keys)
        whole = " AND ".join((f"({condition or 'true'})", *filled))
        if parse(f"SELECT 1 WHERE {whole} GROUP BY {', '.join(keys)}").node is None:
            return None
        inner = sql.SQL("SELECT FROM {} WHERE {} GROUP BY {} HAVING count(*) > 1").format(
            _table(table), sql.SQL(whole), sql.SQL(", ".join(keys))
        )
        return self._ask(sql.SQL("SELECT count(*) FROM ({}) AS twice").format(inner))

    def nulls(self, table: str, column: str) -> int | None:
        """Return how many rows hold NULL."""
        text = sql.SQL("SELECT count(*) FROM {} WHERE {} IS NULL")
        return self._ask(text.format(_table(table), sql.Identifier(column)))

    def count(self, table: str) -> int | None:
        """Return how many rows there are."""
        return self._ask(sql.SQL("SELECT count(*) FROM {}").format(_table(table)))

    def filled(self, table: str, column: str) -> int | None:
        """Return how many rows have a value."""
        return self._ask(sql.SQL("SELECT count({}) FROM {}").format(sql.Identifier(column), _table(table)))

    def longest(self, table: str, column: str) -> int | None:
        """Return the number of characters of the longest value."""
        text = sql.SQL("SELECT coalesce(max(length({}::text)), 0) FROM {}")
        return self._ask(text.format(sql.Identifier(column), _table(table)))

    def violations(self, table: str, condition: str) -> int | None:
        """Return how many rows a CHECK condition would refuse."""
        if parse(f"SELECT 1 WHERE ({condition})").node is None:
            return None
        return self._ask(sql.SQL("SELECT count(*) FROM {} WHERE NOT ({})").format(_table(table), sql.SQL(condition)))

    def orphans(self, table: str, columns: tuple[str, ...], parent: str, key: tuple[str, ...]) -> int | None:
        """Return how many rows point to a parent that is not there; those with a NULL point nowhere."""
        pairs = zip(columns, key, strict=False)
        met = (sql.SQL("p.{} = c.{}").format(sql.Identifier(there), sql.Identifier(here)) for here, there in pairs)
        whole = (sql.SQL("c.{} IS NOT NULL").format(sql.Identifier(each)) for each in columns)
        text = sql.SQL("SELECT count(*) FROM {} c WHERE {} AND NOT EXISTS (SELECT FROM {} p WHERE {})")
        both = sql.SQL(" AND ")
        return self._ask(text.format(_table(table), both.join(whole), _table(parent), both.join(met)))

    def _ask(self, question: sql.Composable) -> int | None:
        try:
            with _looking(self.connection) as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {int(self.seconds * 1000)}")
                cursor.execute(question)
                found = cursor.fetchone()
        except psycopg2.Error:
            return None
        return int(found[0]) if found else None


def read_live(connection: extensions.connection, *, sizes: bool = False) -> Live:
    """Return what a database says about itself, at one moment.

    Args:
        connection: outside a transaction; its session is left as it was.
        sizes: the numbers of rows are those of the database that the release will meet, not of a copy for
            development; only then may a small table make a hazard harmless.

    Raises:
        UnavailableError: the server did not answer.
    """
    try:
        with _looking(connection) as cursor:
            return _read(cursor, connection, sizes=sizes)
    except psycopg2.Error as error:
        raise UnavailableError(
            f"the catalogue of {connection.info.dbname} could not be read: {' '.join(str(error).split())}",
            code="catalog-unreadable",
            next="review without a database, or try again",
        ) from error


def _read(cursor: extensions.cursor, connection: extensions.connection, *, sizes: bool) -> Live:
    version, zone = _rows(cursor, live_statements.SERVER)[0]
    known = Knowledge(live=True, sizes=sizes, utc=zone in UTC_ZONES, version_number=version)
    measured: dict[str, Size] = {}
    for name, kind, rows, size, parent, key, policies, default, full in _rows(cursor, live_statements.TABLES):
        known.tables[name] = Table(
            name,
            complete=True,
            kind=_KINDS.get(kind, "table"),
            rows=rows if rows >= 0 else None,
            parent=parent,
            partition_key=frozenset(key),
            policies=policies,
            is_default=default,
            populated=full,
        )
        measured[name] = Size(rows if rows >= 0 else None, size)
    _read_members(cursor, known)
    _read_types(cursor, known)
    return Live(known, measured if sizes else {}, version // _VERSION_STEP, Rows(connection))


def _read_members(cursor: extensions.cursor, known: Knowledge) -> None:
    for table, name, kind, not_null, default, generated, collation, source in _rows(cursor, live_statements.COLUMNS):
        column = Column(parse_type(kind), not_null, default, generated, collation)
        known.tables[table].columns[name] = replace(column, computed_from=_columns_of(source)) if source else column
    for table, name, kind, validated, references, condition, columns, key in _rows(cursor, live_statements.CONSTRAINTS):
        proves = _proved(kind, condition, columns)
        known.tables[table].constraints[name] = Constraint(
            _CONSTRAINTS[kind], tuple(columns), validated, proves, references, condition, tuple(key)
        )
    for table, published, identity in _rows(cursor, live_statements.IDENTITIES):
        known.tables[table].published, known.tables[table].identity = published, identity
    for table, name, columns, function in _rows(cursor, live_statements.ATTACHED):
        known.tables[table].attached[name] = Attached(frozenset(columns), function)
    for name, table, unique, valid, condition, columns, inside, plain in _rows(cursor, live_statements.INDEXES):
        index = Index(table, tuple(columns), unique, valid, bool(condition), plain=plain)
        if inside or condition:
            index = replace(index, inside=_columns_of(inside), conditions=_columns_of(condition))
        known.indexes[name] = index


def _columns_of(expression: str) -> frozenset[str]:
    if not expression:
        return frozenset()
    return columns_in(parse(f"SELECT {expression}").node)


def _proved(kind: str, condition: str, columns: list[str]) -> frozenset[str]:
    if kind == "n":
        return frozenset(columns)
    node = parse(f"SELECT 1 WHERE {condition}").node if kind == "c" else None
    return proved_not_null(node.whereClause) if node is not None else frozenset()


def _read_types(cursor: extensions.cursor, known: Knowledge) -> None:
    for name, labels in _rows(cursor, live_statements.ENUMS):
        known.enums[name] = EnumType(tuple(labels))
    for name, base, not_null, names, conditions in _rows(cursor, live_statements.DOMAINS):
        own = {**({"": "VALUE IS NOT NULL"} if not_null else {}), **dict(zip(names, conditions, strict=True))}
        known.domains[name] = Domain(parse_type(base), bool(own), " AND ".join(own.values()), own=own)
    for view, table, column in _rows(cursor, live_statements.USES):
        known.uses[view] = known.uses.get(view, frozenset()) | {(table, column)}
    known.queries.update(_rows(cursor, live_statements.QUERIES))
    for name, volatile, own in _rows(cursor, live_statements.FUNCTIONS):
        known.volatile[name] = volatile
        known.own_functions |= {name} if own else set()
    known.extensions |= {name for (name,) in _rows(cursor, live_statements.EXTENSIONS)}
    _carry_over(known.domains)


def _carry_over(domains: dict[str, Domain]) -> None:
    """Let a domain over a constrained domain be constrained as well, however many stand between."""
    for name, domain in domains.items():
        below = domain
        while not below.constrained and below.type and below.type.name in domains:
            below = domains[below.type.name]
        if below is not domain:
            domains[name] = replace(domain, constrained=below.constrained, condition=below.condition)


def _rows(cursor: extensions.cursor, statement: str) -> list[tuple]:  # type: ignore[type-arg]
    cursor.execute(statement)
    return cursor.fetchall()


def _table(name: str) -> sql.Composable:
    schema, bare = split_name(name)
    return sql.Identifier(schema or "public", bare)


@contextmanager
def _looking(connection: extensions.connection) -> Iterator[extensions.cursor]:
    """Lend a cursor inside a transaction that can change nothing and is rolled back."""
    autocommit = connection.autocommit
    connection.autocommit = True
    try:
        with connection.cursor(cursor_factory=extensions.cursor) as cursor:
            cursor.execute(_BEGIN)
            yield cursor
    finally:
        if not connection.closed:
            with connection.cursor(cursor_factory=extensions.cursor) as last:
                last.execute("ROLLBACK")
            connection.autocommit = autocommit
