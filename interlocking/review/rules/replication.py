"""Logical replication: rows that no subscriber could find again, so that PostgreSQL refuses to change them."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, beside, dropped_names, relation_name
from interlocking.review.rules import recipes
from interlocking.review.rules.place import CommandRule, Place, Rule


def change_rows(place: Place, node: Node) -> Iterator[Finding]:
    """UPDATE, DELETE."""
    table = relation_name(node.relation)
    found = place.known.table(table)
    if found.published and not found.identity:
        yield _found(place, table, f"{table} is published without a replica identity: PostgreSQL refuses this")


def drop_index(place: Place, node: Node) -> Iterator[Finding]:
    """DROP INDEX."""
    for name in dropped_names(node) if node.removeType.name == "OBJECT_INDEX" else ():
        index = place.known.indexes.get(name)
        if index:
            yield from _gone(place, index.table, name)


def drop_constraint(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """DROP CONSTRAINT."""
    yield from _gone(place, table, beside(table, command.name))


def _gone(place: Place, table: str, index: str) -> Iterator[Finding]:
    found = place.known.table(table)
    if found.published and found.identity == index:
        yield _found(place, table, f"{index} is the replica identity of {table}: every UPDATE and DELETE fails")


def publish(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE PUBLICATION and ALTER PUBLICATION ... ADD of a table without a primary key."""
    said = {each.defname: getattr(each.arg, "sval", "") for each in node.options or ()}
    if not {"update", "delete"} & {each.strip() for each in said.get("publish", "update").split(",")}:
        return
    named = [relation_name(each.pubtable.relation) for each in node.pubobjects or () if each.pubtable]
    tables = list(place.known.tables) if node.for_all_tables else named
    for table in map(place.known.table, tables):
        if table.kind == "table" and table.complete and not (table.identity or table.primary_key or table.temporary):
            yield _found(place, table.name, f"{table.name} has no primary key: UPDATE and DELETE of it fail")


def _found(place: Place, table: str, message: str) -> Finding:
    return place.found(
        "no-replica-identity",
        message,
        table=table,
        why="a subscriber could not tell which row is meant",
        replacement=recipes.execute(f"ALTER TABLE {recipes.sql_name(table)} REPLICA IDENTITY FULL"),
    )


RULES: dict[str, tuple[Rule, ...]] = {
    "UpdateStmt": (change_rows,),
    "DeleteStmt": (change_rows,),
    "DropStmt": (drop_index,),
    "CreatePublicationStmt": (publish,),
    "AlterPublicationStmt": (publish,),
}
COMMANDS: dict[str, tuple[CommandRule, ...]] = {"AT_DropConstraint": (drop_constraint,)}
