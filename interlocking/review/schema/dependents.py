"""What depends on what, so that PostgreSQL refuses to drop it without CASCADE, or to change its type. Pure.

The rule behind it is the catalogue's pg_depend: a dependent that is not part of the object itself stands in the way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.objects import Constraint


def keys_to(known: Knowledge, table: str) -> list[tuple[str, str]]:
    """Return the foreign keys that point to a table from others, as (table, name)."""
    return [
        (other.name, name)
        for other in known.tables.values()
        for name, each in other.constraints.items()
        if each.references == table and other.name != table
    ]


def keys_on(known: Knowledge, table: str, column: str) -> list[tuple[str, str]]:
    """Return those of them that point to a column, as (table, name)."""
    keys = keys_to(known, table)
    return [
        (other, name) for other, name in keys if column in _target(known, table, known.table(other).constraints[name])
    ]


def of_column(known: Knowledge, table: str, column: str) -> Iterator[str]:
    """Yield what depends on a column, in words."""
    yield from views_on(known, table, column)
    yield from attached_to(known, table, column)
    for name, each in known.table(table).columns.items():
        if column in each.computed_from:
            yield f"the generated column {name}"
    yield from (f"the foreign key {name} of {other}" for other, name in keys_on(known, table, column))


def views_on(known: Knowledge, table: str, column: str = "") -> Iterator[str]:
    """Yield the views that read a column, or anything of a table."""
    wanted = {(table, column), (table, "*")}
    for view, uses in known.uses.items():
        if uses & wanted or (not column and any(each == table for each, _ in uses)):
            yield f"the view {view}"


def attached_to(known: Knowledge, table: str, column: str) -> Iterator[str]:
    """Yield the triggers and policies whose definition names a column."""
    for name, each in known.table(table).attached.items():
        if column in each.columns:
            yield f"the {name}"


def of_key(known: Knowledge, table: str, key: tuple[str, ...]) -> Iterator[str]:
    """Yield the foreign keys that stand on what is unique in a table; none if something else is unique on the same."""
    same = [each for each in known.indexes_of(table).values() if each.unique and set(each.columns) == set(key)]
    for other, name in keys_to(known, table) if len(same) == 1 else ():
        if set(_target(known, table, known.table(other).constraints[name])) == set(key):
            yield f"the foreign key {name} of {other}"


def _target(known: Knowledge, table: str, key: Constraint) -> tuple[str, ...]:
    return key.referenced or known.table(table).primary_key


def of_table(known: Knowledge, table: str, together: Collection[str]) -> Iterator[str]:
    """Yield what depends on a table, or on a view; what is dropped `together` with it stands in nobody's way."""
    yield from (f"the foreign key {name} of {other}" for other, name in keys_to(known, table) if other not in together)
    yield from (each for each in views_on(known, table) if each.removeprefix("the view ") not in together)


def of_type(known: Knowledge, name: str) -> Iterator[str]:
    """Yield the columns of a type or domain, and the domains over it."""
    for table in known.tables.values():
        for column, each in table.columns.items():
            if each.type and each.type.name == name and table.kind in ("table", "partitioned"):
                yield f"the column {table.name}.{column}"
    yield from (
        f"the domain {each}" for each, domain in known.domains.items() if domain.type and domain.type.name == name
    )


def of_function(known: Knowledge, name: str) -> Iterator[str]:
    """Yield the triggers that call a function."""
    for table in known.tables.values():
        yield from (f"the {each} on {table.name}" for each, kept in table.attached.items() if kept.function == name)
