"""Carry out what makes, joins and drops indexes on what is known. Pure."""

from __future__ import annotations

from dataclasses import replace

from interlocking.review.reading.nodes import Node, beside, columns_in, relation_name, split_name
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.objects import Index


def create_index(knowledge: Knowledge, node: Node, revision: str) -> None:
    """Carry out a CREATE INDEX."""
    table = relation_name(node.relation)
    columns = tuple(each.name or "" for each in node.indexParams or ())
    name = node.idxname or "_".join((split_name(table)[1], *(each or "expr" for each in columns), "idx"))
    if node.if_not_exists and beside(table, name) in knowledge.indexes:
        return
    knowledge.indexes[beside(table, name)] = Index(
        table,
        columns,
        unique=node.unique,
        partial=node.whereClause is not None,
        made_by=revision,
        inside=columns_in(node.indexParams),
        plain=all(map(_is_plain, node.indexParams or ())),
        conditions=columns_in(node.whereClause),
    )


def _is_plain(element: Node) -> bool:
    usual = element.ordering.name != "SORTBY_DESC" and element.nulls_ordering.name != "SORTBY_NULLS_FIRST"
    return usual and not element.opclass


def alter_index(knowledge: Knowledge, node: Node) -> None:
    """Carry out an ALTER INDEX: what was attached goes with its parent."""
    for command in node.cmds:
        part = relation_name(command.def_.name) if command.subtype.name == "AT_AttachPartition" else ""
        if part in knowledge.indexes:
            knowledge.indexes[part] = replace(knowledge.indexes[part], parent=relation_name(node.relation))


def forget_index(knowledge: Knowledge, name: str) -> None:
    """Drop an index and those that were attached to it."""
    knowledge.indexes.pop(name, None)
    for part in [part for part, index in knowledge.indexes.items() if index.parent == name]:
        forget_index(knowledge, part)
