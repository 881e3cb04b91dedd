"""What ends this process from outside: Ctrl-C, SIGTERM and SIGHUP, each an exception, and only the first one."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from interlocking.errors import StoppedError

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def signals_as_exceptions() -> Iterator[None]:
    """Turn Ctrl-C, SIGTERM and SIGHUP into StoppedError, so that every `finally` runs before the end.

    Only the first one: a second Ctrl-C of an impatient hand must not break off the orderly end.
    """
    previous = {number: signal.signal(number, _raise_stopped) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def ignore_signals() -> None:
    """Let no second Ctrl-C disturb the last moments of a process that one has ended already."""
    for number in _ENDING:
        signal.signal(number, _is_ending)


def _raise_stopped(number: int, _frame: FrameType | None) -> None:
    ignore_signals()
    raise StoppedError(number)


def _is_ending(_number: int, _frame: FrameType | None) -> None:
    """Do nothing. A handler, not SIG_IGN, which children of the clean-up would inherit."""
