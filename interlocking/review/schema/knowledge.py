"""What is known about the database before a statement runs: from earlier revisions, or from the live catalogue.

A fork shares everything with its original until one of them changes a table, so that each downgrade can be judged on
the state that its upgrade left, however long the history.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from interlocking.review.schema.sqltypes import SqlType

Kind = Literal["table", "partitioned", "view", "materialized"]
BEFORE = ""  # `made_by` of what was there before the history that we know
UTC_ZONES = frozenset({"UTC", "ETC/UTC", "GMT", "ETC/GMT", "ZULU", "ETC/ZULU", "UCT", "UNIVERSAL"})  # in upper case


@dataclass(frozen=True, slots=True)
class Column:
    """A column; None means that nobody said.

    Attributes:
        type: its type.
        not_null: it can hold no NULL.
        default: it has a default, of whatever kind.
        generated: it is computed from others.
        computed_from: those others.
        alike: every row holds the same value: its default when it was added, and nobody has written to it since.
        collation: as written; empty for the type's own.
        made_by: the revision that added it; empty when it was there before.
    """

    type: SqlType | None = None
    not_null: bool | None = None
    default: bool | None = None
    generated: bool = False
    collation: str = ""
    made_by: str = BEFORE
    computed_from: frozenset[str] = frozenset()
    alike: bool = False


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint of a table.

    Attributes:
        kind: `check`, `foreign`, `unique`, `primary`, `exclusion` or `notnull`.
        columns: the columns it is about.
        validated: it holds for the rows that were there before it.
        proves: the columns that cannot be NULL where it holds.
        references: the table that a foreign key points to.
        condition: of a CHECK, as SQL.
        referenced: the columns that a foreign key points to; empty for the primary key.
    """

    kind: str
    columns: tuple[str, ...] = ()
    validated: bool = True
    proves: frozenset[str] = frozenset()
    references: str = ""
    condition: str = ""
    referenced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Index:
    """An index.

    Attributes:
        table: what it is on.
        columns: an empty text stands for an expression.
        unique: no two rows have the same values.
        valid: False for what a failed build left.
        partial: it has a condition.
        made_by: the revision that made it; empty when it was there before.
        parent: the index of the partitioned table that it belongs to, and goes with.
        inside: the columns in its expressions.
        plain: no column is sorted, or compared, in another way than the usual one.
        conditions: the columns in its condition.
    """

    table: str
    columns: tuple[str, ...] = ()
    unique: bool = False
    valid: bool = True
    partial: bool = False
    made_by: str = BEFORE
    parent: str = ""
    inside: frozenset[str] = frozenset()
    plain: bool = True
    conditions: frozenset[str] = frozenset()

    def needs(self, column: str) -> bool:
        """Say whether it goes when the column goes."""
        return column in self.columns or column in self.inside or column in self.conditions

    def is_remade_for(self, column: str) -> bool:
        """Say whether any change of a column's type builds it again: an expression or a condition is not compared."""
        return self.needs(column) and (self.partial or "" in self.columns)


@dataclass(frozen=True, slots=True)
class Attached:
    """A trigger or policy of a table: the columns of it that its definition names, and the function that it calls."""

    columns: frozenset[str] = frozenset()
    function: str = ""


@dataclass(slots=True)
class Table:
    """A table, view or materialized view.

    Attributes:
        name: with its schema unless that is `public`.
        complete: all its columns, constraints and indexes are known.
        made_by: the revision that made it; empty when it was there before.
        kind: what it is; a partition is a table with a parent.
        rows: how many it holds, about.
        parent: the partitioned table it belongs to.
        temporary: it ends with the session that made it.
        is_default: it is the partition for what fits into no other.
        like: the table that batch mode made this a copy of, without saying what it has.
        populated: it can be read; a materialized view made WITH NO DATA cannot, until it is refreshed.
        partition_key: the columns that a partitioned table is divided by.
        policies: it has at least one.
        seen: values that the history inserted, as rows of column to text.
        unnamed: it has constraints that nobody gave a name.
        written: the columns to which revisions have written; `*` when rows went, or came from elsewhere.
        attached: its triggers and policies, as `trigger NAME` and `policy NAME`.
        published: other databases get its updates or deletes by logical replication.
        identity: the index by which they find the row; `*` for the whole row, empty for nothing.
    """

    name: str
    complete: bool = False
    made_by: str = BEFORE
    kind: Kind = "table"
    rows: int | None = None
    parent: str = ""
    temporary: bool = False
    is_default: bool = False
    like: str = ""
    populated: bool = True
    partition_key: frozenset[str] = frozenset()
    policies: bool = False
    seen: tuple[Mapping[str, str], ...] = ()
    unnamed: bool = False
    written: frozenset[str] = frozenset()
    columns: dict[str, Column] = field(default_factory=dict)
    constraints: dict[str, Constraint] = field(default_factory=dict)
    attached: dict[str, Attached] = field(default_factory=dict)
    published: bool = False
    identity: str = ""

    def copy(self) -> Table:
        """Return one that can change by itself."""
        return replace(
            self, columns=dict(self.columns), constraints=dict(self.constraints), attached=dict(self.attached)
        )

    def proves_not_null(self, column: str) -> bool:
        """Say whether a validated constraint lets SET NOT NULL skip its scan."""
        return any(each.validated and column in each.proves for each in self.constraints.values())

    def checks(self, parent: Table) -> bool:
        """Say whether a validated CHECK is about the key of a partitioned table; what it says is not compared."""
        checks = [each for each in self.constraints.values() if each.kind == "check" and each.validated]
        return any(parent.partition_key & set(each.columns) for each in checks)

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Its columns; empty when nobody knows of one."""
        return next((each.columns for each in self.constraints.values() if each.kind == "primary"), ())

    def keys(self) -> Iterator[tuple[str, ...]]:
        """Yield the columns of each unique or primary key."""
        return (each.columns for each in self.constraints.values() if each.kind in ("primary", "unique"))


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain.

    Attributes:
        type: what it stands on.
        constrained: a value can break it, or a domain that it stands on.
        condition: on `VALUE`, as SQL: when a value is good.
        made_by: the revision that made it; empty when it was there before.
        own: its own constraints by name, as such conditions; NOT NULL has no name.
    """

    type: SqlType | None = None
    constrained: bool = False
    condition: str = ""
    made_by: str = BEFORE
    own: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EnumType:
    """An enum and its labels, in order."""

    labels: tuple[str, ...] = ()
    made_by: str = BEFORE


