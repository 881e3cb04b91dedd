"""The statements before a statement, summed up as they come, so that no rule has to go through all of them.

A revision may have thousands: a rule that compared each with all before it would take the square of their number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from interlocking.review.model import Statement
from interlocking.review.reading.nodes import Node, beside, constraint_kind, dotted, dropped_names, relation_name
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, SHARE_ROW_EXCLUSIVE, Effect
from interlocking.review.schema.objects import Index


@dataclass(frozen=True)
class Step:
    """A statement that was judged, and what it did; `dropped` are the indexes that it dropped, as they were."""

    statement: Statement
    node: Node
    effects: tuple[Effect, ...]
    dropped: Mapping[str, Index] = field(default_factory=dict)


@dataclass
class Steps:
    """Statements that were judged.

    Attributes:
        effects: what they did to old tables, each once, in order.
        on: the same by table.
        brief: the ACCESS EXCLUSIVE locks that were taken for a moment, by table.
        settings: the steps that set a variable.
        values: the enum that a value was added to, by value.
        enums: the enums that were made.
        shapes: the kinds of statement that met a table, as (kind, table).
        added: the step that added a constraint, by table and name.
        referenced: the tables that foreign keys were made to.
        dropping: the steps that dropped an index, by its table.
        gone_through: the tables that an ALTER TABLE read or wrote row by row.
        gone: the names of indexes and constraints that were dropped, known or not.
        loosened: the tables that lost a constraint.
        locked: the tables that each revision locked strongly, in order.
        spread: the revisions that locked one such table after another.
    """

    effects: dict[Effect, None] = field(default_factory=dict)
    on: dict[str, dict[Effect, None]] = field(default_factory=dict)
    brief: dict[str, Effect] = field(default_factory=dict)
    settings: list[Step] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    enums: set[str] = field(default_factory=set)
    shapes: set[tuple[str, str]] = field(default_factory=set)
    added: dict[tuple[str, str], Step] = field(default_factory=dict)
    referenced: set[str] = field(default_factory=set)
    dropping: dict[str, list[Step]] = field(default_factory=dict)
    gone_through: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    loosened: set[str] = field(default_factory=set)
    locked: dict[str, dict[str, None]] = field(default_factory=dict)
    spread: set[str] = field(default_factory=set)

    def add(self, step: Step) -> None:
        """Sum one more step up."""
        kind = type(step.node).__name__
        if kind == "VariableSetStmt":
            self.settings.append(step)
        elif kind == "CreateEnumStmt":
            self.enums.add(dotted(step.node.typeName))
        elif kind == "AlterEnumStmt" and not step.node.oldVal:
            self.values[step.node.newVal] = dotted(step.node.typeName)
        relation = getattr(step.node, "relation", None)
        if relation is not None:
            self.shapes.add((kind, relation_name(relation)))
        self._add_effects(step)
        self.gone |= names_dropped(step.node)
        for index in step.dropped.values():
            self.dropping.setdefault(index.table, []).append(step)
        if kind == "AlterTableStmt" and relation is not None:
            self._add_commands(step, relation_name(relation))
        self._follow(step.node)

    def _follow(self, node: Node) -> None:
        """Know a table by its new name from now on; one that is gone has nobody who waits for it."""
        if type(node).__name__ == "RenameStmt" and node.renameType.name == "OBJECT_TABLE":
            old, (new,) = relation_name(node.relation), names_made(node)
            if old in self.brief:
                self.brief[new] = replace(self.brief.pop(old), table=new)
            for locked in self.locked.values():
                if old in locked:
                    locked[new] = locked.pop(old)
        for name in tables_dropped(node):
            self.brief.pop(name, None)
            for locked in self.locked.values():
                locked.pop(name, None)

    def _add_effects(self, step: Step) -> None:
        for effect in step.effects:
            self.effects[effect] = None
            self.on.setdefault(effect.table, {})[effect] = None
            if effect.mode == ACCESS_EXCLUSIVE and not effect.long:
                self.brief.setdefault(effect.table, effect)
        strong = {effect.table: _of_new_table(step.node, effect) for effect in step.effects if effect.strong}
        locked = self.locked.setdefault(step.statement.revision, {})
        if locked and any(table not in locked for table in strong):
            self.spread.add(step.statement.revision)
        passed = gone_through(step.node, step.effects)
        self.gone_through |= {passed.table} if passed else set()
        locked.update({table: None for table, harmless in strong.items() if not harmless})

    def _add_commands(self, step: Step, table: str) -> None:
        for command in step.node.cmds:
            kind = command.subtype.name
            if kind == "AT_DropConstraint":
                self.loosened.add(table)
            elif kind == "AT_AddConstraint":
                self.added.setdefault((table, command.def_.conname), step)
                if constraint_kind(command.def_) == "foreign":
                    self.referenced.add(relation_name(command.def_.pktable))

    def drops_on(self, table: str) -> Iterator[tuple[Step, str, Index]]:
        """Yield the indexes of a table that were dropped, each with its step and name."""
        for step in self.dropping.get(table, ()):
            for name, index in step.dropped.items():
                if index.table == table:
                    yield step, name, index


def gone_through(node: Node, effects: Sequence[Effect]) -> Effect | None:
    """Return what an ALTER TABLE does in its pass through all rows, which several changes can share; None for no pass.

    A foreign key has none: each is checked by a query of its own, also when two are added by one statement.
    """
    commands = (getattr(node, "cmds", None) or ()) if type(node).__name__ == "AlterTableStmt" else ()
    if all(each.subtype.name == "AT_AddConstraint" and each.def_.pktable for each in commands):
        return None
    table = relation_name(node.relation)
    return next((each for each in effects if each.table == table and each.strong and each.work in _PASSES), None)


_PASSES = ("scan", "rewrite")


def _of_new_table(node: Node, effect: Effect) -> bool:
    """Say whether it is only the lock on what a new table points to: readers go on, and it has no row to look up."""
    return type(node).__name__ == "CreateStmt" and effect.mode == SHARE_ROW_EXCLUSIVE


@dataclass
class Made:
    """What the statements of one direction make, looked through when first asked for."""

    statements: Sequence[Statement]

    @cached_property
    def names(self) -> frozenset[tuple[str, str]]:
        """The kind of statement and the name of what it makes."""
        return frozenset((type(each.node).__name__, name) for each in self.statements for name in names_made(each.node))

    @cached_property
    def dropped(self) -> frozenset[str]:
        """The tables that go."""
        return frozenset(name for each in self.statements for name in tables_dropped(each.node))


def tables_dropped(node: Node) -> list[str]:
    """Return the tables that a statement drops."""
    is_drop = type(node).__name__ == "DropStmt" and node.removeType.name == "OBJECT_TABLE"
    return dropped_names(node) if is_drop else []


def names_made(node: Node) -> list[str]:
    """Return the names of what a statement makes."""
    named = _NAMED.get(type(node).__name__)
    return [name for name in (named(node) if named else ()) if name]


def _within(table: Node, name: str) -> list[str]:
    return [f"{relation_name(table)}.{name}"]


def _renamed(node: Node) -> list[str]:
    return [beside(relation_name(node.relation), node.newname)] if node.relation else []


def _constraint_made(node: Node) -> list[str]:
    """Return the name of a constraint that is all that an ALTER TABLE adds."""
    added = [each.def_.conname for each in node.cmds if each.subtype.name == "AT_AddConstraint"]
    return [beside(relation_name(node.relation), added[0])] if len(node.cmds) == len(added) == 1 and added[0] else []


_NAMED: dict[str, Callable[[Node], list[str]]] = {
    "ViewStmt": lambda node: [relation_name(node.view)],
    "CreateTableAsStmt": lambda node: [relation_name(node.into.rel)],
    "CreateStmt": lambda node: [relation_name(node.relation)],
    "IndexStmt": lambda node: [beside(relation_name(node.relation), node.idxname)] if node.idxname else [],
    "CreateSeqStmt": lambda node: [relation_name(node.sequence)],
    "CreateFunctionStmt": lambda node: [dotted(node.funcname)],
    "CreateDomainStmt": lambda node: [dotted(node.domainname)],
    "CreateEnumStmt": lambda node: [dotted(node.typeName)],
    "CreatePolicyStmt": lambda node: _within(node.table, node.policy_name),
    "CreateTrigStmt": lambda node: _within(node.relation, node.trigname),
    "RenameStmt": _renamed,
    "AlterTableStmt": _constraint_made,
}


def names_dropped(node: Node) -> set[str]:
    """Return the indexes that go with a DROP INDEX or a DROP CONSTRAINT."""
    if type(node).__name__ == "AlterTableStmt" and node.relation:
        drops = (each.name for each in node.cmds if each.subtype.name == "AT_DropConstraint")
        return {beside(relation_name(node.relation), name) for name in drops}
    if type(node).__name__ == "DropStmt" and node.removeType.name == "OBJECT_INDEX":
        return {dotted(each) for each in node.objects}
    return set()
