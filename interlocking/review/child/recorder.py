"""Takes down what a revision sends, and which call of the revision file sent it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from alembic.operations.ops import MigrateOperation

from interlocking.review.child.literal import with_values
from interlocking.review.child.plain import options

_MOST_STATEMENTS = 20_000
_LONGEST_PARAMETER = 200
_MOST_PARAMETERS = 200
_WORD = re.compile(r"(?<!^)(?=[A-Z])")
_BY_CONNECTION = "bind.execute"
CONNECTION = "connection"
_QUESTION = re.compile(
    r"\s*(?:SHOW|EXPLAIN)\b|\s*(?:SELECT|WITH|TABLE|VALUES)\b(?=.*\bFROM\b)", re.IGNORECASE | re.DOTALL
)
_ANSWERED = re.compile(
    r"\s*SELECT\s+(?:pg_catalog\.)?(?:version|current_\w+|to_regclass|exists|has_\w+)\b", re.IGNORECASE
)
_WRITES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
_RETURNS = re.compile(r"\bRETURNING\b", re.IGNORECASE)
_BEGINS = re.compile(r"\s*(?:BEGIN|START\s+TRANSACTION)\b", re.IGNORECASE)
_ENDS = re.compile(r"\s*(?:COMMIT|END|ROLLBACK|ABORT)\b(?!\s+(?:TO|PREPARED))", re.IGNORECASE)
_OWN = {
    "add_column": re.compile(r"\s*ALTER TABLE .* ADD COLUMN ", re.IGNORECASE | re.DOTALL),
    "create_table": re.compile(r"\s*CREATE (?:\w+ )*TABLE ", re.IGNORECASE),
}


class TooManyStatementsError(Exception):
    """The revision sends statements without end."""


@dataclass
class Running:
    """The operation that runs.

    Attributes:
        name: as typed after `op.`.
        number: counted over the revision.
        line: of the call in the revision file.
        options: what it was given.
        batch: it stands in a `batch_alter_table` block.
    """

    name: str
    number: int
    line: int
    options: dict[str, Any] = field(default_factory=dict)
    batch: bool = False


class Recorder:
    """Takes down one revision after the other.

    Attributes:
        path: the file of the revision.
        running: the operation that runs; None between operations.
        statements: what was sent, in order.
        asked: the questions that were put to the database.
    """

    def __init__(self) -> None:
        self.path = ""
        self.running: Running | None = None
        self._count = 0
        self._transaction = 0
        self._used = False
        self._outside = False
        self.statements: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self._returned = False

    def begin(self, path: str) -> None:
        """Open a new page for one direction of the revision file at `path`."""
        self.path, self.running, self._outside = path, None, False
        self._transaction, self._used = 0, False
        self.statements, self.asked, self._returned = [], [], False

    @property
    def answered(self) -> bool:
        """Whether the revision was given rows that no database gave."""
        return bool(self.asked) or self._returned

    def statement(self, sql: str, parameters: Sequence[Any], *, rows: int, autocommit: bool) -> None:
        """Take a statement down, or a question when it is one."""
        running = self.running
        if running is None and _is_question(sql):
            self.asked.append(" ".join(sql.split())[:_LONGEST_PARAMETER])
            return
        if len(self.statements) >= _MOST_STATEMENTS:
            raise TooManyStatementsError(f"it sends more than {_MOST_STATEMENTS:,} statements")
        if running is None:
            running = self.begun(_BY_CONNECTION)
        self._used = True
        self._returned = self._returned or bool(_RETURNS.search(sql))
        outside = autocommit or self._outside
        self.statements.append(_noted(sql, parameters, running, rows=rows, outside=outside, number=self._transaction))
        self._note_transaction(sql, outside=outside)

    def backfill(self, sql: str) -> None:
        """Take down what `interlocking.upgrade.backfill` does: in batches, each a transaction of its own."""
        self.ended()
        with self.during(self.begun("backfill")):
            self.statement(sql, (), rows=1, autocommit=True)

    def copied(self, sql: str, *, lines: int, autocommit: bool) -> None:
        """Take down a COPY that is sent together with its rows."""
        with self.during(self.begun("copy_expert")):
            self.statement(sql, (), rows=lines, autocommit=autocommit)

    def control(self, word: str) -> None:
        """Take down that the revision itself ends the transaction, by a method of the connection."""
        with self.during(self.begun(CONNECTION)):
            self.statement(word, (), rows=1, autocommit=False)

    def ended(self) -> None:
        """Note that the driver ended the transaction."""
        self._outside = False
        if self._used:
            self._transaction, self._used = self._transaction + 1, False

    @contextmanager
    def during(self, operation: Running | None) -> Iterator[None]:
        """Take what is sent within the block for that of `operation`."""
        before, self.running = self.running, operation
        try:
            yield
        finally:
            self.running = before

    def operation(self, operation: MigrateOperation, *, batch: bool) -> Running:
        """Return what is known of an operation that begins; one inside another belongs to the outer one."""
        if self.running is not None and not batch:
            return self.running
        return Running(_name(operation), self._next(), line_in(self.path), options(operation), batch)

    def begun(self, name: str, options_: dict[str, Any] | None = None) -> Running:
        """Return an operation that begins here."""
        return Running(name, self._next(), line_in(self.path), options_ or {})

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _note_transaction(self, sql: str, *, outside: bool) -> None:
        """Follow a BEGIN or COMMIT that the revision wrote itself."""
        if _ENDS.match(sql) or (outside and not _BEGINS.match(sql)):
            self._transaction, self._used = self._transaction + 1, False
        if _ENDS.match(sql):
            self._outside = True
        elif _BEGINS.match(sql):
            self._outside = False


def line_in(path: str) -> int:
    """Return the line of the innermost call in the file at `path`; 0 when no call stands there."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the documented way to the caller
    while frame is not None:
        if frame.f_code.co_filename == path:
            return frame.f_lineno
        frame = frame.f_back
    return 0


def _noted(
    sql: str, parameters: Sequence[Any], running: Running, *, rows: int, outside: bool, number: int
) -> dict[str, Any]:
    text, bound = with_values(sql.strip(), parameters) if rows == 1 else (sql.strip(), parameters)
    return {
        "sql": text,
        "operation": running.name,
        "number": running.number,
        "line": running.line,
        "options": running.options,
        "batch": running.batch,
        "implicit": running.name in _OWN and not _OWN[running.name].match(sql),
        "transaction": number,
        "autocommit": outside,
        "rows": rows,
        "parameters": [repr(value)[:_LONGEST_PARAMETER] for value in bound[:_MOST_PARAMETERS]],
    }


def _is_question(sql: str) -> bool:
    if _ANSWERED.match(sql):
        return True
    return bool(_QUESTION.match(sql)) and not _WRITES.search(sql)


def _name(operation: MigrateOperation) -> str:
    name = type(operation).__name__.removesuffix("Op")
    return {"ExecuteSQL": "execute"}.get(name) or _WORD.sub("_", name).lower()
