"""Which tables and columns the application's models map. Pure data; `interlocking.review.models` reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column as a model declares it.

    Attributes:
        name: in the database.
        attribute: in Python.
        nullable: as declared; None when it is not said.
        has_default: a Python-side default fills it when the application inserts.
        has_server_default: the database fills it.
        primary_key: it is part of the primary key.
        line: where it is declared.
    """

    name: str
    attribute: str
    nullable: bool | None = None
    has_default: bool = False
    has_server_default: bool = False
    primary_key: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class MappedTable:
    """A table that a model maps.

    Attributes:
        name: schema-qualified unless `public`.
        file: where the model stands, from the project's root.
        line: of the class or the `Table(...)`.
        columns: by their name in the database.
        complete: whether all its columns are known: mixins and base classes were found.
    """

    name: str
    file: str
    line: int
    columns: Mapping[str, MappedColumn] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Mapped:
    """Every table that the application maps at one commit.

    Attributes:
        tables: by name.
        commit: the short hash; empty for the working tree.
        unnamed: those whose name only running the code would tell; each has the name of its class.
    """

    tables: Mapping[str, MappedTable] = field(default_factory=dict)
    commit: str = ""
    unnamed: tuple[MappedTable, ...] = ()

    def table(self, name: str) -> MappedTable | None:
        """Return a table by its name; `public.` makes no difference."""
        return self.tables.get(name.removeprefix("public."))

    def column(self, table: str, column: str) -> MappedColumn | None:
        """Return a mapped column, or None when no model declares it."""
        found = self.table(table)
        return found.columns.get(column) if found else None

    def possible(self, table: str, column: str = "") -> MappedTable | None:
        """Return a class that may well map a table, or one column of it, though its table's name is computed."""
        bare = table.rpartition(".")[2].replace("_", "").lower()
        for each in self.unnamed:
            if each.name.lower() in bare and (not column or not each.complete or column in each.columns):
                return each
        return None


def merged(tables: Iterable[MappedTable]) -> dict[str, MappedTable]:
    """Return tables by name; several classes on one table map the columns of all of them."""
    found: dict[str, MappedTable] = {}
    for table in tables:
        first = found.get(table.name, table)
        columns = {**table.columns, **first.columns}
        found[table.name] = replace(first, columns=columns, complete=first.complete and table.complete)
    return found
