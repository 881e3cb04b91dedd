"""Names that are taken: PostgreSQL refuses a second thing of one name.

IF NOT EXISTS compares names alone and reports success, whatever it found.
"""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, beside, constraint_kind, dotted, is_a, relation_name, split_name
from interlocking.review.rules import recipes
from interlocking.review.rules.existence import is_sure, names_in_commands, relation_there, type_there
from interlocking.review.rules.place import CommandRule, Place, Rule
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.objects import Index
from interlocking.review.schema.replay_views import is_temporary
from interlocking.review.schema.sqltypes import type_of

_CHOICE = "# leave it out, change what is there, or take another name"


def _taken(
    place: Place,
    name: str,
    there: str,
    *,
    hazard: str = "name-taken",
    told: str = "",
    table: str = "",
    column: str = "",
    replacement: str = _CHOICE,
) -> Iterator[Finding]:
    """Say that a name is taken.

    Args:
        place: the statement that wants it.
        name: it.
        there: what has it, in words; empty for nothing.
        hazard: its id.
        told: what IF NOT EXISTS makes of that; empty where the statement fails.
        table: what it belongs to.
        column: the column.
        replacement: code to paste.
    """
    if there and is_sure(place):
        yield place.found(
            hazard,
            f"{name} is there already, {there}: {told or 'this fails'}",
            table=table or name,
            column=column,
            replacement=replacement,
        )


_LEFT = "IF NOT EXISTS leaves it as it is"


