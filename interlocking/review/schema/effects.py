"""Which tables a statement locks, how strongly, and what it does while it holds them. Pure.

The modes are those of AlterTableGetLockLevel and its kin; tests/review/test_locks.py compares them with `pg_locks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from interlocking.review.reading.nodes import Node, constraint_kind, dotted, option, relation_name
from interlocking.review.schema.bounds import check_proves_partition
from interlocking.review.schema.burdens import (
    burdens_of_column,
    cost_of_type_change,
    scans_for_not_null,
)
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.locks import (
    ACCESS_EXCLUSIVE,
    EXCLUSIVE,
    ROW_EXCLUSIVE,
    SHARE,
    SHARE_ROW_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
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
    burdens = burdens_of_column(command.def_, known)
    work: Work = "rewrite" if burdens & _REWRITING else "scan" if "check" in burdens else "brief"
    work = "build" if work != "rewrite" and burdens & {"unique", "primary"} else work
    yield Effect(table, ACCESS_EXCLUSIVE, "scan" if work == "brief" and "foreign-with-default" in burdens else work)
    for constraint in command.def_.constraints or ():
        if constraint.pktable:
            yield Effect(relation_name(constraint.pktable), SHARE_ROW_EXCLUSIVE)


_REWRITING = {"volatile", "serial", "identity", "stored", "domain"}


def _change_type(table: str, command: Node, known: Knowledge) -> Iterator[Effect]:
    cost = cost_of_type_change(table, command, known)
    work: Work = {"nothing": "brief", "scan": "scan", "index": "build", "rewrite": "rewrite", "unknown": "rewrite"}[
        cost
    ]  # type: ignore[assignment]
    yield Effect(table, ACCESS_EXCLUSIVE, work)


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


_TRIGGER_COMMANDS = (
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
    **{each: _with(SHARE_ROW_EXCLUSIVE) for each in _TRIGGER_COMMANDS},
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
    kind = node.removeType.name
    for each in node.objects:
        name = dotted(each.names if hasattr(each, "names") else each)
        if kind in ("OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW"):
            yield Effect(name, ACCESS_EXCLUSIVE)
            references = (c.references for c in known.table(name).constraints.values() if c.references)
            yield from (Effect(table, ACCESS_EXCLUSIVE) for table in references)
        elif kind == "OBJECT_INDEX" and name in known.indexes:
            yield Effect(known.indexes[name].table, SHARE_UPDATE_EXCLUSIVE if node.concurrent else ACCESS_EXCLUSIVE)
        elif kind in ("OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE"):
            yield Effect(dotted(each[:-1]), ACCESS_EXCLUSIVE)


def _rename(node: Node, _known: Knowledge) -> Iterator[Effect]:
    if node.relation and node.renameType.name in (
        "OBJECT_TABLE",
        "OBJECT_COLUMN",
        "OBJECT_TABCONSTRAINT",
        "OBJECT_VIEW",
    ):
        yield Effect(relation_name(node.relation), ACCESS_EXCLUSIVE)


def _alter_domain(node: Node, known: Knowledge) -> Iterator[Effect]:
    adds = node.subtype == "O" or (node.subtype == "C" and not node.def_.skip_validation) or node.subtype == "V"
    domain = dotted(node.typeName)
    for table in known.tables.values() if adds else ():
        if any(column.type and column.type.name == domain for column in table.columns.values()):
            yield Effect(table.name, SHARE, "scan")


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
    full = node.is_vacuumcmd and option(node.options, "full")
    for each in node.rels or ():
        yield (
            Effect(relation_name(each.relation), ACCESS_EXCLUSIVE, "rewrite")
            if full
            else Effect(relation_name(each.relation), SHARE_UPDATE_EXCLUSIVE)
        )


def _rows(node: Node, _known: Knowledge) -> Iterator[Effect]:
    yield Effect(relation_name(node.relation), ROW_EXCLUSIVE, "rows")


def _insert(node: Node, _known: Knowledge) -> Iterator[Effect]:
    copies = node.selectStmt is not None and not node.selectStmt.valuesLists
    yield Effect(relation_name(node.relation), ROW_EXCLUSIVE, "rows" if copies else "brief")


_LOCK_MODES = {1: "access share", 2: "row share", 3: ROW_EXCLUSIVE, 4: SHARE_UPDATE_EXCLUSIVE, 5: SHARE}
_LOCK_MODES |= {6: SHARE_ROW_EXCLUSIVE, 7: EXCLUSIVE, 8: ACCESS_EXCLUSIVE}

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
    "ClusterStmt": lambda node, _: iter(
        (Effect(relation_name(node.relation), ACCESS_EXCLUSIVE, "rewrite"),) if node.relation else ()
    ),
    "TruncateStmt": lambda node, _: (Effect(relation_name(each), ACCESS_EXCLUSIVE) for each in node.relations),
    "LockStmt": lambda node, _: (Effect(relation_name(each), _LOCK_MODES[node.mode]) for each in node.relations),
    "CreateTrigStmt": lambda node, _: iter((Effect(relation_name(node.relation), SHARE_ROW_EXCLUSIVE),)),
    "CreatePolicyStmt": lambda node, _: iter((Effect(relation_name(node.table), ACCESS_EXCLUSIVE),)),
    "AlterPolicyStmt": lambda node, _: iter((Effect(relation_name(node.table), ACCESS_EXCLUSIVE),)),
    "RuleStmt": lambda node, _: iter((Effect(relation_name(node.relation), ACCESS_EXCLUSIVE),)),
    "AlterObjectSchemaStmt": lambda node, _: iter(
        (Effect(relation_name(node.relation), ACCESS_EXCLUSIVE),) if node.relation else ()
    ),
    "UpdateStmt": _rows,
    "DeleteStmt": _rows,
    "InsertStmt": _insert,
    "MergeStmt": _rows,
}
