"""Which phase of a release a statement belongs to: before the new code, after the old code is gone, or rows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from interlocking.review.model import Phase
from interlocking.review.reading.nodes import Node, constraint_kind, dropped_names, relation_name
from interlocking.review.schema.batch import copy_of, lost_columns
from interlocking.review.schema.definitions import constraint_of
from interlocking.review.schema.sqltypes import can_lose, type_of

if TYPE_CHECKING:
    from interlocking.review.rules.place import Place

_DATA = ("UpdateStmt", "DeleteStmt", "InsertStmt", "TruncateStmt", "CopyStmt", "MergeStmt")
_NOTHING = ("VariableSetStmt", "TransactionStmt", "CommentStmt", "LockStmt", "VacuumStmt", "ReindexStmt", "ClusterStmt")
_CONTRACTING = ("AT_DropColumn", "AT_DisableRowSecurity",
                "AT_EnableRowSecurity", "AT_ForceRowSecurity")  # fmt: skip
_RENAMES_THAT_MATTER = (
    "OBJECT_TABLE",
    "OBJECT_COLUMN",
    "OBJECT_SCHEMA",
    "OBJECT_TYPE",
    "OBJECT_VIEW",
    "OBJECT_MATVIEW",
)
_DROPS_THAT_MATTER = (
    "OBJECT_TABLE",
    "OBJECT_SCHEMA",
    "OBJECT_VIEW",
    "OBJECT_MATVIEW",
    "OBJECT_TYPE",
    "OBJECT_FUNCTION",
)


_ORDER: tuple[Phase, ...] = ("none", "expand", "data", "contract")


def last_of(one: Phase, other: Phase) -> Phase:
    """Return the phase that comes later in a release: that of something that does both."""
    return max(one, other, key=_ORDER.index)


def phases_of(phases: Sequence[Phase]) -> tuple[Phase, ...]:
    """Return the phases that occur, but for `none`, in the order in which a release goes through them."""
    return tuple(phase for phase in _ORDER[1:] if phase in phases)


def phase_of(place: Place) -> Phase:
    """Return the phase of one statement.

    Returns:
        `expand`: the code that runs now keeps working after it; `contract`: it may not; `data`: rows change;
        `none`: nothing that outlives the statement.
    """
    node = place.node
    kind = type(node).__name__
    if kind in _DATA:
        return "data"
    if kind in _NOTHING:
        return "none"
    rule = _RULES.get(kind)
    return "contract" if rule and rule(place, node) else "expand"


def _on_new_table(place: Place, node: Node) -> bool:
    return node.relation is not None and place.is_new(relation_name(node.relation))


def _table_contracts(place: Place, node: Node) -> bool:
    return not _on_new_table(place, node) and any(_contracts(place, each) for each in node.cmds)


def _contracts(place: Place, command: Node) -> bool:
    """Say whether statements of the running code may fail after it."""
    kind = command.subtype.name
    table = relation_name(place.node.relation)
    if kind == "AT_AddColumn":
        constraints = {constraint_kind(each) for each in command.def_.constraints or ()}
        return "notnull" in constraints and not constraints & {"default", "identity", "generated"}
    if kind == "AT_AlterColumnType":
        return _narrows(place, table, command)
    if kind == "AT_SetNotNull":
        return not place.known.table(table).proves_not_null(command.name)
    if kind == "AT_AddConstraint":
        columns = constraint_of(command.def_).columns
        return not (columns and all(place.column_is_new(table, each) for each in columns))
    if kind == "AT_ColumnDefault":
        return command.def_ is None and bool(place.known.column(table, command.name).not_null)
    return kind in _CONTRACTING


def _narrows(place: Place, table: str, command: Node) -> bool:
    old = place.known.column(table, command.name).type
    return old is None or can_lose(old, type_of(command.def_.typeName))


def _copied(place: Place, node: Node) -> bool:
    """Say whether a copy with all its columns takes the place of what is dropped."""
    names = dropped_names(node)
    return all(copy_of(place.known, each) and not lost_columns(place.known, each) for each in names)


_RULES: dict[str, Callable[[Place, Node], bool]] = {
    "AlterTableStmt": _table_contracts,
    "RenameStmt": lambda place, node: node.renameType.name in _RENAMES_THAT_MATTER and not _on_new_table(place, node),
    "DropStmt": lambda place, node: node.removeType.name in _DROPS_THAT_MATTER and not _copied(place, node),
    "AlterEnumStmt": lambda _, node: bool(node.oldVal),
    "IndexStmt": lambda place, node: bool(node.unique) and not _on_new_table(place, node),
    "AlterObjectSchemaStmt": lambda *_: True,
    "DropdbStmt": lambda *_: True,
    "DropOwnedStmt": lambda *_: True,
}
