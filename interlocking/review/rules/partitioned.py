"""What PostgreSQL refuses on a partitioned table, or on a partition, although it does it on any other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, constraint_kind, dotted, is_a, relation_name
from interlocking.review.rules.foreign_keys import PARTITIONED_SINCE
from interlocking.review.rules.place import CommandRule, Place, Rule
from interlocking.review.schema.objects import Table
from interlocking.review.schema.replay import columns_of_key

_EXCLUSION = 17
_UNIQUE = ("unique", "primary")
_ONE_BY_ONE = "# on each partition by itself"


def create_index(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE UNIQUE INDEX."""
    columns = [each.name or "" for each in node.indexParams]
    if node.unique:
        yield from _without_key(place, relation_name(node.relation), columns)


def create_table(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE TABLE ... PARTITION BY."""
    if not node.partspec:
        return
    key = columns_of_key(node.partspec)
    for each in node.tableElts or ():
        for names in _unique_in(each):
            yield from _lacking_key(place, relation_name(node.relation), key.difference(names))


def _unique_in(element: Node) -> Iterator[tuple[str, ...]]:
    """Yield the columns of each key that stands in a definition of a table."""
    of_column = is_a(element, "ColumnDef")
    constraints = (element.constraints or ()) if of_column else (element,) if is_a(element, "Constraint") else ()
    for each in constraints:
        if constraint_kind(each) in _UNIQUE:
            yield (element.colname,) if of_column else tuple(part.sval for part in each.keys or ())


def drop_index(place: Place, node: Node) -> Iterator[Finding]:
    """DROP INDEX CONCURRENTLY."""
    for each in node.objects if node.removeType.name == "OBJECT_INDEX" and node.concurrent else ():
        index = place.known.indexes.get(dotted(each))
        if index and place.known.table(index.table).partitioned:
            yield _refused(place, index.table, f"an index of {index.table} cannot be dropped CONCURRENTLY")


def add_constraint(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """ADD CONSTRAINT."""
    node = command.def_
    kind = constraint_kind(node)
    if kind in _UNIQUE and not node.indexname:
        yield from _without_key(place, table, [each.sval for each in node.keys or ()])
    what = _refused_kind(kind, node, place.context.server_version)
    if what and place.known.table(table).partitioned:
        yield _refused(place, table, f"{table} cannot have {what}", _ONE_BY_ONE)


def _refused_kind(kind: str, node: Node, version: int) -> str:
    if kind == "foreign" and node.skip_validation and version < PARTITIONED_SINCE:
        return "a foreign key NOT VALID before PostgreSQL 18"
    if kind in _UNIQUE and node.indexname:
        return "a constraint USING INDEX"
    return "an exclusion constraint before PostgreSQL 17" if kind == "exclusion" and version < _EXCLUSION else ""


def add_column(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """ADD COLUMN that is unique by itself."""
    if any(constraint_kind(each) in _UNIQUE for each in command.def_.constraints or ()):
        yield from _without_key(place, table, [command.def_.colname])


def change_key(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """DROP COLUMN and ALTER COLUMN TYPE of what the table is divided by."""
    if command.name in place.known.table(table).partition_key:
        yield _refused(place, table, f"{command.name}, which {table} is divided by, can neither be dropped nor changed")


def detach(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """DETACH PARTITION CONCURRENTLY beside a default partition."""
    default = place.known.default_partition(table) if command.def_.concurrent else None
    if default:
        yield _refused(place, table, f"nothing is detached CONCURRENTLY while {default.name} is the default partition")


def of_partition(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """A column of a partition comes, changes and goes with that of its parent."""
    parent = place.known.table(table).parent
    dropped = command.name if command.subtype.name == "AT_DropColumn" else ""
    if parent and (not dropped or dropped in place.known.table(parent).columns):
        yield _refused(
            place, table, f"the columns of {table}, a partition, are those of {parent}, and change with them"
        )


def attach(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """ATTACH PARTITION of a table that lacks what its parent has."""
    part, parent = place.known.table(relation_name(command.def_.name)), place.known.table(table)
    if part.complete and parent.complete:
        for what in _lacking(part, parent):
            yield _refused(place, table, f"{part.name}, to be a partition of {table}, {what}")


def _lacking(part: Table, parent: Table) -> Iterator[str]:
    for name, column in parent.columns.items():
        own = part.columns.get(name)
        if own is None:
            yield f"has no column {name}"
        elif own.type != column.type and own.type and column.type:
            yield f"has {name} as {own.type} instead of {column.type}"
        elif column.not_null and own.not_null is False:
            yield f"lets {name} be NULL"
    yield from (f"has a column {name} of its own" for name in part.columns if name not in parent.columns)
    checks = [name for name, each in parent.constraints.items() if each.kind == "check"]
    yield from (f"does not have the CHECK {name}" for name in checks if name not in part.constraints)


def _without_key(place: Place, table: str, columns: Sequence[str]) -> Iterator[Finding]:
    """What is unique over all partitions must hold the columns that tell them apart."""
    known = place.known.table(table)
    if known.partitioned:
        yield from _lacking_key(place, table, known.partition_key.difference(columns))


def _lacking_key(place: Place, table: str, missing: frozenset[str]) -> Iterator[Finding]:
    if missing:
        named = ", ".join(sorted(missing))
        yield _refused(place, table, f"what is unique on {table} must hold {named}, which it is divided by")


def _refused(place: Place, table: str, message: str, replacement: str = "") -> Finding:
    return place.found(
        "refused-on-partitioned-table",
        f"{message}: this fails",
        table=table,
        why="PostgreSQL has no such thing where there are partitions",
        replacement=replacement,
    )


RULES: dict[str, tuple[Rule, ...]] = {
    "IndexStmt": (create_index,),
    "CreateStmt": (create_table,),
    "DropStmt": (drop_index,),
}
COMMANDS: dict[str, tuple[CommandRule, ...]] = {
    "AT_AddConstraint": (add_constraint,),
    "AT_AddColumn": (add_column, of_partition),
    "AT_DropColumn": (change_key, of_partition),
    "AT_AlterColumnType": (change_key, of_partition),
    "AT_AttachPartition": (attach,),
    "AT_DetachPartition": (detach,),
}
