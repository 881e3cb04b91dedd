"""Carry one statement out on what is known, as PostgreSQL would on its catalogue. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from interlocking.review.reading.nodes import (
    Node,
    beside,
    constraint_kind,
    dotted,
    dropped_names,
    is_null,
    relation_name,
    split_name,
)
from interlocking.review.schema.batch import hand_over, is_copy
from interlocking.review.schema.burdens import is_volatile
from interlocking.review.schema.definitions import column_of
from interlocking.review.schema.dependents import keys_to
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.objects import Kind, Table
from interlocking.review.schema.replay_attached import create_policy, create_trigger, detach_dropped
from interlocking.review.schema.replay_constraints import add_constraint, drop_constraint, forget_keys_on, validate
from interlocking.review.schema.replay_indexes import alter_index, create_index, forget_index
from interlocking.review.schema.replay_names import move, rename
from interlocking.review.schema.replay_rows import change_rows, copy, insert, update
from interlocking.review.schema.replay_types import (
    alter_domain,
    alter_enum,
    create_domain,
    create_enum,
    create_function,
    set_variable,
)
from interlocking.review.schema.replay_views import create_table_as, create_view, is_temporary, refresh
from interlocking.review.schema.sqltypes import type_of


def apply(knowledge: Knowledge, node: Node, revision: str) -> None:
    """Change `knowledge` as the statement changes the database; one that changes nothing we keep is ignored."""
    step = _STEPS.get(type(node).__name__)
    if step:
        step(knowledge, node, revision)


def _create_table(knowledge: Knowledge, node: Node, revision: str) -> None:
    name = relation_name(node.relation)
    if name in knowledge.tables:
        return  # it stays what it was, if this runs at all: the revision may ask first whether it is there
    kind: Kind = "partitioned" if getattr(node, "partspec", None) else "table"
    knowledge.tables[name] = Table(name, complete=not node.inhRelations, made_by=revision, kind=kind)
    table = knowledge.change(name)
    table.temporary = is_temporary(node.relation)
    if node.partspec:
        table.partition_key = columns_of_key(node.partspec)
    if node.partbound and node.inhRelations:
        _become_partition(knowledge, table, relation_name(node.inhRelations[0]))
        table.is_default = node.partbound.is_default
    for each in node.tableElts or ():
        _add_element(knowledge, name, each, revision)


def columns_of_key(partspec: Node) -> frozenset[str]:
    """Return the columns that a PARTITION BY names."""
    return frozenset(each.name for each in partspec.partParams or () if each.name)


def _become_partition(knowledge: Knowledge, table: Table, parent: str) -> None:
    table.parent = parent
    table.columns = {**knowledge.table(parent).columns, **table.columns}
    table.complete = knowledge.table(parent).complete


def _add_element(knowledge: Knowledge, name: str, node: Node, revision: str) -> None:
    kind = type(node).__name__
    if kind == "Constraint":
        add_constraint(knowledge, name, node, revision=revision)
    elif kind == "TableLikeClause":
        _be_like(knowledge.change(name), knowledge.table(relation_name(node.relation)), node.options)
    elif kind == "ColumnDef":
        _add_column(knowledge, name, node, revision)


def _be_like(table: Table, other: Table, options: int) -> None:
    """Copy what CREATE TABLE ... (LIKE ...) copies: the columns, and the CHECKs where that is asked for."""
    table.like = other.name if is_copy(table.name) else ""
    table.columns.update(other.columns)
    table.complete = table.complete and other.complete
    if options & _LIKE_CONSTRAINTS:
        table.constraints.update({name: each for name, each in other.constraints.items() if each.kind == "check"})


_LIKE_CONSTRAINTS = 1 << 2  # CREATE_TABLE_LIKE_CONSTRAINTS


def _add_column(knowledge: Knowledge, name: str, node: Node, revision: str) -> None:
    knowledge.change(name).columns[node.colname] = replace(column_of(node, revision), alike=_alike(knowledge, node))
    for constraint in node.constraints or ():
        add_constraint(knowledge, name, constraint, node.colname, revision)


def _alike(knowledge: Knowledge, node: Node) -> bool:
    """Say whether the rows that are there get one and the same value for a new column."""
    defaults = [each.raw_expr for each in node.constraints or () if constraint_kind(each) == "default"]
    return any(not is_null(each) and not is_volatile(each, knowledge) for each in defaults)


def _alter_table(knowledge: Knowledge, node: Node, revision: str) -> None:
    if node.objtype.name in ("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"):
        for command in node.cmds:
            step = _COMMANDS.get(command.subtype.name)
            if step:
                step(knowledge, relation_name(node.relation), command, revision)
    elif node.objtype.name == "OBJECT_INDEX":
        alter_index(knowledge, node)


def _change_type(knowledge: Knowledge, table: str, command: Node, _revision: str) -> None:
    definition = command.def_
    collation = dotted(definition.collClause.collname) if definition.collClause else ""
    knowledge.change_column(table, command.name, type=type_of(definition.typeName), collation=collation)


def _drop_column(knowledge: Knowledge, table: str, command: Node, _revision: str) -> None:
    found = knowledge.change(table)
    _take_along(knowledge, table, command, command.name)
    found.columns.pop(command.name, None)
    found.constraints = {n: c for n, c in found.constraints.items() if command.name not in c.columns}
    for name, index in knowledge.indexes_of(table).items():
        if index.needs(command.name):
            del knowledge.indexes[name]


def _take_along(knowledge: Knowledge, table: str, command: Node, column: str) -> None:
    """CASCADE takes the foreign keys that point to a column, and the views that read it."""
    if command.behavior.name != "DROP_CASCADE":
        return
    forget_keys_on(knowledge, table, column)
    for view in [view for view, uses in knowledge.uses.items() if (table, column) in uses or (table, "*") in uses]:
        _forget_table(knowledge, view)


def _attach(knowledge: Knowledge, table: str, command: Node, _revision: str) -> None:
    part = knowledge.change(relation_name(command.def_.name))
    part.parent, part.is_default = table, command.def_.bound.is_default


def _detach(knowledge: Knowledge, _table: str, command: Node, _revision: str) -> None:
    knowledge.change(relation_name(command.def_.name)).parent = ""


def _set_identity(knowledge: Knowledge, table: str, command: Node, _revision: str) -> None:
    """REPLICA IDENTITY: by an index, the whole row, the primary key or nothing."""
    kind, found = command.def_.identity_type, knowledge.change(table)
    key = found.primary_name
    named = beside(table, command.def_.name or "") if kind == "i" else beside(table, key) if key else ""
    found.identity = {"f": "*", "n": ""}.get(kind, named)


_COMMANDS: dict[str, Callable[[Knowledge, str, Node, str], None]] = {
    "AT_AddColumn": lambda k, table, command, revision: _add_column(k, table, command.def_, revision),
    "AT_DropColumn": _drop_column,
    "AT_AlterColumnType": _change_type,
    "AT_SetNotNull": lambda k, table, command, _: k.change_column(table, command.name, not_null=True),
    "AT_DropNotNull": lambda k, table, command, _: k.change_column(table, command.name, not_null=False),
    "AT_ColumnDefault": lambda k, table, command, _: k.change_column(
        table, command.name, default=command.def_ is not None
    ),
    "AT_AddIdentity": lambda k, table, command, _: k.change_column(table, command.name, default=True, not_null=True),
    "AT_DropIdentity": lambda k, table, command, _: k.change_column(table, command.name, default=False),
    "AT_AddConstraint": lambda k, table, command, revision: add_constraint(k, table, command.def_, revision=revision),
    "AT_ValidateConstraint": validate,
    "AT_DropConstraint": drop_constraint,
    "AT_AttachPartition": _attach,
    "AT_ReplicaIdentity": _set_identity,
    "AT_DetachPartition": _detach,
}


def _drop(knowledge: Knowledge, node: Node, _revision: str) -> None:
    kind = node.removeType.name
    for name in dropped_names(node):
        if kind in ("OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW"):
            hand_over(knowledge, name)
            _forget_table(knowledge, name)
        elif kind == "OBJECT_INDEX":
            forget_index(knowledge, name)
        elif kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
            knowledge.enums.pop(name, None)
            knowledge.domains.pop(name, None)
    detach_dropped(knowledge, node)


def forget_temporary(knowledge: Knowledge) -> None:
    """End the session: what was temporary is gone."""
    for name in [name for name, table in knowledge.tables.items() if table.temporary]:
        _forget_table(knowledge, name)


def _forget_table(knowledge: Knowledge, name: str) -> None:
    for part in knowledge.partitions(name):
        _forget_table(knowledge, part)
    knowledge.tables.pop(name, None)
    knowledge.uses.pop(name, None)
    for view in [view for view, uses in knowledge.uses.items() if any(table == name for table, _ in uses)]:
        _forget_table(knowledge, view)  # only CASCADE lets it go while they read it
    for other, constraint in keys_to(knowledge, name):
        knowledge.change(other).constraints.pop(constraint)
    for index in knowledge.indexes_of(name):
        del knowledge.indexes[index]


def _set_schema(knowledge: Knowledge, node: Node, _revision: str) -> None:
    if node.objectType.name == "OBJECT_TABLE":
        old = relation_name(node.relation)
        bare = split_name(old)[1]
        move(knowledge, old, bare if node.newschema == "public" else f"{node.newschema}.{bare}")


def _create_extension(knowledge: Knowledge, node: Node, _revision: str) -> None:
    knowledge.extensions |= {node.extname}


_STEPS: dict[str, Callable[[Knowledge, Node, str], None]] = {
    "CreateStmt": _create_table,
    "CreateTableAsStmt": create_table_as,
    "InsertStmt": insert,
    "UpdateStmt": update,
    "CopyStmt": copy,
    **dict.fromkeys(("DeleteStmt", "MergeStmt", "TruncateStmt"), change_rows),
    "ViewStmt": create_view,
    "RefreshMatViewStmt": refresh,
    "IndexStmt": create_index,
    "AlterTableStmt": _alter_table,
    "RenameStmt": rename,
    "DropStmt": _drop,
    "CreateEnumStmt": create_enum,
    "AlterEnumStmt": alter_enum,
    "CreateDomainStmt": create_domain,
    "AlterDomainStmt": alter_domain,
    "AlterObjectSchemaStmt": _set_schema,
    "CreateFunctionStmt": create_function,
    "CreatePolicyStmt": create_policy,
    "CreateTrigStmt": create_trigger,
    "CreateExtensionStmt": _create_extension,
    "VariableSetStmt": set_variable,
}
