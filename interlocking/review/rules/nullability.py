"""Columns that become NOT NULL, or not; and their defaults."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, relation_name
from interlocking.review.rules import recipes
from interlocking.review.rules.place import CommandRule, Place
from interlocking.review.schema.burdens import scans_for_not_null
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, Effect
from interlocking.review.schema.sqltypes import WHOLE_NUMBERS


def set_not_null(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """SET NOT NULL."""
    column = command.name
    if place.column_is_new(table, column) and not _filled_late(place, table, column):
        return
    if place.known.column(table, column).not_null:
        return
    rows = place.rows(table, [column])
    nulls = rows.nulls(table, column) if rows else None
    if nulls:
        yield place.found(
            "not-null-over-nulls",
            f"{nulls:,} rows of {table} hold NULL in {column}: this fails",
            table=table,
            column=column,
            replacement=recipes.backfill(table, column, "<value>"),
        )
    if scans_for_not_null(table, column, place.known):
        yield place.found(
            "set-not-null",
            f"every row of {table} is read for NULL in {column} while nobody can read or write it",
            table=table,
            column=column,
            effect=Effect(table, ACCESS_EXCLUSIVE, "scan"),
            why="a validated CHECK (column IS NOT NULL) proves it without a scan",
            replacement=recipes.set_not_null(table, column, place.context.server_version),
        )
    yield from _unfilled(place, table, column)


def _filled_late(place: Place, table: str, column: str) -> bool:
    """A column of this release on an old table is scanned like any other."""
    return not place.is_new(table) and not place.known.column(table, column).not_null


def _unfilled(place: Place, table: str, column: str) -> Iterator[Finding]:
    """The code that runs now inserts rows without it."""
    deployed = place.context.deployed
    mapped = deployed.table(table) if deployed else None
    has_default = place.known.column(table, column).default or place.statement.operation.options.get(
        "existing_server_default"
    )
    if mapped is None or not mapped.complete or has_default:
        return
    known = mapped.columns.get(column)
    if known is None:
        yield place.found(
            "not-null-breaks-inserts",
            f"the code that runs now does not know {column}: its inserts into {table} fail",
            table=table,
            column=column,
            why=f"{mapped.file} does not map it at the merge base, and the column has no server default",
        )


def drop_not_null(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """DROP NOT NULL."""
    if not place.is_new(table) and not place.downgrade:
        yield place.found(
            "drop-not-null",
            f"{command.name} can be NULL from now on: code that reads it must expect that",
            table=table,
            column=command.name,
        )


def change_default(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """SET DEFAULT and DROP DEFAULT."""
    column = place.known.column(table, command.name)
    if place.is_new(table) or place.downgrade:
        return
    if command.def_ is None and column.not_null and column.made_by in place.release and column.made_by:
        yield place.found(
            "default-dropped-early",
            f"{command.name} is new and NOT NULL: without its default the inserts of the running code fail",
            table=table,
            column=command.name,
            why="the code that runs during the deploy does not know the column",
            replacement=recipes.later("drop the default in a later release, when no old code runs"),
        )
    elif command.def_ is None and _numbers(place, table, command.name):
        yield from drop_numbers(place, table, command)
    elif command.def_ is None and column.not_null and _relied_on(place, table, command.name):
        yield place.found(
            "default-dropped-early",
            f"the inserts of the running code leave {command.name} to its default: without it they fail",
            table=table,
            column=command.name,
            why="at the merge base the models give it no value of their own",
            replacement=recipes.later("give it a default in the models first, and drop this one a release later"),
        )
    elif column.made_by not in place.release or not column.made_by:
        yield place.found(
            "default-changed",
            f"rows that are inserted from now on get another {command.name}; those that are there keep theirs",
            table=table,
            column=command.name,
        )


def drop_numbers(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """DROP IDENTITY, and DROP DEFAULT of a serial key, unless the revision gives the column other numbers."""
    if place.is_new(table) or place.downgrade or _numbered_again(place, table, command.name):
        return
    yield place.found(
        "default-dropped-early",
        f"nothing numbers new rows of {table} any more: inserts that leave {command.name} out fail",
        table=table,
        column=command.name,
        why="an ORM leaves the key to the database",
        replacement=recipes.execute(
            f"ALTER TABLE {recipes.sql_name(table)} ALTER COLUMN {recipes.sql_name(command.name)} "
            "ADD GENERATED BY DEFAULT AS IDENTITY"
        ),
    )


def _numbers(place: Place, table: str, column: str) -> bool:
    """Say whether a default numbers the rows: that of an integer that is the primary key by itself."""
    known = place.known.column(table, column)
    counts = known.default and known.type and known.type.name in WHOLE_NUMBERS
    return bool(counts) and place.known.table(table).primary_key == (column,)


def _numbered_again(place: Place, table: str, column: str) -> bool:
    statements = place.reading.statements(place.statement.direction)
    nodes = (each.node for each in statements[statements.index(place.statement) :])
    commands = (
        each
        for node in nodes
        if type(node).__name__ == "AlterTableStmt" and relation_name(node.relation) == table
        for each in node.cmds
    )
    return any(each.name == column and each.subtype.name in _NUMBERING and each.def_ is not None for each in commands)


_NUMBERING = ("AT_AddIdentity", "AT_ColumnDefault")


def _relied_on(place: Place, table: str, column: str) -> bool:
    """Say whether the code that runs now inserts rows without a value for the column."""
    mapped = place.context.deployed.table(table) if place.context.deployed else None
    known = mapped.columns.get(column) if mapped else None
    if known is None:
        return bool(mapped and mapped.complete)
    return known.has_server_default and not known.has_default


COMMANDS: dict[str, tuple[CommandRule, ...]] = {
    "AT_SetNotNull": (set_not_null,),
    "AT_DropNotNull": (drop_not_null,),
    "AT_ColumnDefault": (change_default,),
    "AT_DropIdentity": (drop_numbers,),
}
