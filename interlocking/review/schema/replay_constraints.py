"""Carry out what adds, validates and drops constraints on what is known. Pure."""

from __future__ import annotations

from dataclasses import replace

from interlocking.review.reading.nodes import Node, beside, split_name
from interlocking.review.schema.definitions import constraint_of
from interlocking.review.schema.dependents import keys_on
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.objects import Constraint, Index
from interlocking.review.schema.replay_names import free_name
from interlocking.review.schema.usual_names import usual_name

_KEPT = {"check", "foreign", "unique", "primary", "exclusion", "notnull"}
_INDEXED = {"unique": "key", "primary": "pkey", "exclusion": "excl"}


def add_constraint(knowledge: Knowledge, name: str, node: Node, column: str = "", revision: str = "") -> None:
    """Carry out what makes a constraint; `column` is the one it stands behind."""
    constraint = constraint_of(node, column)
    if constraint.kind not in _KEPT or (constraint.kind == "notnull" and column):
        return
    table = knowledge.change(name)
    using = node.indexname
    if using and using in knowledge.indexes:
        constraint = replace(constraint, columns=knowledge.indexes[using].columns)
    title = node.conname or using or free_name(_default_name(split_name(name)[1], constraint), table.constraints)
    table.constraints[title] = constraint
    table.unnamed = table.unnamed or not (node.conname or using)
    if constraint.kind in _INDEXED:
        knowledge.indexes.pop(using or "", None)
        knowledge.indexes[beside(name, title)] = Index(
            name, constraint.columns, unique=constraint.kind != "exclusion", made_by=revision
        )
    if constraint.kind == "primary" or (constraint.kind == "notnull" and constraint.validated):
        for each in constraint.columns:
            table.columns[each] = replace(knowledge.column(name, each), not_null=True)


def _default_name(table: str, constraint: Constraint) -> str:
    ending = {"check": "check", "foreign": "fkey", "notnull": "not_null", **_INDEXED}[constraint.kind]
    return usual_name(table, () if constraint.kind == "primary" else constraint.columns, ending)


def validate(knowledge: Knowledge, table: str, command: Node, _revision: str) -> None:
    """Carry out a VALIDATE CONSTRAINT."""
    found = knowledge.change(table)
    constraint = found.constraints.get(command.name)
    if constraint:
        found.constraints[command.name] = replace(constraint, validated=True)
        if constraint.kind == "notnull":
            knowledge.change_column(table, constraint.columns[0], not_null=True)


def forget_keys_on(knowledge: Knowledge, table: str, column: str) -> None:
    """Drop the foreign keys that point to a column, as CASCADE does."""
    for other, key in keys_on(knowledge, table, column):
        knowledge.change(other).constraints.pop(key)


def drop_constraint(knowledge: Knowledge, table: str, command: Node, _revision: str) -> None:
    """Carry out a DROP CONSTRAINT."""
    gone = knowledge.table(table).constraints.get(command.name)
    if gone and gone.columns and gone.kind in ("unique", "primary") and command.behavior.name == "DROP_CASCADE":
        forget_keys_on(knowledge, table, gone.columns[0])
    knowledge.change(table).constraints.pop(command.name, None)
    knowledge.indexes.pop(beside(table, command.name), None)
