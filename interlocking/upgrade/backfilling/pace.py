"""How large a batch is, how long to rest after it, how long all of it will take. Pure."""

from __future__ import annotations

from dataclasses import dataclass

_FIRST = 500
_LARGEST = 50_000
_GROWTH = 2.0
_SHRINKING = 0.5


@dataclass(frozen=True, slots=True)
class Pace:
    """What to aim at; every duration in seconds.

    Args:
        target: how long a batch shall take, and hold its rows.
        duty: the share of the time that is spent working, above 0 and at most 1.
        lock_timeout: how long a batch may wait for a row that someone else has locked.
        max_lag: how far a replica may fall behind.
        max_lag_bytes: the same, in bytes of WAL.
        patience: how long to wait in all for one locked row, or for one replica.
    """

    target: float
    duty: float
    lock_timeout: float
    max_lag: float
    max_lag_bytes: int
    patience: float

    def rest(self, worked: float) -> float:
        """Return how long to pause after so much work."""
        return worked * (1 - self.duty) / self.duty

    def next_size(self, size: int, seconds: float) -> int:
        """Return the size of the batch after one of `size` that took `seconds`: at most twice or half of it."""
        factor = max(_SHRINKING, min(_GROWTH, self.target / seconds if seconds > 0 else _GROWTH))
        return max(1, min(_LARGEST, round(size * factor)))

    @property
    def first_size(self) -> int:
        """The size of the first batch: small, because nobody knows yet what a row costs."""
        return _FIRST


@dataclass(frozen=True, slots=True)
class Backfilling:
    """How far a backfill is.

    Args:
        table: for a person.
        scanned: rows that the batches passed over, those of earlier runs included.
        updated: rows that were changed.
        total: about how many rows the table has; None when nobody knows.
        seconds: since this run began.
        remaining: about how many seconds are left; None while nobody can tell.
        waiting: what it waits for; empty while it works.
        finished: whether all is done.
    """

    table: str
    scanned: int
    updated: int
    total: int | None
    seconds: float
    remaining: float | None
    waiting: str = ""
    finished: bool = False

    @property
    def share(self) -> float | None:
        """How much is done, from 0 to 1; None when nobody knows how much there is."""
        return min(1.0, self.scanned / self.total) if self.total else None


def estimate_remaining(*, scanned: int, before: int, total: int | None, seconds: float) -> float | None:
    """Return how many seconds are left at the speed of this run.

    Args:
        scanned: rows passed over so far.
        before: those of them that earlier runs did.
        total: about how many there are.
        seconds: since this run began.
    """
    done = scanned - before
    if total is None or done <= 0:
        return None
    return max(0, total - scanned) * seconds / done
