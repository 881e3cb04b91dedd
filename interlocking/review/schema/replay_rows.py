"""Carry out what changes rows on what is known: a few of the values, and that they are not what they were. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from interlocking.review.reading.nodes import Node, is_a, relation_name
from interlocking.review.schema.knowledge import Knowledge


def remember_rows(knowledge: Knowledge, node: Node, values: Sequence[str]) -> None:
    """Remember the rows of a bulk insert: their values, one row after the other, as Python prints them."""
    names = [each.name for each in node.cols or ()]
    rows = [values[place : place + len(names)] for place in range(0, len(values), len(names))] if names else []
    table = knowledge.change(relation_name(node.relation))
    whole = [dict(zip(names, row, strict=True)) for row in rows if len(row) == len(names)]
    table.seen += tuple({name: value for name, value in row.items() if value != "None"} for row in whole)


def insert(knowledge: Knowledge, node: Node, _revision: str) -> None:
    """Remember rows that are written out; a few are enough to see that values repeat."""
    name = relation_name(node.relation)
    rows = node.selectStmt.valuesLists if node.selectStmt else None
    if not rows:
        return
    table = knowledge.change(name)
    columns = [each.name for each in node.cols or ()] or list(table.columns)
    if len(table.seen) + len(rows) <= _REMEMBERED:
        table.seen += tuple(dict(zip(columns, map(_text, row), strict=False)) for row in rows)


_REMEMBERED = 200


def update(knowledge: Knowledge, node: Node, _revision: str) -> None:
    """UPDATE: to which columns it writes."""
    columns = frozenset(each.name for each in node.targetList if each.name)
    _note_written(knowledge, relation_name(node.relation), columns)


def change_rows(knowledge: Knowledge, node: Node, _revision: str) -> None:
    """DELETE, MERGE and TRUNCATE: which rows there are is not known any more."""
    for each in node.relations if is_a(node, "TruncateStmt") else (node.relation,):
        _note_written(knowledge, relation_name(each), frozenset("*"))


def copy(knowledge: Knowledge, node: Node, _revision: str) -> None:
    """COPY ... FROM: rows come from elsewhere."""
    if node.is_from:
        _note_written(knowledge, relation_name(node.relation), frozenset("*"))


def _note_written(knowledge: Knowledge, name: str, columns: frozenset[str]) -> None:
    """Remember that the rows are not what they were; a table that says so already stays shared between forks."""
    if columns <= knowledge.table(name).written:
        return
    table = knowledge.change(name)
    table.written |= columns
    for column in columns & table.columns.keys():
        table.columns[column] = replace(table.columns[column], alike=False)


def _text(node: Node) -> str:
    """Return a constant as text; empty for NULL and for what is computed."""
    value = getattr(node, "val", None)
    found = getattr(value, "sval", None) or getattr(value, "fval", None)
    return str(found) if found is not None else str(getattr(value, "ival", ""))
