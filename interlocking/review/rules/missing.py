"""What is not there: PostgreSQL changes, drops and renames nothing that it does not have."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, dropped_names, is_a, relation_name, split_name
from interlocking.review.rules.existence import is_sure, names_in_commands
from interlocking.review.rules.place import CommandRule, Place, Rule
from interlocking.review.schema.knowledge import Knowledge


def _missing(place: Place, name: str, *, table: str = "", column: str = "") -> Iterator[Finding]:
    if is_sure(place):
        yield place.found(
            "not-there",
            f"{name} is not there: this fails",
            table=table or name,
            column=column,
            why="an earlier revision has dropped or renamed it, or it is named otherwise",
        )


def _is_absent(known: Knowledge, name: str) -> bool:
    """Say whether nothing has a name, as only a database can say; in another schema something of that name may be."""
    kinds = (known.tables, known.indexes, known.enums, known.domains)
    if not known.live or any(name in each for each in kinds):
        return False
    schema, bare = split_name(name)
    elsewhere = any(split_name(each)[1] == bare for kind in kinds for each in kind)
    return not elsewhere and (not schema or any(split_name(each)[0] == schema for each in known.tables))


def altered(place: Place, node: Node) -> Iterator[Finding]:
    """ALTER TABLE, and CREATE INDEX on it."""
    table = relation_name(node.relation)
    if not getattr(node, "missing_ok", False) and _is_absent(place.known, table):
        yield from _missing(place, table)
    if is_a(node, "IndexStmt"):
        columns = (each.name for each in (*(node.indexParams or ()), *(node.indexIncludingParams or ())) if each.name)
        for column in columns:
            yield from _missing_column(place, table, column)


def changed_column(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """ALTER COLUMN, DROP COLUMN."""
    if not command.missing_ok and command.name not in names_in_commands(place.node, "AT_AddColumn"):
        yield from _missing_column(place, table, command.name)


def _missing_column(place: Place, table: str, column: str) -> Iterator[Finding]:
    """Say that a column is missing; what a partition has its parent says."""
    known = place.known.table(table)
    if column and known.complete and not known.parent and column not in {*known.columns, *_SYSTEM}:
        yield from _missing(place, f"{column} of {table}", table=table, column=column)


_SYSTEM = ("tableoid", "xmin", "cmin", "xmax", "cmax", "ctid", "oid")


def changed_constraint(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """DROP CONSTRAINT, VALIDATE CONSTRAINT; the names that PostgreSQL or a naming convention gives are not known."""
    known = place.known.table(table)
    sure = known.complete and place.known.live and not (known.unnamed or known.parent)
    there = {*known.constraints, *names_in_commands(place.node, "AT_AddConstraint")}
    if sure and not command.missing_ok and command.name not in there:
        yield from _missing(place, f"{command.name} of {table}", table=table)


def dropped(place: Place, node: Node) -> Iterator[Finding]:
    """DROP TABLE, VIEW, INDEX, TYPE, DOMAIN."""
    if node.missing_ok or node.removeType.name not in _DROPPED:
        return
    for name in dropped_names(node):
        if _is_absent(place.known, name):
            yield from _missing(place, name)


_DROPPED = ("OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_INDEX", "OBJECT_TYPE", "OBJECT_DOMAIN")


def renamed(place: Place, node: Node) -> Iterator[Finding]:
    """RENAME of what is not there."""
    if node.relation and not node.missing_ok:
        table = relation_name(node.relation)
        if node.renameType.name == "OBJECT_COLUMN":
            yield from _missing_column(place, table, node.subname)
        elif node.renameType.name in _DROPPED and _is_absent(place.known, table):
            yield from _missing(place, table)


RULES: dict[str, tuple[Rule, ...]] = {
    "AlterTableStmt": (altered,),
    "IndexStmt": (altered,),
    "RenameStmt": (renamed,),
    "DropStmt": (dropped,),
}
_CHANGED = ("AT_DropColumn", "AT_AlterColumnType", "AT_SetNotNull", "AT_DropNotNull", "AT_ColumnDefault")
COMMANDS: dict[str, tuple[CommandRule, ...]] = {
    **dict.fromkeys(_CHANGED, (changed_column,)),
    **dict.fromkeys(("AT_DropConstraint", "AT_ValidateConstraint"), (changed_constraint,)),
}
