"""Which tables and columns the application's models map. Pure data; `interlocking.review.models` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
    """

    tables: Mapping[str, MappedTable] = field(default_factory=dict)
    commit: str = ""

    def table(self, name: str) -> MappedTable | None:
        """Return a table by its name; `public.` makes no difference."""
        return self.tables.get(name.removeprefix("public."))

    def column(self, table: str, column: str) -> MappedColumn | None:
        """Return a mapped column, or None when no model declares it."""
        found = self.table(table)
        return found.columns.get(column) if found else None
