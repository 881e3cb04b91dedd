"""The table that remembers which statements of an unfinished revision have committed.

It exists only while a revision is half applied: made at the first statement that commits before its
revision's end, dropped in the very transaction that records the revision as applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from interlocking.redaction import mask_url
from interlocking.upgrade.guarding.side import SideConnection
from interlocking.upgrade.guarding.sqlstates import is_denied
from interlocking.upgrade.guarding.version_table import VersionTable

_COLUMNS = "revision, direction, checksum, number, fingerprint, statement, running, row_count"


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement.

    Args:
        number: its place among the recorded ones of its revision.
        fingerprint: of the statement and its parameters.
        statement: the statement, cut to a line.
        running: whether it had begun and it is not known to have ended: only for one that commits by itself.
        row_count: how many rows it touched; -1 for one that counts none.
    """

    number: int
    fingerprint: str
    statement: str
    running: bool
    row_count: int


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose statements they are.

    Args:
        revision: its id.
        direction: upgrade or downgrade.
        checksum: returns that of its file as it was when it began; worked out for the few revisions that need it.
    """

    revision: str
    direction: str
    checksum: Callable[[], str]


def listing(entries: Iterable[Entry]) -> str:
    """Return what has committed, one statement a line, in the order in which it ran."""
    return "\n".join(
        f"  {'perhaps' if entry.running else 'committed'}: {entry.statement}"
        for entry in sorted(entries, key=lambda each: each.number)
    )


class ProgressTable:
    """The table, through whatever cursor a caller has.

    Args:
        side: makes the table, and records the intent of what cannot run in a transaction.
        table: the version table beside which it is.
    """

    def __init__(self, side: SideConnection, table: VersionTable) -> None:
        self._side = side
        self._name = table.progress
        self._exists = side.row("SELECT to_regclass(%s)", (self._name,)) != (None,)

    def load(self) -> tuple[Owner, list[Entry]] | None:
        """Return what an earlier run left, or None."""
        if not self._exists:
            return None
        rows = self._side.rows(f"SELECT {_COLUMNS} FROM {self._name} ORDER BY number")  # noqa: S608 - quoted
        if not rows:
            return None
        revision, direction, checksum = rows[0][:3]
        return Owner(revision, direction, lambda: str(checksum)), [Entry(*row[3:]) for row in rows]

    def make(self) -> bool:
        """Make the table; return False when the role may not."""
        if self._exists:
            return True
        try:
            self._side.rows(
                f"CREATE TABLE IF NOT EXISTS {self._name} (revision text NOT NULL, direction text NOT NULL,"
                " checksum text NOT NULL, number int PRIMARY KEY, fingerprint text NOT NULL,"
                " statement text NOT NULL, running bool NOT NULL, row_count bigint NOT NULL,"
                " recorded_at timestamptz NOT NULL DEFAULT clock_timestamp())"
            )
        except Exception as error:
            if not is_denied(error):
                raise
            return False
        self._exists = True
        return True

    def insert(self, owner: Owner, entry: Entry, cursor: Any = None) -> None:  # noqa: ANN401 - any driver's
        """Record a statement: on the side at once, or through `cursor` with the transaction it is in."""
        values = (owner.revision, owner.direction, owner.checksum(), entry.number, entry.fingerprint)
        values += (mask_url(entry.statement), entry.running, entry.row_count)  # type: ignore[assignment]  # a longer row
        sql = f"INSERT INTO {self._name} ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608 - quoted
        if cursor is None:
            self._side.rows(sql, values)
        else:
            cursor.execute(sql, values)

    def finish(self, number: int, row_count: int) -> None:
        """Record that a statement which commits by itself has ended."""
        sql = f"UPDATE {self._name} SET running = false, row_count = %s WHERE number = %s"  # noqa: S608 - quoted
        self._side.rows(sql, (row_count, number))

    def remove(self, number: int) -> None:
        """Forget a statement that had no effect after all."""
        self._side.rows(f"DELETE FROM {self._name} WHERE number = %s", (number,))  # noqa: S608 - quoted

    def drop(self, cursor: Any = None) -> None:  # noqa: ANN401 - any driver's
        """Forget everything, with the transaction of `cursor` or at once."""
        if not self._exists:
            return
        self._exists = False  # should that transaction not commit, `make` finds the table
        sql = f"DROP TABLE IF EXISTS {self._name}"
        if cursor is None:
            self._side.rows(sql)
        else:
            cursor.execute(sql)
