"""Carry out what makes and fills views, and tables out of queries, on what is known. Pure."""

from __future__ import annotations

from interlocking.review.reading.nodes import Node, is_a, relation_name, walk, written
from interlocking.review.schema.knowledge import Kind, Knowledge, Table
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
    knowledge.uses[name] = _read_columns(query)
    knowledge.queries[name] = written(query)


def _read_columns(query: Node) -> frozenset[tuple[str, str]]:
    """Return which columns of which tables a query may read; without the catalogue, each name may be of each table."""
    nodes = list(walk(query))
    tables = {relation_name(each) for each in nodes if is_a(each, "RangeVar")}
    names = {_last_field(each) for each in nodes if is_a(each, "ColumnRef")}
    return frozenset((table, name) for table in tables for name in names)


def _last_field(node: Node) -> str:
    return getattr(node.fields[-1], "sval", "*")
