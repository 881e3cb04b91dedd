"""How tests wait: for what is seen to happen, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")

DEADLINE_SECONDS = 120.0
"""Far beyond what anything takes here, also on a machine that is busy or stands still: only what never happens is given up."""
_POLL_SECONDS = 0.01


def wait_until(condition: Callable[[], Seen], story: Callable[[], str] = lambda: "it never came true") -> Seen:
    """Ask again and again until the answer is a yes, and return it; fail with a story when it never comes."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (seen := condition()):
        assert time.monotonic() < deadline, story()
        time.sleep(_POLL_SECONDS)
    return seen
