"""What goes: columns, tables, schemas."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, dropped_names, split_name
from interlocking.review.rules import batches, recipes
from interlocking.review.rules.place import CommandRule, Place, Rule
from interlocking.review.rules.usage import lost_column, who_uses
from interlocking.review.schema.batch import copy_of, is_copy
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, Effect


def drop_column(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """DROP COLUMN."""
    column = command.name
    if place.is_new(table) or (place.column_is_new(table, column) and not place.downgrade):
        return
    if place.downgrade:
        older = place.known.table(table).columns.get(column)
        too_far = older is not None and older.made_by != place.statement.revision
        yield from [_too_far(place, table, f"the column {column}")] if too_far else _undone_column(place, table, column)
        return
    yield from lost_column(place, table, column)
    yield from cascade(place, table, command.behavior, f"{table}.{column}")


def _too_far(place: Place, table: str, what: str) -> Finding:
    return place.found(
        "downgrade-goes-too-far",
        f"{what} of {table} was there before the upgrade, and goes with all that it holds",
        table=table,
        why="the older code, which the downgrade is for, needs it",
    )


def _undone_column(place: Place, table: str, column: str) -> Iterator[Finding]:
    yield place.found(
        "drop-column",
        f"what was written to {column} of {table} since the upgrade is gone",
        table=table,
        column=column,
        severity="info",
    )


def cascade(place: Place, table: str, behavior: Node, what: str) -> Iterator[Finding]:
    """CASCADE behind any DROP of or on `table`."""
    if behavior.name != "DROP_CASCADE" or place.is_new(table):
        return
    views = sorted(view for view, uses in place.known.uses.items() if any(each[0] == table for each in uses))
    named = f", among it {', '.join(views)}" if views else ""
    yield place.found(
        "drop-cascade",
        f"CASCADE drops whatever depends on {what}{named}",
        table=table,
        severity="warning" if place.downgrade else None,
        why="views, foreign keys and defaults go without being named, and the downgrade does not bring them back",
        replacement=recipes.later("drop each of them by its name, then this one without CASCADE"),
    )


def drop(place: Place, node: Node) -> Iterator[Finding]:
    """DROP TABLE, VIEW, TYPE, SCHEMA, ..."""
    kind = node.removeType.name
    for name in dropped_names(node):
        if kind == "OBJECT_TABLE":
            yield from _drop_table(place, name, node)
        elif kind == "OBJECT_SCHEMA":
            yield _drop_whole(place, f"the schema {name}")
        elif kind in ("OBJECT_VIEW", "OBJECT_MATVIEW"):
            yield from _drop_view(place, name, node)
        elif kind != "OBJECT_INDEX":
            yield from cascade(place, name, node.behavior, name)


def _drop_table(place: Place, table: str, node: Node) -> Iterator[Finding]:
    bare = split_name(table)[1]
    if copy_of(place.known, table):
        yield from batches.copied(place, table)
        return
    if is_copy(table) or (place.is_new(table) and not place.downgrade):
        return
    if node.missing_ok and place.known.live and table not in place.known.tables:
        return
    if place.downgrade and place.is_new(table):
        yield place.found(
            "drop-table", f"what was written to {table} since the upgrade is gone", table=table, severity="info"
        )
        return
    if place.downgrade and table in place.known.tables:
        yield _too_far(place, table, "all")
    severity, why = who_uses(place, table)
    yield place.found(
        "drop-table",
        f"{table} and its rows are gone",
        table=table,
        effect=Effect(table, ACCESS_EXCLUSIVE),
        severity=severity or "info",
        why=why,
        replacement=recipes.later(
            "in this release take the table out of the models; in the next one:",
            f"op.drop_table({recipes.quoted(bare)})",
        )
        if severity
        else "",
    )
    yield from _keys_of(place, table)
    yield from cascade(place, table, node.behavior, table)


def _keys_of(place: Place, table: str) -> Iterator[Finding]:
    keys = {n: c for n, c in place.known.table(table).constraints.items() if c.references and c.references != table}
    others = sorted({each.references for each in keys.values() if not place.is_new(each.references)})
    if others:
        where, schema = recipes.place_of(table)
        yield place.found(
            "drop-table-locks-others",
            f"dropping {table} locks {', '.join(others)} as well, against reads and writes",
            table=table,
            effect=Effect(others[0], ACCESS_EXCLUSIVE),
            why="its foreign keys go with it, and each lock is held to the end of the transaction",
            replacement="\n".join(
                (
                    *(f'op.drop_constraint({recipes.quoted(n)}, {where}, type_="foreignkey"{schema})' for n in keys),
                    recipes.later("each in a revision of its own; then the table"),
                )
            ),
        )


def _drop_view(place: Place, name: str, node: Node) -> Iterator[Finding]:
    """A view dropped and made again by one revision is the recipe; with CASCADE it takes others along."""
    absent = node.missing_ok and place.known.live and name not in place.known.tables
    if not (place.downgrade or place.is_new(name) or absent or _made_again(place, name)):
        yield place.found(
            "drop-view",
            f"whoever reads {name} gets an error",
            table=name,
            effect=Effect(name, ACCESS_EXCLUSIVE),
            why="the code that runs now, and reports that nobody thinks of, may still read it",
            replacement=recipes.later("in this release let nothing read it; in the next one drop it"),
        )
    yield from cascade(place, name, node.behavior, name)


def _made_again(place: Place, name: str) -> bool:
    """Say whether the same revision makes something of that name afterwards."""
    return any((kind, name) in place.made.names for kind in _MAKING)


_MAKING = ("ViewStmt", "CreateTableAsStmt", "CreateStmt", "RenameStmt")


def _drop_whole(place: Place, what: str) -> Finding:
    return place.found(
        "drop-database-object",
        f"{what} goes, with everything in it",
        severity="warning" if place.downgrade else None,
        why="no downgrade brings the rows back",
        replacement="# by hand, after a backup that was tried",
    )


def drop_database(place: Place, node: Node) -> Iterator[Finding]:
    """DROP DATABASE."""
    yield _drop_whole(place, f"the database {node.dbname}")


def drop_owned(place: Place, _node: Node) -> Iterator[Finding]:
    """DROP OWNED."""
    yield _drop_whole(place, "all that a role owns")


RULES: dict[str, tuple[Rule, ...]] = {
    "DropStmt": (drop,),
    "DropdbStmt": (drop_database,),
    "DropOwnedStmt": (drop_owned,),
}
COMMANDS: dict[str, tuple[CommandRule, ...]] = {"AT_DropColumn": (drop_column,)}
