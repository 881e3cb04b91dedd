"""Walk through the revisions, keep what is known up to date, and ask every rule about every statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from interlocking.review.context import Context
from interlocking.review.model import Direction, Finding, Judgement, Phase, Reading, Statement
from interlocking.review.phases import last_of
from interlocking.review.reading.nodes import Node, changes_inside, relation_name
from interlocking.review.rules import (
    columns,
    constraints,
    copies,
    data,
    dependents,
    drops,
    enums,
    extensions,
    indexes,
    key_types,
    missing,
    nullability,
    opaque,
    partitioned,
    partitions,
    renames,
    replication,
    security,
    tables,
    taken,
    transactions,
    types,
    using_index,
    validation,
    versions,
    views,
)
from interlocking.review.rules.learning import believe, carry_out, inside, learn
from interlocking.review.rules.place import CommandRule, Place, Rule
from interlocking.review.rules.revisions import Whole, has_downgrade, judge_whole
from interlocking.review.rules.steps import Made, Step, Steps, names_dropped
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.replay import forget_temporary

_MODULES = (
    *(
        indexes,
        columns,
        nullability,
        types,
        constraints,
        using_index,
        key_types,
        validation,
        drops,
        dependents,
        renames,
    ),
    *(tables, views, partitions, partitioned, security, enums, data, copies, transactions, opaque),
    *(versions, taken, missing, extensions, replication),
)


def _gathered(name: str) -> Mapping[str, tuple[Rule, ...]]:
    merged: dict[str, tuple[Rule, ...]] = {}
    for module in _MODULES:
        for key, rules in getattr(module, name, {}).items():
            merged[key] = merged.get(key, ()) + rules
    return merged


_RULES: Mapping[str, tuple[Rule, ...]] = _gathered("RULES")
_COMMANDS: Mapping[str, tuple[CommandRule, ...]] = _gathered("COMMANDS")  # type: ignore[assignment]


def judge(history: Iterable[Reading], readings: Iterable[Reading], context: Context) -> Judgement:
    """Judge the revisions under review, in both directions.

    Args:
        history: earlier revisions in the order of their application; they are only replayed. Taken one by one.
        readings: the revisions under review, in order, which are `context.judged`. Taken one by one.
        context: what is known around them; its `seed` stands for all revisions in `context.applied`.

    Returns:
        The findings in the order of the statements, upgrade before downgrade, and one phase a statement.
    """
    judging = _Judging(context, frozenset(context.judged), keeps_downgrades=context.downgrades_before)
    for reading in history:
        judging.replay(reading)
    for reading in readings:
        judging.judge(_apart(reading) if context.env_autocommit else reading)
    return Judgement(tuple(judging.findings), judging.phases)


def _apart(reading: Reading) -> Reading:
    """Return the reading as an env.py runs it that lets each statement commit by itself."""

    def apart(statements: Iterable[Statement]) -> tuple[Statement, ...]:
        return tuple(replace(each, autocommit=True) for each in statements)

    return replace(reading, upgrade=apart(reading.upgrade), downgrade=apart(reading.downgrade))


@dataclass
class _Judging:
    context: Context
    judged: frozenset[str]
    known: Knowledge = field(default_factory=Knowledge)
    seeded: bool = False
    keeps_downgrades: bool = False
    transaction: Steps = field(default_factory=Steps)
    findings: list[Finding] = field(default_factory=list)
    phases: dict[tuple[str, Direction], tuple[Phase, ...]] = field(default_factory=dict)

    def replay(self, reading: Reading) -> None:
        """Carry out the upgrade on what is known."""
        self.keeps_downgrades = self.keeps_downgrades or has_downgrade(reading)
        if self._is_in_seed(reading):
            return
        for statement in reading.upgrade:
            learn(self.known, statement)
        self._doubt(reading)
        forget_temporary(self.known)

    def judge(self, reading: Reading) -> None:
        """Judge one revision."""
        self._is_in_seed(reading)
        release = self._release_of(reading.revision)
        joined, transaction = self._transaction_before()
        before = self.known.fork()
        up = _Walk(self.context, release, reading, self.known, "upgrade", transaction=transaction, joined=joined)
        self.findings.extend(up.run())
        self.transaction = up.transaction
        self._doubt(reading)
        forget_temporary(self.known)
        after = self.known.fork()
        undone = self.known.fork()
        down = _Walk(self.context, release, reading, undone, "downgrade")
        self.findings.extend(down.run())
        self.findings.extend(
            judge_whole(Whole(reading, before, after, undone, self.keeps_downgrades, guarded=self.context.guarded))
        )
        self.keeps_downgrades = self.keeps_downgrades or has_downgrade(reading)
        self.phases[reading.revision, "upgrade"] = tuple(up.phases)
        self.phases[reading.revision, "downgrade"] = tuple(down.phases)

    def _doubt(self, reading: Reading) -> None:
        """What a revision asks, or where it stopped, decides what there is after it."""
        stopped = any(each.direction != "downgrade" for each in reading.problems)
        self.known.doubtful = self.known.doubtful or bool(reading.asked) or stopped

    def _release_of(self, revision: str) -> frozenset[str]:
        """Return the revisions that reach production together with this one: what they make is new for it."""
        first = self.context.judged[0] if self.context.deployed_first else None
        if not self.context.one_release or revision == first:
            return frozenset((revision,))
        return self.judged - {first}

    def _transaction_before(self) -> tuple[Steps, Steps]:
        """Return the steps that may share a transaction with this revision, and those that certainly do."""
        if self.context.transaction_mode not in ("one", "unknown"):
            return Steps(), Steps()
        return (Steps(), self.transaction) if self.context.one_release else (self.transaction, Steps())

    def _is_in_seed(self, reading: Reading) -> bool:
        """Say whether the database has this revision; at the first that it has not, what it holds is all we know."""
        seed = self.context.seed
        if seed is None or self.seeded:
            return False
        if reading.revision in self.context.applied and reading.revision not in self.judged:
            return True
        if reading.revision not in self.context.applied:
            self.known, self.seeded = seed.fork(), True
        return False


@dataclass
class _Walk:
    context: Context
    release: frozenset[str]
    reading: Reading
    known: Knowledge
    direction: Direction
    transaction: Steps = field(default_factory=Steps)
    joined: Steps = field(default_factory=Steps)
    steps: Steps = field(default_factory=Steps)
    phases: list[Phase] = field(default_factory=list)
    number: int | None = None

    @cached_property
    def made(self) -> Made:
        return Made(self.reading.statements(self.direction))

    def run(self) -> Iterator[Finding]:
        for statement in self.reading.statements(self.direction):
            self._enter(statement)
            node = statement.node
            if node is None:
                self.phases.append("none")
                yield from self._unreadable(statement)
                self.known.doubtful = self.known.doubtful or bool(statement.parsed.error)
                continue
            believe(self.known, statement)
            place = self._place(statement, node)
            self.phases.append(place.phase)
            yield from _asked(place)
            self._done(place)
            yield from self._inside(statement, node)

    def _enter(self, statement: Statement) -> None:
        """Begin a new transaction where the statement does."""
        apart = statement.autocommit and not statement.part
        if apart or (self.number is not None and statement.transaction != self.number):
            self.transaction, self.joined = Steps(), Steps()
        self.number = statement.transaction

    def _place(self, statement: Statement, node: Node, *, conditional: bool = False) -> Place:
        return Place(
            statement, node, self.known, self.reading, self.context, self.release,
            self.transaction, self.joined, self.steps, self.made, conditional,
        )  # fmt: skip

    def _done(self, place: Place) -> None:
        dropped = {n: self.known.indexes[n] for n in names_dropped(place.node) if n in self.known.indexes}
        step = Step(place.statement, place.node, place.effects, dropped)
        self.steps.add(step)
        if not place.statement.autocommit or place.statement.parts > 1:
            self.transaction.add(step)
        carry_out(self.known, place.statement)

    def _unreadable(self, statement: Statement) -> Iterator[Finding]:
        if statement.parsed.error:
            place = self._place(statement, None)
            yield place.found(
                "unparsed-sql", f"this could not be parsed, so nobody judged it: {statement.parsed.error}"
            )

    def _inside(self, statement: Statement, node: Node) -> Iterator[Finding]:
        """Judge what stands in a DO block as if all of it ran."""
        for inner in inside(statement, node):
            place = self._place(inner, inner.node, conditional=True)
            self.phases[-1] = last_of(self.phases[-1], place.phase)
            yield from _asked(place)
            self._done(place)


def _asked(place: Place) -> Iterator[Finding]:
    """Ask every rule about one statement, and those about rows about what changes some inside it."""
    for rule in (*_RULES.get(type(place.node).__name__, ()), *_RULES["*"]):
        yield from rule(place, place.node)
    for inner in changes_inside(place.node):
        for rule in _RULES.get(type(inner).__name__, ()):
            yield from rule(place, inner)
    if type(place.node).__name__ == "AlterTableStmt" and place.node.objtype.name == "OBJECT_TABLE":
        yield from _asked_commands(place)


def _asked_commands(place: Place) -> Iterator[Finding]:
    table = relation_name(place.node.relation)
    for command in place.node.cmds:
        for rule in _COMMANDS.get(command.subtype.name, ()):
            yield from rule(place, table, command)
