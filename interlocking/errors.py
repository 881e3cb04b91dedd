"""One family of exceptions, one table of exit codes.

A class answers the only question a caller can act on: did the check say no, was something typed
wrong, was it refused, is something unreachable, did it stop part-way? The cause is the `code`.
Only the Invoke edge (`interlocking.tasks.edge`) turns an error into an exit.
"""

from __future__ import annotations

import signal
from typing import ClassVar


class InterlockingError(Exception):
    """What happened, why it matters, and what to type next.

    Args:
        message: what happened, with the names involved; no trailing full stop, never a secret.
        code: a stable kebab-case id that programs may rely on.
        why: why it matters to the reader; may be empty.
        next: the command or step that helps; may be empty.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, code: str, why: str = "", next: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.why = why
        self.next = next

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the three parts when the error crosses a process."""
        return (_rebuild, (type(self), self.message, self.code, self.why, self.next))


class CheckFailedError(InterlockingError):
    """The check ran and the answer is no. Exit 1."""

    exit_code = 1


class UsageError(InterlockingError):
    """A wrong flag, value, setting or file of the project. Exit 2."""

    exit_code = 2


class RefusedError(InterlockingError):
    """Refused or not confirmed; nothing was changed. Exit 3."""

    exit_code = 3


class UnavailableError(InterlockingError):
    """A database, platform, tool or lock cannot be had; nothing was changed. Exit 4."""

    exit_code = 4


class IncompleteError(InterlockingError):
    """Stopped part-way: something was changed, and `why` and `next` say what and how to go on. Exit 5."""

    exit_code = 5


class StoppedError(InterlockingError):
    """A signal ended the work. Exit 128 + signal: 130 for Ctrl-C, 143 for SIGTERM."""

    def __init__(self, signal_number: int, message: str = "", *, why: str = "", next: str = "") -> None:
        super().__init__(message or _stopped_by(signal_number), code="interrupted", why=why, next=next)
        self.signal_number = signal_number

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild with the signal's number."""
        return (_rebuild_stopped, (self.signal_number, self.message, self.why, self.next))


def exit_code(error: BaseException) -> int:
    """Return the exit code for `error`; 130 for a bare KeyboardInterrupt, 1 for anything unknown."""
    if isinstance(error, StoppedError):
        return 128 + error.signal_number
    if isinstance(error, InterlockingError):
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return 130
    return 1


def _stopped_by(signal_number: int) -> str:
    return "stopped by Ctrl-C" if signal_number == signal.SIGINT else f"stopped by {signal.Signals(signal_number).name}"


def _rebuild(kind: type[InterlockingError], message: str, code: str, why: str, next_: str) -> InterlockingError:
    return kind(message, code=code, why=why, next=next_)


def _rebuild_stopped(signal_number: int, message: str, why: str, next_: str) -> StoppedError:
    return StoppedError(signal_number, message, why=why, next=next_)
