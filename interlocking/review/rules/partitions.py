"""Partitions: attached and detached."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, relation_name, split_name, written
from interlocking.review.rules import recipes
from interlocking.review.rules.place import CommandRule, Place, Rule
from interlocking.review.schema.bounds import check_proves_partition
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, Effect

_DETACH_CONCURRENTLY = 14


def attach(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """ATTACH PARTITION."""
    part = relation_name(command.def_.name)
    proved = check_proves_partition(place.known.table(part), place.known.table(table), command.def_.bound)
    yield from _default_searched(place, table, part)
    if place.is_new(part) or proved:
        return
    yield place.found(
        "attach-partition",
        f"every row of {part} is tested against its bounds while nobody can read it",
        table=part,
        effect=Effect(part, ACCESS_EXCLUSIVE, "scan"),
        why="a validated CHECK with the same bounds (and NOT NULL) proves it without a scan",
        replacement="\n".join(
            (
                recipes.check(part, f"{split_name(part)[1]}_bounds", _bounds(place, table, command)),
                "# then, in one more revision, this ATTACH; and drop the CHECK",
            )
        ),
    )


def create(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE TABLE ... PARTITION OF."""
    for each in node.inhRelations if node.partbound else ():
        yield from _default_searched(place, relation_name(each), relation_name(node.relation))


def _default_searched(place: Place, table: str, part: str) -> Iterator[Finding]:
    default = place.known.default_partition(table)
    effect = next((each for each in place.effects if default and each.table == default.name), None)
    if effect and effect.long:
        yield place.found(
            "attach-partition",
            f"every row of {effect.table}, the default partition, is searched for those of {part} "
            "while nobody can read it",
            table=effect.table,
            effect=effect,
            why="a validated CHECK on it that excludes the new bounds proves that there are none",
        )


def _bounds(place: Place, table: str, command: Node) -> str:
    """Return a range of one column as a condition; other bounds are left to the reader."""
    key, bound = sorted(place.known.table(table).partition_key), command.def_.bound
    if len(key) != 1 or not bound.lowerdatums or not bound.upperdatums:
        return "true  -- the bounds, as a condition"
    column = recipes.sql_name(key[0])
    return f"{column} >= {written(bound.lowerdatums[0])} AND {column} < {written(bound.upperdatums[0])}"


def detach(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """DETACH PARTITION."""
    part = relation_name(command.def_.name)
    statement = f"ALTER TABLE {recipes.sql_name(table)} DETACH PARTITION {recipes.sql_name(part)} CONCURRENTLY"
    replacement = recipes.block(recipes.execute(statement))
    if command.def_.concurrent and place.in_transaction:
        yield place.found(
            "concurrently-in-transaction",
            "DETACH PARTITION CONCURRENTLY cannot run inside a transaction: the revision fails",
            table=table,
            replacement=replacement,
        )
    if not command.def_.concurrent and not place.is_new(table) and not place.is_new(part):
        since = place.context.server_version >= _DETACH_CONCURRENTLY
        yield place.found(
            "detach-partition",
            f"{table} and {part} are locked against reads and writes until the transaction ends",
            table=table,
            effect=Effect(table, ACCESS_EXCLUSIVE),
            why="CONCURRENTLY, since PostgreSQL 14, lets everybody go on",
            replacement=replacement if since else "",
        )


RULES: dict[str, tuple[Rule, ...]] = {"CreateStmt": (create,)}
COMMANDS: dict[str, tuple[CommandRule, ...]] = {"AT_AttachPartition": (attach,), "AT_DetachPartition": (detach,)}