def new_table(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE TABLE."""
    name = relation_name(node.relation)
    there = relation_there(place.known, name)
    if is_temporary(node.relation):
        return
    if not (there and node.if_not_exists):
        yield from _taken(place, name, _a(there or type_there(place.known, name)))
    elif there != "table":
        yield from _taken(place, name, _a(there), told=_LEFT)
    else:
        yield from _taken(place, name, _other_columns(place.known, name, node), told=_LEFT)


def _a(kind: str) -> str:
    return f"{'an' if kind.startswith('i') else 'a'} {kind}" if kind else ""


def _other_columns(known: Knowledge, name: str, node: Node) -> str:
    """Return how a table differs from the one that a CREATE TABLE describes; empty for not at all, or unknown."""
    table = known.table(name)
    wanted = {each.colname: type_of(each.typeName).stored for each in node.tableElts or () if is_a(each, "ColumnDef")}
    missing = [each for each in wanted if each not in table.columns] if table.complete else []
    if missing:
        return f"without {', '.join(missing)}"
    kinds = {each: table.columns[each].type for each in wanted if each in table.columns}
    return ", ".join(f"{each} as {kind}" for each, kind in kinds.items() if kind and kind != wanted[each])


def new_table_as(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE TABLE ... AS, CREATE MATERIALIZED VIEW."""
    name = relation_name(node.into.rel)
    if not is_temporary(node.into.rel):
        told = "IF NOT EXISTS leaves it as it is, and copies nothing" if node.if_not_exists else ""
        yield from _taken(place, name, _a(relation_there(place.known, name)), told=told)


def new_view(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE VIEW; OR REPLACE replaces a view, and nothing else."""
    name = relation_name(node.view)
    there = relation_there(place.known, name)
    if not is_temporary(node.view) and not (node.replace and there == "view"):
        yield from _taken(place, name, _a(there))


def new_index(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE INDEX; what a failed build left has a hazard of its own."""
    if not node.idxname:
        return
    name = beside(relation_name(node.relation), node.idxname)
    index = place.known.indexes.get(name)
    if index is None:
        yield from _taken(place, name, _a(relation_there(place.known, name)), told=_LEFT if node.if_not_exists else "")
    elif index.valid and not (node.if_not_exists and _is_same(index, node)):
        told = "IF NOT EXISTS leaves it as it is, and builds nothing" if node.if_not_exists else ""
        anew = recipes.block(recipes.drop_index(node.idxname, index.table), recipes.create_index(node))
        yield from _taken(
            place,
            node.idxname,
            _on(index),
            hazard="index-name-taken",
            told=told,
            table=index.table,
            replacement=anew,
        )


def _is_same(index: Index, node: Node) -> bool:
    columns = tuple(each.name or "" for each in node.indexParams)
    return index.columns == columns and index.unique >= bool(node.unique)


def _on(index: Index) -> str:
    columns = ", ".join(each or "an expression" for each in index.columns)
    return f"{'unique ' if index.unique else ''}on {columns} of {index.table}"


def new_type(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE TYPE ... AS ENUM, CREATE DOMAIN."""
    is_enum = is_a(node, "CreateEnumStmt")
    name = dotted(node.typeName if is_enum else node.domainname)
    as_it_is = f"postgresql.ENUM(name={recipes.quoted(split_name(name)[1])}, create_type=False)"
    there = _a(type_there(place.known, name))
    yield from _taken(place, name, there, replacement=as_it_is if is_enum and name in place.known.enums else _CHOICE)


def new_value(place: Place, node: Node) -> Iterator[Finding]:
    """ALTER TYPE ... ADD VALUE."""
    name = dotted(node.typeName)
    enum = place.known.enums.get(name)
    if enum and not (node.oldVal or node.skipIfNewValExists) and node.newVal in enum.labels:
        yield from _taken(place, node.newVal, f"a value of {name}")


def new_column(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """ADD COLUMN."""
    node = command.def_
    column = place.known.table(table).columns.get(node.colname)
    if column is None or node.colname in names_in_commands(place.node, "AT_DropColumn"):
        return
    wanted = type_of(node.typeName).stored if node.typeName else None
    there = f"as {column.type}" if column.type else f"a column of {table}"
    if not command.missing_ok:
        yield from _taken(place, node.colname, there, table=table, column=node.colname)
    elif column.type and wanted and column.type != wanted:
        told = f"IF NOT EXISTS leaves it so, and adds no {wanted}"
        yield from _taken(place, node.colname, there, told=told, table=table, column=node.colname)


def new_constraint(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """ADD CONSTRAINT; an index of that name is in the way of one that needs an index."""
    node = command.def_
    kind = constraint_kind(node)
    known = place.known.table(table)
    gone = names_in_commands(place.node, "AT_DropConstraint")
    key = known.primary_name
    if kind == "primary" and key and key not in gone and not (known.unnamed and gone):
        yield from _taken(place, f"a primary key of {table}", f"on {', '.join(known.primary_key)}", table=table)
    elif node.conname in gone:
        return
    elif node.conname in known.constraints and not known.unnamed:
        yield from _taken(place, node.conname, f"a constraint of {table}", table=table)
    elif node.conname and kind in ("unique", "primary", "exclusion") and node.indexname != node.conname:
        yield from _taken(
            place, node.conname, _a(relation_there(place.known, beside(table, node.conname))), table=table
        )


def new_name(place: Place, node: Node) -> Iterator[Finding]:
    """RENAME."""
    kind, new = node.renameType.name, node.newname
    if kind in ("OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_INDEX"):
        name = beside(relation_name(node.relation), new)
        yield from _taken(place, name, _a(relation_there(place.known, name)))
    elif kind == "OBJECT_COLUMN" and node.relation:
        table = relation_name(node.relation)
        there = f"a column of {table}" if new in place.known.table(table).columns else ""
        yield from _taken(place, new, there, table=table, column=new)
    elif kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        name = beside(dotted(node.object), new)
        yield from _taken(place, name, _a(type_there(place.known, name)))


RULES: dict[str, tuple[Rule, ...]] = {
    "CreateStmt": (new_table,),
    "CreateTableAsStmt": (new_table_as,),
    "ViewStmt": (new_view,),
    "IndexStmt": (new_index,),
    "CreateEnumStmt": (new_type,),
    "CreateDomainStmt": (new_type,),
    "AlterEnumStmt": (new_value,),
    "RenameStmt": (new_name,),
}
COMMANDS: dict[str, tuple[CommandRule, ...]] = {
    "AT_AddColumn": (new_column,),
    "AT_AddConstraint": (new_constraint,),
}
