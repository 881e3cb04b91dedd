"""Statements that commit outside their revision's transaction: in an autocommit block, or after a bare COMMIT.

Most of them run in a short transaction of their own together with the record that they did, so a crash
leaves both or neither. What refuses to run in a transaction (CREATE INDEX CONCURRENTLY, VACUUM) is recorded
before and after, and after a crash in between the catalog says what became of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from interlocking.errors import RefusedError
from interlocking.upgrade.guarding.indexes import Index, drop_index, find_index, leftovers
from interlocking.upgrade.guarding.ledger import Ledger
from interlocking.upgrade.guarding.progress import Entry
from interlocking.upgrade.guarding.side import SideConnection
from interlocking.upgrade.guarding.sqlstates import is_not_in_transaction
from interlocking.upgrade.guarding.statements import Statement
from interlocking.upgrade.guarding.timeouts import unhurried

_REPEATABLE = re.compile(r"(?:VACUUM|ANALYZE|CLUSTER|REINDEX|CHECKPOINT|REFRESH)\b", re.IGNORECASE)


class OutsideTransaction:
    """Runs such statements on the migrating connection.

    Args:
        raw: the migrating connection, as the driver has it.
        side: drops what a failed statement left.
        say: is told of what was dropped.
    """

    def __init__(self, raw: Any, side: SideConnection, *, say: Callable[[str], None]) -> None:  # noqa: ANN401 - any driver's
        self._raw = raw
        self._side = side
        self._say = say

    def run(self, statement: Statement, fingerprint: str, ledger: Ledger, run: Callable[[], int]) -> None:
        """Run one statement and record that it has committed.

        Args:
            statement: what it is.
            fingerprint: by which the ledger knows it again.
            ledger: of its revision.
            run: runs it, and returns how many rows it touched.
        """
        if statement.concurrently:
            self._alone(statement, fingerprint, ledger, run)
            return
        try:
            self._together(statement, fingerprint, ledger, run)
        except Exception as error:
            if not is_not_in_transaction(error):
                raise
            self._alone(statement, fingerprint, ledger, run)

    def is_done(self, entry: Entry, statement: Statement, ledger: Ledger) -> bool:
        """Find out what became of a statement that was running when an earlier run ended.

        Returns:
            Whether it took effect; if not, the ledger has forgotten it.

        Raises:
            RefusedError: the catalog cannot tell.
        """
        if not entry.running:
            return True
        if self._took_effect(entry, statement, ledger):
            ledger.done(entry, -1)
            return True
        ledger.withdraw(entry)
        return False

    def _together(self, statement: Statement, fingerprint: str, ledger: Ledger, run: Callable[[], int]) -> None:
        with self._raw.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                with unhurried(self._raw, statement):
                    ledger.ran(statement, fingerprint, run())
                ledger.commit(cursor)
                cursor.execute("COMMIT")
            except BaseException:
                ledger.rolled_back()
                with suppress(Exception):  # a connection that is gone has rolled back
                    cursor.execute("ROLLBACK")
                raise

    def _alone(self, statement: Statement, fingerprint: str, ledger: Ledger, run: Callable[[], int]) -> None:
        others = [] if statement.name else self._leftovers(statement)
        self._clear(statement, "an earlier build", besides=others)
        entry = ledger.intend(statement, fingerprint)
        try:
            with unhurried(self._raw, statement):
                row_count = run()
        except Exception:
            with suppress(Exception):  # the statement's own error matters more, and the next try looks again
                ledger.withdraw(entry)
                self._clear(statement, "the failed build", besides=others)
            raise
        ledger.done(entry, row_count)

    def _leftovers(self, statement: Statement) -> list[Index]:
        with self._raw.cursor() as cursor:
            return leftovers(cursor, statement)

    def _clear(self, statement: Statement, culprit: str, *, besides: list[Index]) -> None:
        """Drop the invalid indexes that a failed statement left, so that the next one does not meet them."""
        for index in self._leftovers(statement):
            if index in besides:
                continue
            self._say(f"dropping the invalid index {index.name} that {culprit} left")
            drop_index(self._side, index)

    def _took_effect(self, entry: Entry, statement: Statement, ledger: Ledger) -> bool:
        if statement.kind in ("create-index", "drop-index") and statement.name:
            with self._raw.cursor() as cursor:
                index = find_index(cursor, statement)
            exists = index is not None and (index.valid or statement.kind == "drop-index")
            return exists == (statement.kind == "create-index")
        if _REPEATABLE.match(statement.text):
            return False
        raise RefusedError(
            f"an earlier run of {ledger.owner.revision} ended while this statement ran, which commits by itself:"
            f" {entry.statement}",
            code="half-applied",
            why="no catalog says how far it came\n" + ledger.listing(),
            next="look at what it has done; finish or undo by hand what is listed, then stamp the revision, or run"
            " again with INTERLOCKING_GUARD_CHANGED_FILE=forget",
        )
