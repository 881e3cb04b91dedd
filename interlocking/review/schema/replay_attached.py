"""Carry out what makes and drops triggers and policies on what is known. Pure."""

from __future__ import annotations

from interlocking.review.reading.nodes import Node, columns_in, dotted, relation_name
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.objects import Attached

_KINDS = {"OBJECT_TRIGGER": "trigger", "OBJECT_POLICY": "policy"}


def create_trigger(knowledge: Knowledge, node: Node, _revision: str) -> None:
    """CREATE TRIGGER: the columns after UPDATE OF and in WHEN."""
    columns = frozenset(each.sval for each in node.columns or ()) | columns_in(node.whenClause)
    table = knowledge.change(relation_name(node.relation))
    table.attached[f"trigger {node.trigname}"] = Attached(columns, dotted(node.funcname))


def create_policy(knowledge: Knowledge, node: Node, _revision: str) -> None:
    """CREATE POLICY; a name in it may be a column of another table, in a query."""
    table = knowledge.change(relation_name(node.table))
    named = columns_in(node.qual) | columns_in(node.with_check)
    table.policies = True
    table.attached[f"policy {node.policy_name}"] = Attached(named & table.columns.keys())


def detach_dropped(knowledge: Knowledge, node: Node) -> None:
    """DROP TRIGGER, DROP POLICY."""
    kind = _KINDS.get(node.removeType.name)
    for each in node.objects if kind else ():
        knowledge.change(dotted(each[:-1])).attached.pop(f"{kind} {each[-1].sval}", None)
