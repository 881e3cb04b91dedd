"""What PostgreSQL refuses on a partitioned table, although it does it on any other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, constraint_kind, dotted, relation_name
from interlocking.review.rules.place import CommandRule, Place, Rule

_NOT_VALID_KEYS = 18
_EXCLUSION = 17
_UNIQUE = ("unique", "primary")
_ONE_BY_ONE = "# on each partition by itself"


def create_index(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE UNIQUE INDEX."""
    columns = [each.name or "" for each in node.indexParams]
    if node.unique:
        yield from _without_key(place, relation_name(node.relation), columns)


def drop_index(place: Place, node: Node) -> Iterator[Finding]:
    """DROP INDEX CONCURRENTLY."""
    for each in node.objects if node.removeType.name == "OBJECT_INDEX" and node.concurrent else ():
        index = place.known.indexes.get(dotted(each))
        if index and _is_parted(place, index.table):
            yield _refused(place, index.table, f"an index of {index.table} cannot be dropped CONCURRENTLY")


def add_constraint(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """ADD CONSTRAINT."""
    node = command.def_
    kind = constraint_kind(node)
    if kind in _UNIQUE and not node.indexname:
        yield from _without_key(place, table, [each.sval for each in node.keys or ()])
    what = _refused_kind(kind, node, place.context.server_version)
    if what and _is_parted(place, table):
        yield _refused(place, table, f"{table} cannot have {what}", _ONE_BY_ONE)


def _refused_kind(kind: str, node: Node, version: int) -> str:
    if kind == "foreign" and node.skip_validation and version < _NOT_VALID_KEYS:
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


def _without_key(place: Place, table: str, columns: Sequence[str]) -> Iterator[Finding]:
    """What is unique over all partitions must hold the columns that tell them apart."""
    missing = sorted(place.known.table(table).partition_key.difference(columns))
    if missing and _is_parted(place, table):
        yield _refused(
            place, table, f"what is unique on {table} must hold {', '.join(missing)}, which it is divided by"
        )


def _is_parted(place: Place, table: str) -> bool:
    return place.known.table(table).kind == "partitioned"


def _refused(place: Place, table: str, message: str, replacement: str = "") -> Finding:
    return place.found(
        "refused-on-partitioned-table",
        f"{message}: this fails",
        table=table,
        why="PostgreSQL has no such thing for a partitioned table",
        replacement=replacement,
    )


RULES: dict[str, tuple[Rule, ...]] = {"IndexStmt": (create_index,), "DropStmt": (drop_index,)}
COMMANDS: dict[str, tuple[CommandRule, ...]] = {
    "AT_AddConstraint": (add_constraint,),
    "AT_AddColumn": (add_column,),
    "AT_DropColumn": (change_key,),
    "AT_AlterColumnType": (change_key,),
    "AT_DetachPartition": (detach,),
}
