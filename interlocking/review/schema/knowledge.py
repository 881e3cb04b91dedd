"""What is known about the database before a statement runs: from earlier revisions, or from the live catalogue.

A fork shares everything with its original until one of them changes a table, so that each downgrade can be judged on
the state that its upgrade left, however long the history.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from interlocking.review.schema.objects import Column, Domain, EnumType, Index, Table

UTC_ZONES = frozenset({"UTC", "ETC/UTC", "GMT", "ETC/GMT", "ZULU", "ETC/ZULU", "UCT", "UNIVERSAL"})  # in upper case


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
