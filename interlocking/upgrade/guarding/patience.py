"""The schedule of tries: how long each may wait for a lock, and how long to pause after it. Pure.

A waiting ACCESS EXCLUSIVE lock makes every later reader of the table wait behind it, so a try is short,
and the pause after it lets through whoever it held up.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

_GROWTH = 1.15
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 0.5


@dataclass(frozen=True, slots=True)
class Patience:
    """Patience that wears thin slowly; every duration in seconds.

    Args:
        first: lock timeout of the first try.
        ceiling: the longest.
    """

    first: float
    ceiling: float

    def lock_timeout(self, failures: int) -> float:
        """Return the timeout of the try that follows so many failed ones."""
        return min(self.ceiling, self.first * _GROWTH ** min(failures, 100))

    def pause(self, failures: int) -> float:
        """Return how long to wait after so many failed tries, with jitter, so that two runners drift apart."""
        return jittered(min(_LONGEST_PAUSE, _FIRST_PAUSE * _GROWTH ** min(failures, 100)))


def jittered(seconds: float) -> float:
    """Return between half and all of a pause, at random, so that two who wait for the same thing drift apart."""
    return seconds * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
