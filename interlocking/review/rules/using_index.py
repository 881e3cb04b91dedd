"""A constraint over an index that is there: whether PostgreSQL takes that one."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, beside, constraint_kind
from interlocking.review.rules import recipes
from interlocking.review.rules.place import CommandRule, Place
from interlocking.review.schema.objects import Index


def using_index(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """ADD CONSTRAINT ... USING INDEX."""
    node = command.def_
    if not node.indexname or place.known.table(table).partitioned:
        return
    index = place.known.indexes.get(beside(table, node.indexname))
    wrong = _unfit(table, index) if index else _absent(place, table)
    if wrong:
        columns = [each for each in index.columns if each] if index else []
        kind = "PRIMARY KEY" if constraint_kind(node) == "primary" else "UNIQUE"
        yield place.found(
            "using-index-refused",
            f"{node.indexname} {wrong}: PostgreSQL makes no constraint of it",
            table=table,
            severity=None if index or place.known.live else "warning",
            why="" if index else "a name with another spelling, or one that a revision has dropped",
            replacement=recipes.unique_constraint(table, node.conname or node.indexname, columns, kind)
            if columns
            else "",
        )


def _unfit(table: str, index: Index) -> str:
    """Return what is wrong with an index as a constraint's; empty for nothing."""
    reasons = (
        (index.table != table, f"is on {index.table}"),
        (not index.unique, "is not unique"),
        (index.partial, "has a condition"),
        (not all(index.columns), "is on an expression"),
        (not index.valid, "is INVALID"),
        (not index.plain, "has an order, or an operator class, of its own"),
    )
    return next((reason for wrong, reason in reasons if wrong), "")


def _absent(place: Place, table: str) -> str:
    """Say that no such index is there, where all of the table's are known."""
    return "is not there" if place.known.table(table).complete else ""


COMMANDS: dict[str, tuple[CommandRule, ...]] = {"AT_AddConstraint": (using_index,)}
