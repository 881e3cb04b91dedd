"""What is known of one object of a database: a table, a column, a constraint, an index, a type. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from interlocking.review.schema.sqltypes import SqlType

Kind = Literal["table", "partitioned", "view", "materialized"]
BEFORE = ""  # `made_by` of what was there before the history that we know


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
    def partitioned(self) -> bool:
        """Whether its rows are in its partitions: most of the safe recipes do not work on it."""
        return self.kind == "partitioned"

    @property
    def primary_name(self) -> str:
        """The name of its primary key; empty when nobody knows of one."""
        return next((name for name, each in self.constraints.items() if each.kind == "primary"), "")

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Its columns; empty when nobody knows of one."""
        name = self.primary_name
        return self.constraints[name].columns if name else ()

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
