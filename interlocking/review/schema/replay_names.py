"""Carry out what gives an object another name on what is known. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import replace
from itertools import count

from interlocking.review.reading.nodes import Node, beside, dotted, relation_name
from interlocking.review.schema.dependents import keys_to
from interlocking.review.schema.knowledge import Knowledge


def free_name(name: str, taken: Container[str]) -> str:
    """Return a name that no constraint has, numbered as ChooseConstraintName does."""
    numbered = (f"{name}{number}" for number in count(1))
    return name if name not in taken else next(each for each in numbered if each not in taken)


def rename(knowledge: Knowledge, node: Node, _revision: str) -> None:
    """Carry out a RENAME."""
    step = _RENAMES.get(node.renameType.name)
    if step:
        step(knowledge, node)


def _rename_table(knowledge: Knowledge, node: Node) -> None:
    old = relation_name(node.relation)
    move(knowledge, old, beside(old, node.newname))


def move(knowledge: Knowledge, old: str, new: str) -> None:
    """Let a table be found under its new name alone."""
    table = knowledge.change(old)
    knowledge.tables.pop(old)
    table.name = new
    knowledge.tables[new] = table
    for name, index in knowledge.indexes_of(old).items():
        knowledge.indexes[name] = replace(index, table=new)
    if old in knowledge.uses:
        knowledge.uses[new], knowledge.queries[new] = knowledge.uses.pop(old), knowledge.queries.pop(old)
    for child in knowledge.partitions(old):
        knowledge.change(child).parent = new
    for other, name in keys_to(knowledge, old):
        constraints = knowledge.change(other).constraints
        constraints[name] = replace(constraints[name], references=new)
    _rename_in_views(knowledge, old, lambda column: (new, column))


def _rename_in_views(knowledge: Knowledge, table: str, renamed_to: Callable[[str], tuple[str, str]]) -> None:
    """A view keeps to what it reads, whatever that is called; only its text is as it was."""
    for view, uses in list(knowledge.uses.items()):
        if any(each == table for each, _ in uses):
            knowledge.uses[view] = frozenset(
                renamed_to(column) if each == table else (each, column) for each, column in uses
            )


def _rename_column(knowledge: Knowledge, node: Node) -> None:
    table, old, new = relation_name(node.relation), node.subname, node.newname
    found = knowledge.change(table)
    found.columns = {new if n == old else n: column for n, column in found.columns.items()}
    found.constraints = {
        n: replace(c, columns=renamed(c.columns, old, new), proves=frozenset(renamed(c.proves, old, new)))
        for n, c in found.constraints.items()
    }
    for name, index in knowledge.indexes_of(table).items():
        inside, conditions = (frozenset(renamed(each, old, new)) for each in (index.inside, index.conditions))
        knowledge.indexes[name] = replace(
            index, columns=renamed(index.columns, old, new), inside=inside, conditions=conditions
        )
    for other, name in keys_to(knowledge, table):
        constraints = knowledge.change(other).constraints
        constraints[name] = replace(constraints[name], referenced=renamed(constraints[name].referenced, old, new))
    found.attached = {
        n: replace(each, columns=frozenset(renamed(each.columns, old, new))) for n, each in found.attached.items()
    }
    _rename_in_views(knowledge, table, lambda column: (table, new if column == old else column))


def renamed(names: Iterable[str], old: str, new: str) -> tuple[str, ...]:
    """Return names with one in the place of another."""
    return tuple(new if name == old else name for name in names)


def _rename_index(knowledge: Knowledge, node: Node) -> None:
    old = relation_name(node.relation)
    if old in knowledge.indexes:
        knowledge.indexes[beside(old, node.newname)] = knowledge.indexes.pop(old)


def _rename_constraint(knowledge: Knowledge, node: Node) -> None:
    table = relation_name(node.relation) if node.relation else ""
    found = knowledge.change(table)
    if node.subname in found.constraints:
        found.constraints[node.newname] = found.constraints.pop(node.subname)


def _rename_type(knowledge: Knowledge, node: Node) -> None:
    old = dotted(node.object)
    new = beside(old, node.newname)
    if old in knowledge.enums:
        knowledge.enums[new] = knowledge.enums.pop(old)
    if old in knowledge.domains:
        knowledge.domains[new] = knowledge.domains.pop(old)
    for table in list(knowledge.tables.values()):
        for column, kept in table.columns.items():
            if kept.type and kept.type.name == old:
                knowledge.change_column(table.name, column, type=replace(kept.type, name=new))


_RENAMES: dict[str, Callable[[Knowledge, Node], None]] = {
    "OBJECT_TABLE": _rename_table,
    "OBJECT_VIEW": _rename_table,
    "OBJECT_COLUMN": _rename_column,
    "OBJECT_INDEX": _rename_index,
    "OBJECT_TABCONSTRAINT": _rename_constraint,
    "OBJECT_TYPE": _rename_type,
}
