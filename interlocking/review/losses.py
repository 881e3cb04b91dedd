"""What a downgrade destroys: tables, columns and rows, by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from interlocking.review.model import Statement
from interlocking.review.reading.nodes import Node, dotted, is_a, relation_name

_TABLE, _DROP_COLUMN = "OBJECT_TABLE", "AT_DropColumn"


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that is gone afterwards.

    Args:
        table: its name, with its schema unless that is `public`.
        column: of it; empty when the whole table, or rows of it, are gone.
        how: `dropped`, or `deleted` for rows alone.
    """

    table: str
    column: str = ""
    how: str = "dropped"


def losses(statements: Iterable[Statement]) -> tuple[Loss, ...]:
    """Return what `statements` destroy, in their order, each once; what cannot be parsed is not in it."""
    return tuple(dict.fromkeys(loss for each in statements if each.node is not None for loss in _of(each.node)))


def _of(node: Node) -> Iterator[Loss]:
    if is_a(node, "DropStmt") and node.removeType.name == _TABLE:
        for names in node.objects:
            yield Loss(dotted(names))
    elif is_a(node, "AlterTableStmt"):
        dropped = (command for command in node.cmds if command.subtype.name == _DROP_COLUMN)
        yield from (Loss(relation_name(node.relation), command.name) for command in dropped)
    elif is_a(node, "DeleteStmt"):
        yield Loss(relation_name(node.relation), how="deleted")
    elif is_a(node, "TruncateStmt"):
        yield from (Loss(relation_name(table), how="deleted") for table in node.relations)
