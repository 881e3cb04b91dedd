"""Do the rows that are there keep to a constraint? Only a database at hand can tell."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.context import Database
from interlocking.review.model import Finding
from interlocking.review.rules.place import Place
from interlocking.review.schema.objects import Constraint


def broken_rows(place: Place, table: str, name: str, constraint: Constraint) -> Iterator[Finding]:
    """Count the rows that break a CHECK, NOT NULL or foreign key which the statement tests on every row."""
    rows = place.rows(table, constraint.columns)
    count = _count(place, rows, table, constraint) if rows else None
    if count:
        yield place.found(
            "constraint-violated",
            f"{count:,} rows of {table} break {name}: this fails",
            table=table,
            column=constraint.columns[0] if len(constraint.columns) == 1 else "",
            why="NOT VALID lets old rows pass; who validates meets them",
            replacement=_look_first(table, constraint),
        )


def _count(place: Place, rows: Database, table: str, constraint: Constraint) -> int | None:
    if constraint.kind == "check":
        return rows.violations(table, constraint.condition)
    if constraint.kind == "notnull":
        return rows.nulls(table, constraint.columns[0])
    parent = place.known.table(constraint.references)
    if constraint.kind != "foreign" or parent.written:
        return None
    key = constraint.referenced or parent.primary_key
    return rows.orphans(table, constraint.columns, constraint.references, key) if key else None


def _look_first(table: str, constraint: Constraint) -> str:
    condition = f"NOT ({constraint.condition})" if constraint.condition else "..."
    return f"# look first, and mend them:\n# SELECT * FROM {table} WHERE {condition};"
