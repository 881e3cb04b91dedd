"""What is there before a statement, and whether that is sure enough to say that the statement fails."""

from __future__ import annotations

import ast

from interlocking.review.reading.nodes import Node
from interlocking.review.rules.place import Place
from interlocking.review.schema.knowledge import Knowledge

_KINDS = {"materialized": "materialized view", "partitioned": "table"}


def is_sure(place: Place) -> bool:
    """Say whether what is known before a statement is what the server will know, and whether the statement runs at all.

    A revision that asks the database may ask this very question; one that catches errors may expect this one.
    """
    asks = place.conditional or place.reading.asked
    return not (asks or place.known.doubtful or _is_tried(place.reading.tree, place.statement.line))


def _is_tried(tree: ast.Module | None, line: int) -> bool:
    tries = (each for each in ast.walk(tree) if isinstance(each, ast.Try) and each.handlers) if tree else ()
    return any(each.lineno <= line <= each.handlers[0].lineno for each in tries)


def relation_there(known: Knowledge, name: str) -> str:
    """Return what kind of relation has a name, in words; empty for none. All kinds share one set of names.

    An index that a failed build left has a hazard of its own.
    """
    if name in known.tables:
        kind = known.tables[name].kind
        return _KINDS.get(kind, kind)
    return "index" if name in known.indexes and known.indexes[name].valid else ""


def type_there(known: Knowledge, name: str) -> str:
    """Return what kind of type has a name, in words; a table is one too."""
    kind = "type" if name in known.enums else "domain" if name in known.domains else ""
    return kind or (relation_there(known, name) if name in known.tables else "")


def names_in_commands(node: Node, kind: str) -> set[str]:
    """Return the names in the commands of one kind of an ALTER TABLE; its drops come first, wherever they stand."""
    commands = (each for each in node.cmds if each.subtype.name == kind)
    names = (each.name or getattr(each.def_, "colname", "") or getattr(each.def_, "conname", "") for each in commands)
    return {str(each) for each in names if each}
