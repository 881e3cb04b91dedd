"""What concerns a revision as a whole: its downgrade, its imports, its statements outside transactions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from interlocking.review.hazards import HAZARDS
from interlocking.review.model import Direction, Finding, Reading, Severity, Statement
from interlocking.review.reading.nodes import beside, dropped_names, is_a, relation_name, split_name
from interlocking.review.rules.loops import silent_loops
from interlocking.review.rules.rerun import half_of, runs_again
from interlocking.review.rules.steps import names_dropped
from interlocking.review.schema.knowledge import Knowledge

_MAKING = ("CreateFunctionStmt", "CreateTrigStmt", "CreateSeqStmt", "CreateSchemaStmt", "CreatePolicyStmt")


@dataclass(frozen=True)
class Whole:
    """A revision and what is known at three moments.

    Attributes:
        reading: the revision.
        before: what is known before its upgrade.
        after: after its upgrade.
        undone: after its downgrade.
        keeps_downgrades: an earlier revision has a downgrade that does something, or refuses.
        guarded: our guard runs it.
    """

    reading: Reading
    before: Knowledge
    after: Knowledge
    undone: Knowledge
    keeps_downgrades: bool
    guarded: bool = False

    def found(
        self, id_: str, message: str, *, line: int, direction: Direction, why: str = "", replacement: str = "",
        severity: Severity | None = None, table: str = "",
    ) -> Finding:  # fmt: skip
        """Make a finding about the revision."""
        return Finding(
            id=id_,
            severity=severity or HAZARDS[id_].severity,
            revision=self.reading.revision,
            direction=direction,
            file=self.reading.file,
            line=line,
            message=message,
            table=table,
            why=why,
            replacement=replacement,
            docs=HAZARDS[id_].docs,
        )

    def fact(self, name: str) -> int | None:
        """Return the line of a fact, None when it is not there."""
        return next((each.line for each in self.reading.facts if each.name == name), None)


def has_downgrade(reading: Reading) -> bool:
    """Say whether a downgrade does something, or refuses: what an empty one only pretends."""
    return bool(reading.downgrade) or any(each.name == "raising-downgrade" for each in reading.facts)


def judge_whole(whole: Whole) -> Iterator[Finding]:
    """Yield what is wrong with a revision as a whole."""
    for each in whole.reading.facts:
        if each.name == "imports-application":
            yield whole.found(
                "application-imported",
                f"the revision imports {each.detail}, which will have changed when this runs again",
                line=each.line,
                direction=each.direction or "upgrade",
                why="a new database, a test and a colleague run it with the models of their day",
                replacement=_CORE_TABLE,
            )
    for line in silent_loops(whole.reading):
        yield whole.found(
            "batches-without-commit",
            "the loop changes row after row in one transaction: each stays locked until the last of them",
            line=line,
            direction="upgrade",
            severity="warning",
            why="nothing was read while the revision was reviewed, so what it does to how many rows could not be seen",
            replacement=_BACKFILL,
        )
    yield from _downgrade(whole)
    yield from _half_applied(whole)


_BACKFILL = 'from interlocking.upgrade import backfill\nbackfill(op, "table", set={"column": "expression"})'
_CORE_TABLE = 'users = sa.table("users", sa.column("id", sa.BigInteger))  # what this revision needs, no more'


def _downgrade(whole: Whole) -> Iterator[Finding]:
    reading = whole.reading
    refuses = whole.fact("raising-downgrade")
    facts = (whole.fact("empty-downgrade"), whole.fact("missing-downgrade"))
    empty = next((each for each in facts if each is not None), None)
    if refuses is not None and not reading.downgrade:
        yield whole.found(
            "downgrade-refuses", "the downgrade refuses: after this revision there is no way back but a backup",
            line=refuses, direction="downgrade",
        )  # fmt: skip
    elif empty is not None and not reading.downgrade:
        if _leaves_something(whole):
            again = _fails_again(whole)
            yield whole.found(
                "downgrade-missing",
                "the downgrade does nothing, and says that it succeeded",
                line=empty,
                direction="downgrade",
                # a project where none does anything has decided so
                severity=None if whole.keeps_downgrades and (again or _loses(whole)) else "info",
                why="the database then claims the older revision with the newer tables"
                + ", and the next upgrade fails" * again,
                replacement='raise NotImplementedError("...")  # or the reverse of each operation',
            )
    elif not any(problem.direction in ("downgrade", None) for problem in reading.problems):
        yield from _left_behind(whole)


def _leaves_something(whole: Whole) -> bool:
    """Say whether the upgrade leaves the database with other objects, so that there is something to undo."""
    made = any(type(each.node).__name__ in _MAKING for each in whole.reading.upgrade)
    return made or _objects(whole.before, whole.after) != _objects(whole.after, whole.before)


def _fails_again(whole: Whole) -> bool:
    """Say whether the upgrade cannot run a second time, as it can when it only changes properties of columns."""
    return not runs_again(whole.reading)


def _loses(whole: Whole) -> bool:
    """Say whether something is gone that the older revision has."""
    return bool(_names(whole.before, whole.after) - _names(whole.after, whole.before))


def _names(known: Knowledge, other: Knowledge) -> set[object]:
    """Return what can be there or not: of what can be undone, all but the properties of columns."""
    return {each[:2] if isinstance(each, tuple) else each for each in _objects(known, other)}


def _objects(known: Knowledge, other: Knowledge) -> set[object]:
    """Return what can be undone; of the tables only those that differ from the other picture, which shares the rest.

    A view goes and comes back whole: its columns are no property that it could keep.
    """
    found: set[object] = {*known.indexes, *known.enums, *known.domains}
    found |= {name for name, table in known.tables.items() if table.made_by or _is_made(other, name)}
    for name, table in known.tables.items():
        if table is not other.tables.get(name) and table.kind not in ("view", "materialized"):
            found |= {(name, each) for each in table.constraints}
            found |= {(name, each, kept.type, kept.not_null, kept.default) for each, kept in table.columns.items()}
    return found


def _is_made(known: Knowledge, name: str) -> bool:
    return bool(known.table(name).made_by)


def _left_behind(whole: Whole) -> Iterator[Finding]:
    line = _last_line(whole.reading.downgrade)
    before, after, undone = whole.before, whole.after, whole.undone
    revision = whole.reading.revision
    dropped = _dropped(whole.reading)
    types = _left(revision, before.enums, after.enums, undone.enums)
    types += _left(revision, before.domains, after.domains, undone.domains)
    for name in types:
        if name in dropped:
            continue
        yield whole.found(
            "type-left-behind",
            f"the downgrade leaves the type {name}: the next upgrade fails, because it is there already",
            line=line,
            direction="downgrade",
            replacement=f'op.execute("DROP TYPE {name}")',
        )
    tables = _left(revision, before.tables, after.tables, undone.tables)
    indexes = _left(revision, before.indexes, after.indexes, undone.indexes)
    nameless = _nameless(whole.reading, after)
    gone = [f"the table {each}" for each in tables]
    gone += [f"the column {each}" for each in _columns_left(whole)]
    gone += [
        f"the index {each}" for each in indexes if after.indexes[each].table not in tables and each not in nameless
    ]
    again = "the next upgrade fails, because it is there already"
    left = [(what, again) for what in gone if what.rpartition(" ")[2] not in dropped]
    if not any(names_dropped(each.node) for each in whole.reading.downgrade):
        others = [each for each in indexes if each in nameless and not each.endswith("_pkey")]
        left += [(f"the index {each}", "the next upgrade makes another beside it") for each in others]
    for what, then in left if not _unreadable(whole.reading) else ():
        yield whole.found(
            "downgrade-incomplete", f"the downgrade leaves {what}: {then}", line=line, direction="downgrade"
        )


def _nameless(reading: Reading, known: Knowledge) -> set[str]:
    """Return the indexes to which the revision gives no name: a naming convention or PostgreSQL itself does.

    What they are called is then not known for certain, and a name that is taken does not stop PostgreSQL.
    """
    found: set[str] = set()
    for statement in reading.upgrade:
        node = statement.node
        if is_a(node, "IndexStmt") and statement.operation.name == "create_index":
            named = "index_name" in statement.operation.options
            found |= set() if named else {beside(relation_name(node.relation), node.idxname)}
        elif is_a(node, "AlterTableStmt") and node.relation:
            table = relation_name(node.relation)
            given = {each.def_.conname for each in node.cmds if each.subtype.name == "AT_AddConstraint"}
            names = {name for name in known.indexes_of(table) if split_name(name)[1] not in given}
            found |= names if None in given else set()
    return found


class _Made(Protocol):
    @property
    def made_by(self) -> str: ...


def _dropped(reading: Reading) -> set[str]:
    """Return what the upgrade drops: a thing that it makes again was there before."""
    found: set[str] = set()
    for statement in reading.upgrade:
        node = statement.node
        found |= names_dropped(node)
        found |= set(dropped_names(node)) if is_a(node, "DropStmt") else set()
        if type(node).__name__ == "AlterTableStmt" and node.relation:
            commands = (each for each in node.cmds if each.subtype.name == "AT_DropColumn")
            found |= {f"{relation_name(node.relation)}.{each.name}" for each in commands}
    return found


def _left(
    revision: str, before: Mapping[str, _Made], after: Mapping[str, _Made], undone: Mapping[str, _Made]
) -> list[str]:
    """Return what the upgrade made and the downgrade did not take away."""
    left = (after.keys() - before.keys()) & undone.keys()
    return sorted(name for name in left if after[name].made_by == revision)


def _columns_left(whole: Whole) -> list[str]:
    """Return the columns that the upgrade added to an old table and that are still there; forks share what is alike."""
    before, undone = whole.before.tables, whole.undone.tables
    return sorted(
        f"{name}.{column}"
        for name, table in whole.after.tables.items()
        if name in before and name in undone and table is not before[name]
        for column, known in table.columns.items()
        if known.made_by == whole.reading.revision
        and column not in before[name].columns
        and column in undone[name].columns
    )


def _unreadable(reading: Reading) -> bool:
    """A DO block, a text that cannot be parsed, or what follows from a question to the database may have done it."""
    asks = any(each.name in ("inspects", "queries-bind") and each.direction == "downgrade" for each in reading.facts)
    return asks or any(
        each.node is None or type(each.node).__name__ in ("DoStmt", "CallStmt") for each in reading.downgrade
    )


def _last_line(statements: tuple[Statement, ...]) -> int:
    return statements[-1].line if statements else 0


def _half_applied(whole: Whole) -> Iterator[Finding]:
    """Several transactions; the guard remembers which have committed, and goes on after them."""
    half = half_of(whole.reading, whole.after) if not whole.guarded else None
    if half is None:
        return
    later = f"line {half.fails.line}" if half.fails else "a later statement"
    yield whole.found(
        "half-applied",
        f"this statement stays when {later} fails, but the revision is not recorded: the next run stops at it",
        line=half.stays.line,
        direction="upgrade",
        severity="warning" if half.fails else None,
        why="the guard goes on after what has committed; plain Alembic begins again from the first line",
        replacement="# one revision for what stands in the autocommit_block, another for the rest",
    )
