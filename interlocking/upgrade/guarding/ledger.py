"""Which statements of the running revision have committed already, and are passed over when it runs again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from interlocking.errors import RefusedError
from interlocking.upgrade.guarding.progress import Entry, Owner, ProgressTable, listing
from interlocking.upgrade.guarding.statements import Statement


class Ledger:
    """The memory of one revision, over its tries and, through the table, over its runs.

    Args:
        owner: the revision.
        table: keeps it for the next run.
        entries: what an earlier run left.
        warn: is told once when the role may not make the table.
    """

    def __init__(
        self, owner: Owner, table: ProgressTable, entries: Sequence[Entry], *, warn: Callable[[str], None]
    ) -> None:
        self.owner = owner
        self.entries = list(entries)
        self._table = table
        self._warn = warn
        self._kept: bool | None = True if entries else None
        self._pending: list[Entry] = []
        self._marks: dict[str, tuple[int, Counter[str]]] = {}
        self._unmatched: Counter[str] = Counter()

    def begin(self) -> None:
        """A try begins at the top."""
        self.rolled_back()
        self._unmatched = Counter(entry.fingerprint for entry in self.entries)

    def passed_over(self, fingerprint: str) -> Entry | None:
        """Return the committed entry of a statement that must not run again, and count it as met."""
        if not self._unmatched[fingerprint]:
            return None
        self._unmatched[fingerprint] -= 1
        return next(entry for entry in self.entries if entry.fingerprint == fingerprint)

    def require_same_rows(self, statement: Statement) -> None:
        """Refuse an INSERT that has committed with other values.

        The values may be made anew at each run (a random key, the time of day) or follow from what is in the
        database by now; in one case the rows would be there twice, in the other they would be missing.

        Raises:
            RefusedError: such a statement is among the committed ones and was not met yet.
        """
        if not statement.text.upper().startswith("INSERT"):
            return
        same = (each for each in self.entries if each.statement == statement.summary)
        if any(self._unmatched[each.fingerprint] for each in same):
            raise RefusedError(
                f"{self.owner.revision} has committed this statement with other values: {statement.summary}",
                code="half-applied",
                why="rows would be there twice, or be missing\n" + self.listing(),
                next="finish or undo by hand what is listed, then stamp the revision, or run again with"
                " INTERLOCKING_GUARD_CHANGED_FILE=forget",
            )

    def ran(self, statement: Statement, fingerprint: str, row_count: int) -> None:
        """A statement ran in the transaction that is open."""
        number = len(self.entries) + len(self._pending) + 1
        self._pending.append(Entry(number, fingerprint, statement.summary, running=False, row_count=row_count))

    def savepoint(self, name: str) -> None:
        """Remember where a savepoint stands, and what was not met before it."""
        self._marks[name] = len(self._pending), self._unmatched.copy()

    def rolled_back_to(self, name: str) -> None:
        """What ran since that savepoint is undone; what was passed over may be met again."""
        if name in self._marks:
            count, unmatched = self._marks[name]
            del self._pending[count:]
            self._unmatched = unmatched.copy()

    def rolled_back(self) -> None:
        """What ran in the open transaction is undone."""
        self._pending.clear()
        self._marks.clear()

    def commit(self, cursor: Any) -> bool:  # noqa: ANN401 - any driver's
        """Record what ran, in the very transaction that is about to commit; return whether there was anything."""
        if not self._pending:
            return False
        if self._keeps():
            for entry in self._pending:
                self._table.insert(self.owner, entry, cursor)
        self.entries += self._pending
        self.rolled_back()
        return True

    def intend(self, statement: Statement, fingerprint: str) -> Entry:
        """Record that a statement which commits by itself is about to run."""
        entry = Entry(len(self.entries) + 1, fingerprint, statement.summary, running=True, row_count=-1)
        if self._keeps():
            self._table.insert(self.owner, entry)
        return entry

    def done(self, entry: Entry, row_count: int) -> None:
        """It has ended well."""
        if self._keeps():
            self._table.finish(entry.number, row_count)
        others = [each for each in self.entries if each.number != entry.number]
        self.entries = [*others, replace(entry, running=False, row_count=row_count)]

    def withdraw(self, entry: Entry) -> None:
        """It has failed, and left nothing."""
        if self._keeps():
            self._table.remove(entry.number)
        self.entries = [each for each in self.entries if each.number != entry.number]

    def close(self, cursor: Any) -> None:  # noqa: ANN401 - any driver's
        """Forget everything, in the transaction that records the revision as applied."""
        if self.entries and self._kept:
            self._table.drop(cursor)

    def listing(self) -> str:
        """Return what has committed, one statement a line."""
        return listing(self.entries)

    def _keeps(self) -> bool:
        if self._kept is None:
            self._kept = self._table.make()
            if not self._kept:
                self._warn(
                    f"{self.owner.revision} commits before its end, and this role may not create a table: if this"
                    " run is interrupted, the next one cannot know where it stopped"
                )
        return self._kept
