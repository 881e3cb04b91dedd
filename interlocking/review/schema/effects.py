"""Which tables a statement locks, how strongly, and what it does while it holds them. Pure.

The modes are those of AlterTableGetLockLevel and its kin; tests/review/test_locks.py compares them with `pg_locks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from interlocking.review.reading.nodes import Node, constraint_kind, dotted, dropped_names, option, relation_name
from interlocking.review.schema.bounds import check_proves_partition
from interlocking.review.schema.burdens import TypeCost, burdens_of_column, cost_of_type_change, scans_for_not_null
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.locks import (
    ACCESS_EXCLUSIVE,
    EXCLUSIVE,
    ROW_EXCLUSIVE,
    SHARE,
    SHARE_ROW_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    STRENGTH,
    Effect,
    Work,
    stronger,
)


def effects_of(node: Node, known: Knowledge) -> tuple[Effect, ...]:
    """Return what a statement does to tables that are there before it, the strongest lock a table.

    Args:
        node: the statement, as pglast reads it.
        known: what is known before it runs.
    """
    rule = _EFFECTS.get(type(node).__name__)
    merged: dict[str, Effect] = {}
    for effect in rule(node, known) if rule else ():
        merged[effect.table] = stronger(merged.get(effect.table, effect), effect)
    return tuple(merged.values())


def _alter_table(node: Node, known: Knowledge) -> Iterator[Effect]:
    kind = node.objtype.name
    if kind in ("OBJECT_INDEX", "OBJECT_TYPE"):
        return
    table = relation_name(node.relation)
    for command in node.cmds:
        rule = _COMMANDS.get(command.subtype.name)
        yield from rule(table, command, known) if rule else (Effect(table, ACCESS_EXCLUSIVE),)


def _add_column(table: str, command: Node, known: Knowledge) -> Iterator[Effect]:
    yield Effect(table, ACCESS_EXCLUSIVE, _work_of_column(burdens_of_column(command.def_, known)))
    yield from _on(*(each.pktable for each in command.def_.constraints or ()), mode=SHARE_ROW_EXCLUSIVE)


def _work_of_column(burdens: frozenset[str]) -> Work:
    for work, causes in _CAUSES.items():
        if burdens & causes:
            return work
    return "brief"


_CAUSES: dict[Work, set[str]] = {  # the most work first
    "rewrite": {"volatile", "serial", "identity", "stored", "domain"},
    "build": {"unique", "primary"},
    "scan": {"check", "foreign-with-default"},
}


def _change_type(table: str, command: Node, known: Knowledge) -> Iterator[Effect]:
    yield Effect(table, ACCESS_EXCLUSIVE, _WORK_OF_TYPE_CHANGE[cost_of_type_change(table, command, known)])


_WORK_OF_TYPE_CHANGE: dict[TypeCost, Work] = {
    "nothing": "brief",
    "scan": "scan",
    "index": "build",
    "rewrite": "rewrite",
    "unknown": "rewrite",
}


def _set_not_null(table: str, command: Node, known: Knowledge) -> Iterator[Effect]:
    yield Effect(table, ACCESS_EXCLUSIVE, "scan" if scans_for_not_null(table, command.name, known) else "brief")


def _add_constraint(table: str, command: Node, known: Knowledge) -> Iterator[Effect]:
    node = command.def_
    kind = constraint_kind(node)
    if kind == "foreign":
        referenced = relation_name(node.pktable)
        yield Effect(table, SHARE_ROW_EXCLUSIVE, "brief" if node.skip_validation else "scan")
        yield Effect(referenced, SHARE_ROW_EXCLUSIVE, "brief" if node.skip_validation else "scan")
    elif kind in ("unique", "primary", "exclusion"):
        yield Effect(table, ACCESS_EXCLUSIVE, _work_of_key(table, node, known))
    else:
        yield Effect(table, ACCESS_EXCLUSIVE, "brief" if node.skip_validation else "scan")


def _work_of_key(table: str, node: Node, known: Knowledge) -> Work:
    if not node.indexname:
        return "build"
    columns = known.indexes[node.indexname].columns if node.indexname in known.indexes else ()
    nullable = any(scans_for_not_null(table, each, known) for each in columns)
    return "scan" if constraint_kind(node) == "primary" and nullable else "brief"


def _drop_constraint(table: str, command: Node, known: Knowledge) -> Iterator[Effect]:
    yield Effect(table, ACCESS_EXCLUSIVE)
    found = known.table(table).constraints.get(command.name)
    if found and found.references:
        yield Effect(found.references, ACCESS_EXCLUSIVE)


def _attach(table: str, command: Node, known: Knowledge) -> Iterator[Effect]:
    yield Effect(table, SHARE_UPDATE_EXCLUSIVE)
    part = relation_name(command.def_.name)
    proved = check_proves_partition(known.table(part), known.table(table), command.def_.bound)
    yield Effect(part, ACCESS_EXCLUSIVE, "brief" if proved else "scan")
    yield from _default_searched(table, known)


def _default_searched(parent: str, known: Knowledge) -> Iterator[Effect]:
    """The default partition is searched for rows that belong into a new one."""
    default = known.default_partition(parent)
    if default:
        yield Effect(default.name, ACCESS_EXCLUSIVE, "scan" if not default.checks(known.table(parent)) else "brief")


def _detach(table: str, command: Node, _known: Knowledge) -> Iterator[Effect]:
    concurrent = command.def_.concurrent
    yield Effect(table, SHARE_UPDATE_EXCLUSIVE if concurrent else ACCESS_EXCLUSIVE)
    if not concurrent:
        yield Effect(relation_name(command.def_.name), ACCESS_EXCLUSIVE)


def _with(mode: str, work: Work = "brief") -> Callable[[str, Node, Knowledge], Iterator[Effect]]:
    return lambda table, _command, _known: iter((Effect(table, mode, work),))


TRIGGER_COMMANDS = (
    "AT_EnableTrig",
    "AT_EnableAlwaysTrig",
    "AT_EnableReplicaTrig",
    "AT_DisableTrig",
    "AT_EnableTrigAll",
    "AT_DisableTrigAll",
    "AT_EnableTrigUser",
    "AT_DisableTrigUser",
)
_LIGHT_COMMANDS = ("AT_SetStatistics", "AT_ClusterOn", "AT_DropCluster", "AT_SetOptions", "AT_ResetOptions")
_COMMANDS: dict[str, Callable[[str, Node, Knowledge], Iterator[Effect]]] = {
    "AT_AddColumn": _add_column,
    "AT_AlterColumnType": _change_type,
    "AT_SetNotNull": _set_not_null,
    "AT_AddConstraint": _add_constraint,
    "AT_DropConstraint": _drop_constraint,
    "AT_ValidateConstraint": _with(SHARE_UPDATE_EXCLUSIVE, "scan"),
    "AT_AttachPartition": _attach,
    "AT_DetachPartition": _detach,
    "AT_SetTableSpace": _with(ACCESS_EXCLUSIVE, "rewrite"),
    "AT_SetLogged": _with(ACCESS_EXCLUSIVE, "rewrite"),
    "AT_SetUnLogged": _with(ACCESS_EXCLUSIVE, "rewrite"),
    "AT_SetAccessMethod": _with(ACCESS_EXCLUSIVE, "rewrite"),
    "AT_SetExpression": _with(ACCESS_EXCLUSIVE, "rewrite"),
    "AT_AddIdentity": _with(ACCESS_EXCLUSIVE),
    "AT_SetRelOptions": _with(SHARE_UPDATE_EXCLUSIVE),
    "AT_ResetRelOptions": _with(SHARE_UPDATE_EXCLUSIVE),
    **{each: _with(SHARE_ROW_EXCLUSIVE) for each in TRIGGER_COMMANDS},
    **{each: _with(SHARE_UPDATE_EXCLUSIVE) for each in _LIGHT_COMMANDS},
}


def _create_index(node: Node, known: Knowledge) -> Iterator[Effect]:
    mode = SHARE_UPDATE_EXCLUSIVE if node.concurrent else SHARE
    table = relation_name(node.relation)
    for each in (table, *(known.partitions(table) if node.relation.inh else ())):
        yield Effect(each, mode, "brief" if node.concurrent else "build")


def _create_table(node: Node, known: Knowledge) -> Iterator[Effect]:
    for each in node.inhRelations if node.partbound else ():
        yield Effect(relation_name(each), ACCESS_EXCLUSIVE)
        yield from _default_searched(relation_name(each), known)
    elements = node.tableElts or ()
    for each in (*elements, *(c for e in elements for c in getattr(e, "constraints", None) or ())):
        if getattr(each, "pktable", None):
            yield Effect(relation_name(each.pktable), SHARE_ROW_EXCLUSIVE)


def _drop(node: Node, known: Knowledge) -> Iterator[Effect]:
    kind, names = node.removeType.name, dropped_names(node)
    if kind in ("OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW"):
        for name in names:
            keys = known.table(name).constraints.values()
            yield from (Effect(each, ACCESS_EXCLUSIVE) for each in (name, *(key.references for key in keys)) if each)
    elif kind == "OBJECT_INDEX":
        mode = SHARE_UPDATE_EXCLUSIVE if node.concurrent else ACCESS_EXCLUSIVE
        yield from (Effect(known.indexes[name].table, mode) for name in names if name in known.indexes)
    elif kind in ("OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE"):
        yield from (Effect(dotted(each[:-1]), ACCESS_EXCLUSIVE) for each in node.objects)


def _rename(node: Node, _known: Knowledge) -> Iterator[Effect]:
    if node.relation and node.renameType.name in (
        "OBJECT_TABLE",
        "OBJECT_COLUMN",
        "OBJECT_TABCONSTRAINT",
        "OBJECT_VIEW",
    ):
        yield Effect(relation_name(node.relation), ACCESS_EXCLUSIVE)


def _alter_domain(node: Node, known: Knowledge) -> Iterator[Effect]:
    if adds_to_domain(node) or node.subtype == "V":  # VALIDATE CONSTRAINT
        yield from (Effect(table, SHARE, "scan") for table in known.tables_with(dotted(node.typeName)))


def adds_to_domain(node: Node) -> bool:
    """Say whether an ALTER DOMAIN adds a constraint that it tests at once: SET NOT NULL, or ADD without NOT VALID."""
    return bool(node.subtype == "O" or (node.subtype == "C" and not node.def_.skip_validation))


def _refresh(node: Node, _known: Knowledge) -> Iterator[Effect]:
    name = relation_name(node.relation)
    yield Effect(name, EXCLUSIVE, "rows") if node.concurrent else Effect(name, ACCESS_EXCLUSIVE, "rewrite")


def _reindex(node: Node, known: Knowledge) -> Iterator[Effect]:
    mode = SHARE_UPDATE_EXCLUSIVE if option(node.params, "concurrently") else SHARE
    if node.relation:
        name = relation_name(node.relation)
        index = known.indexes.get(name)
        yield Effect(index.table if index else name, mode, "brief" if mode == SHARE_UPDATE_EXCLUSIVE else "build")


def _vacuum(node: Node, _known: Knowledge) -> Iterator[Effect]:
    relations = [each.relation for each in node.rels or ()]
    if node.is_vacuumcmd and option(node.options, "full"):
        return _on(*relations, work="rewrite")
    return _on(*relations, mode=SHARE_UPDATE_EXCLUSIVE)


def _insert(node: Node, _known: Knowledge) -> Iterator[Effect]:
    copies = node.selectStmt is not None and not node.selectStmt.valuesLists
    yield Effect(relation_name(node.relation), ROW_EXCLUSIVE, "rows" if copies else "brief")


def _on(*relations: Node, mode: str = ACCESS_EXCLUSIVE, work: Work = "brief") -> Iterator[Effect]:
    """Yield the same effect on each relation that the statement names."""
    return (Effect(relation_name(each), mode, work) for each in relations if each)


_LOCK_MODES = {number: mode for mode, number in STRENGTH.items()}  # LockStmt counts them from 1, as lockdefs.h does

_EFFECTS: dict[str, Callable[[Node, Knowledge], Iterator[Effect]]] = {
    "AlterTableStmt": _alter_table,
    "IndexStmt": _create_index,
    "CreateStmt": _create_table,
    "DropStmt": _drop,
    "RenameStmt": _rename,
    "AlterDomainStmt": _alter_domain,
    "RefreshMatViewStmt": _refresh,
    "ReindexStmt": _reindex,
    "VacuumStmt": _vacuum,
    "ClusterStmt": lambda node, _: _on(node.relation, work="rewrite"),
    "TruncateStmt": lambda node, _: _on(*node.relations),
    "LockStmt": lambda node, _: _on(*node.relations, mode=_LOCK_MODES[node.mode]),
    "CreateTrigStmt": lambda node, _: _on(node.relation, mode=SHARE_ROW_EXCLUSIVE),
    "CreatePolicyStmt": lambda node, _: _on(node.table),
    "AlterPolicyStmt": lambda node, _: _on(node.table),
    "RuleStmt": lambda node, _: _on(node.relation),
    "AlterObjectSchemaStmt": lambda node, _: _on(node.relation),
    "InsertStmt": _insert,
    **dict.fromkeys(
        ("UpdateStmt", "DeleteStmt", "MergeStmt"),
        lambda node, _: _on(node.relation, mode=ROW_EXCLUSIVE, work="rows"),
    ),
    "CopyStmt": lambda node, _: _on(node.relation if node.is_from else None, mode=ROW_EXCLUSIVE, work="rows"),
}
