"""Whether statements need what others do: the names that those make, change and take away. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from interlocking.review.model import Statement
from interlocking.review.reading.nodes import Node, dotted, relation_name, split_name

_ABOUT_A_COLUMN = ("AT_DropColumn", "AT_AlterColumnType", "AT_AddColumn")


def disturbs(earlier: Iterable[Statement], later: Iterable[Statement]) -> bool:
    """Say whether statements would mean something else, or fail, were they run before the others.

    Args:
        earlier: what stands first.
        later: what would overtake it.
    """
    names = [each for statement in earlier if statement.node is not None for each in _names(statement.node)]
    return any(_mentions(statement.sql, words) for statement in later for words in names)


def _names(node: Node) -> Iterator[tuple[str, ...]]:
    """Yield the names that a statement makes, changes or takes away: (table,) or (table, column)."""
    kind = type(node).__name__
    if kind == "AlterTableStmt" and node.relation:
        table = relation_name(node.relation)
        for command in node.cmds:
            if command.subtype.name in _ABOUT_A_COLUMN:
                yield (table, command.name or command.def_.colname)
    elif kind == "RenameStmt" and node.relation and node.subname:
        yield from ((relation_name(node.relation), name) for name in (node.subname, node.newname))
    elif kind == "RenameStmt" and node.relation:
        yield from ((relation_name(node.relation),), (node.newname,))
    elif kind == "DropStmt":
        yield from ((dotted(each),) for each in node.objects if isinstance(each, tuple))


def _mentions(sql: str, words: tuple[str, ...]) -> bool:
    return all(re.search(rf"\b{re.escape(split_name(word)[1])}\b", sql) for word in words)
