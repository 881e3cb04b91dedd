"""Carry out what makes and fills views, and tables out of queries, on what is known. Pure."""

from __future__ import annotations

from interlocking.review.reading.nodes import Node, is_a, relation_name, walk, written
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.objects import Kind, Table
from interlocking.review.schema.view_columns import columns_of_view

_TEMPORARY = "t"  # RELPERSISTENCE_TEMP


def create_table_as(knowledge: Knowledge, node: Node, revision: str) -> None:
    """CREATE TABLE ... AS, CREATE MATERIALIZED VIEW."""
    name = relation_name(node.into.rel)
    kind: Kind = "materialized" if node.objtype.name == "OBJECT_MATVIEW" else "table"
    knowledge.tables[name] = Table(
        name, made_by=revision, kind=kind, temporary=is_temporary(node.into.rel), populated=not node.into.skipData
    )
    _remember_columns(knowledge, name, node)
    if kind == "materialized":
        _remember_query(knowledge, name, node.query)


def create_view(knowledge: Knowledge, node: Node, revision: str) -> None:
    """CREATE VIEW; one that is replaced stays as old as it is."""
    name = relation_name(node.view)
    before = knowledge.table(name).made_by if node.replace and name in knowledge.tables else revision
    knowledge.tables[name] = Table(name, made_by=before, kind="view", temporary=is_temporary(node.view))
    _remember_columns(knowledge, name, node)
    _remember_query(knowledge, name, node.query)


def refresh(knowledge: Knowledge, node: Node, _revision: str) -> None:
    """REFRESH MATERIALIZED VIEW: whether it can be read afterwards."""
    name = relation_name(node.relation)
    if knowledge.table(name).populated == node.skipData:
        knowledge.change(name).populated = not node.skipData


def is_temporary(relation: Node) -> bool:
    """Say whether a RangeVar is one that ends with the session."""
    return bool(relation.relpersistence == _TEMPORARY)


def _remember_columns(knowledge: Knowledge, name: str, node: Node) -> None:
    columns = columns_of_view(node, knowledge)
    if columns is not None and all(title for title, _ in columns):
        table = knowledge.change(name)
        table.columns, table.complete = dict(columns), True


def _remember_query(knowledge: Knowledge, name: str, query: Node) -> None:
    knowledge.uses[name] = _read_columns(query, knowledge)
    knowledge.queries[name] = written(query)


def _read_columns(query: Node, known: Knowledge) -> frozenset[tuple[str, str]]:
    """Return which columns of which tables a query may read.

    A name is looked for in the table that it is written with, else in those that have such a column, else in all.
    """
    nodes = list(walk(query))
    sources = [each for each in nodes if is_a(each, "RangeVar")]
    tables = sorted({relation_name(each) for each in sources})
    by_alias: dict[str, set[str]] = {}
    for each in sources:
        alias = each.alias.aliasname if each.alias else each.relname
        by_alias.setdefault(alias, set()).add(relation_name(each))
    found: set[tuple[str, str]] = set()
    for each in nodes:
        if is_a(each, "ColumnRef"):
            *before, name = (getattr(part, "sval", "*") for part in each.fields)
            of = by_alias.get(before[-1], set(tables)) if before else _having(known, tables, name)
            found |= {(table, name) for table in of}
        elif is_a(each, "JoinExpr"):
            shared = [part.sval for part in each.usingClause or ()]
            found |= {(table, name) for name in shared for table in _having(known, tables, name)}
    return frozenset(column for each in found for column in _spread(known, *each))


def _having(known: Knowledge, tables: list[str], name: str) -> list[str]:
    return [each for each in tables if name in known.table(each).columns] or tables


def _spread(known: Knowledge, table: str, name: str) -> list[tuple[str, str]]:
    """A star stands for the columns that are there now, and not for those that come later."""
    found = known.table(table)
    return [(table, each) for each in found.columns] if name == "*" and found.complete else [(table, name)]
