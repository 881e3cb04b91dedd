"""Where a rule stands: one statement, and all that is known before it. Rules build their findings here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from interlocking.review.context import Context, Database, Size
from interlocking.review.hazards import HARMS, HAZARDS
from interlocking.review.model import Finding, Lock, Phase, Reading, Severity, Statement
from interlocking.review.phases import phase_of
from interlocking.review.reading.nodes import Node, is_a, relation_name
from interlocking.review.rules import recipes
from interlocking.review.rules.steps import Made, Steps
from interlocking.review.schema.batch import is_copy
from interlocking.review.schema.burdens import burdens_of_column
from interlocking.review.schema.effects import effects_of
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, BLOCKS, HELD, Effect

_LESS: dict[Severity, Severity] = {"error": "warning", "warning": "info", "info": "info"}
_UNIT = 1024


@dataclass(frozen=True)
class Place:
    """One statement under judgement.

    Attributes:
        statement: it.
        node: as pglast reads it.
        known: what is known before it runs.
        reading: the revision it belongs to.
        context: what is known around the revisions.
        release: the revisions that reach the database together with this one.
        transaction: the statements before it in the same transaction.
        joined: those that share it when the revision before this one is applied in the same run, under an env.py that
            makes one transaction of a run.
        before: the statements before it in the same revision and direction.
        made: what the statements of its revision and direction make, before and after it.
        conditional: it stands in a DO block, and may not run.
    """

    statement: Statement
    node: Node
    known: Knowledge
    reading: Reading
    context: Context
    release: frozenset[str]
    transaction: Steps = field(default_factory=Steps)
    joined: Steps = field(default_factory=Steps)
    before: Steps = field(default_factory=Steps)
    made: Made = field(default_factory=lambda: Made(()))
    conditional: bool = False

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """What the statement does to tables that hold rows already."""
        return tuple(each for each in effects_of(self.node, self.known) if self._counts(each))

    @cached_property
    def phase(self) -> Phase:
        """When a release can run the statement; asked for before anything is learnt from it."""
        return phase_of(self) if self.node is not None else "none"

    def _counts(self, effect: Effect) -> bool:
        """Say whether a lock can be in anybody's way for long.

        A view is locked for its definition alone, and a materialized view has no writers.
        """
        refreshed = type(self.node).__name__ == "RefreshMatViewStmt" and effect.mode != ACCESS_EXCLUSIVE
        return not (refreshed or self.is_new(effect.table) or self.known.table(effect.table).kind == "view")

    @property
    def in_transaction(self) -> bool:
        """Say whether PostgreSQL runs it inside a transaction block; several statements in one text are one."""
        return not self.statement.autocommit or self.statement.parts > 1

    @property
    def downgrade(self) -> bool:
        """It stands in the downgrade."""
        return self.statement.direction == "downgrade"

    def is_new(self, table: str) -> bool:
        """Say whether the release itself makes the table: then it is empty and nobody knows it yet.

        What is in `pg_temp` belongs to this session alone, and the copy of batch mode is nobody's until it is renamed.
        """
        found = self.known.tables.get(table)
        return table.startswith("pg_temp.") or is_copy(table) or (found is not None and found.made_by in self.release)

    def column_is_new(self, table: str, column: str) -> bool:
        """Say whether the release itself adds the column."""
        return self.is_new(table) or self.known.column(table, column).made_by in self.release

    def rows(self, table: str, columns: Iterable[str]) -> Database | None:
        """Return whom to ask what columns of a table hold when this statement meets them.

        None when nobody knows: without a database, in a downgrade, and after statements that have written to them.
        """
        stale = self.known.table(table).written & {"*", *columns}
        return None if stale or self.downgrade else self.context.database

    def size(self, table: str) -> Size | None:
        """Return how large a table is, if anybody knows."""
        said = self.context.size(table)
        rows = self.known.table(table).rows
        return said or (Size(rows) if rows is not None else None)

    def is_small(self, table: str) -> bool:
        """Say whether a lock on it is over before anybody notices, where production's sizes are known."""
        size = self.context.size(table)
        return bool(size and size.rows is not None and size.rows <= self.context.settings.small_rows)

    def found(
        self,
        id_: str,
        message: str,
        *,
        table: str = "",
        column: str = "",
        effect: Effect | None = None,
        why: str = "",
        replacement: str = "",
        severity: Severity | None = None,
    ) -> Finding:
        """Make a finding about this statement.

        Args:
            id_: the hazard.
            message: what happens, one sentence.
            table: the table it happens to.
            column: the column.
            effect: the lock that hurts.
            why: why it matters; the table's size is added.
            replacement: Alembic code to paste.
            severity: instead of the hazard's usual one.
        """
        statement = self.statement
        weight = self._weigh(id_, table, severity or HAZARDS[id_].severity)
        fits = not self.downgrade and weight != "info" and not self.known.table(table).partitioned
        return Finding(
            id=id_,
            severity=weight,
            revision=statement.revision,
            direction=statement.direction,
            file=statement.file,
            line=statement.line,
            message=message,
            table=table,
            column=column,
            sql=statement.sql,
            lock=lock_of(effect) if effect else None,
            why=". ".join(part for part in (why, self.size_words(table)) if part),
            replacement=self._whole(replacement),
            docs=HAZARDS[id_].docs,
            phase=self.phase,
            fixable=HAZARDS[id_].fixable and fits,
        )

    def _whole(self, replacement: str) -> str:
        """Return what to write in the place of the call: where Alembic made a key of a column, the column first."""
        added = self._column_of_key() if replacement and self.statement.implicit else None
        if added is None:
            return replacement
        volatile = "volatile" in burdens_of_column(added.cmds[0].def_, self.known)
        first = recipes.column(relation_name(added.relation), added.cmds[0].def_, keep_default=not volatile)
        return f"{first}\n{replacement}"

    def _column_of_key(self) -> Node | None:
        """Return the ADD COLUMN that came from the same call as this statement."""
        number = self.statement.operation.number
        for each in self.reading.statements(self.statement.direction):
            if each.operation.number == number and is_a(each.node, "AlterTableStmt"):
                return each.node if each.node.cmds[0].subtype.name == "AT_AddColumn" else None
        return None

    def _weigh(self, id_: str, table: str, usual: Severity) -> Severity:
        harm = HARMS[id_]
        if harm == "lock" and (self.downgrade or (table and self.is_small(table))):
            return "info"
        if harm in ("breaks", "loses") and self.downgrade:
            return "info" if harm == "breaks" else _LESS[usual]
        return usual

    def size_words(self, table: str) -> str:
        """Return a sentence about the table's size; empty when nobody knows."""
        size = self.size(table) if table else None
        if size is None or size.rows is None:
            return ""
        large = f", {_bytes(size.bytes)}" if size.bytes else ""
        return f"{table} holds about {size.rows:,} rows{large}"


def lock_of(effect: Effect) -> Lock:
    """Return the lock of an effect as a finding shows it."""
    return Lock(effect.mode, (effect.table,), BLOCKS.get(effect.mode, ""), HELD[effect.work])


def _bytes(count: int) -> str:
    amount = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < _UNIT:
            return f"{amount:,.0f} {unit}"
        amount /= _UNIT
    return f"{amount:,.1f} TB"


Rule = Callable[[Place, Node], Iterator[Finding]]
CommandRule = Callable[[Place, str, Node], Iterator[Finding]]