@dataclass(slots=True)
class Knowledge:
    """All that is known.

    Attributes:
        live: it comes from a database, so that what is not here does not exist.
        doubtful: something has run since that asks the database what to do, or of which nobody knows what it does.
        sizes: the numbers of rows are those of the database that will be migrated.
        utc: sessions have the time zone UTC; None when unknown.
        uses: for each view, the columns it reads, as (table, column); the column `*` stands for all.
        queries: for each view, its query as SQL.
        volatile: functions and whether they are volatile.
        own_functions: those of them that are not PostgreSQL's own.
        extensions: those that are installed.
        version_number: of the server, as 180006 for 18.6; 0 when unknown.
    """

    live: bool = False
    doubtful: bool = False
    sizes: bool = False
    utc: bool | None = None
    tables: dict[str, Table] = field(default_factory=dict)
    indexes: dict[str, Index] = field(default_factory=dict)
    enums: dict[str, EnumType] = field(default_factory=dict)
    domains: dict[str, Domain] = field(default_factory=dict)
    uses: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    queries: dict[str, str] = field(default_factory=dict)
    volatile: dict[str, bool] = field(default_factory=dict)
    own_functions: set[str] = field(default_factory=set)
    extensions: frozenset[str] = frozenset()
    version_number: int = 0
    _own: set[str] = field(default_factory=set)

    def fork(self) -> Knowledge:
        """Return one that can change without changing this one; tables are copied when they change."""
        self._own.clear()
        return replace(
            self,
            tables=dict(self.tables),
            indexes=dict(self.indexes),
            enums=dict(self.enums),
            domains=dict(self.domains),
            uses=dict(self.uses),
            queries=dict(self.queries),
            volatile=dict(self.volatile),
            own_functions=set(self.own_functions),
            _own=set(),
        )

    def table(self, name: str) -> Table:
        """Return what is known of a table: an empty picture when that is nothing."""
        return self.tables.get(name) or Table(name)

    def change(self, name: str) -> Table:
        """Return a table to be changed."""
        if name not in self._own:
            self.tables[name] = self.table(name).copy()
            self._own.add(name)
        return self.tables[name]

    def change_column(self, table: str, column: str, **changes: object) -> None:
        """Change what is known of a column."""
        self.change(table).columns[column] = replace(self.column(table, column), **changes)  # type: ignore[arg-type]

    def column(self, table: str, name: str) -> Column:
        """Return what is known of a column: nothing when it is not there."""
        return self.table(table).columns.get(name) or Column()

    def tables_with(self, type_name: str) -> list[str]:
        """Return the names of the tables that have a column of a type."""
        tables = self.tables.values()
        return [t.name for t in tables if any(c.type and c.type.name == type_name for c in t.columns.values())]

    def seen_twice(self, table: str, columns: tuple[str, ...]) -> bool:
        """Say whether the history itself inserted two rows with the same values."""
        rows = [tuple(row.get(each, "") for each in columns) for row in self.table(table).seen]
        whole = [row for row in rows if all(row)]
        return len(whole) != len(set(whole))

    def indexes_of(self, table: str) -> dict[str, Index]:
        """Return the indexes of a table by name."""
        return {name: index for name, index in self.indexes.items() if index.table == table}

    def partitions(self, table: str) -> list[str]:
        """Return the names of the direct partitions of a table."""
        return [each.name for each in self.tables.values() if each.parent == table]

    def default_partition(self, table: str) -> Table | None:
        """Return the partition for what fits into no other, if there is one."""
        return next((each for each in self.tables.values() if each.parent == table and each.is_default), None)
