"""Ctrl-C, SIGTERM and SIGHUP while a statement runs.

The driver waits for the server in C, where Python's signal handlers do not run: a signal would be noticed
only when the statement ends. So a thread is woken by the signal itself (`signal.set_wakeup_fd`) and cancels
the statement; then the handler runs, and raises.
"""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from interlocking.errors import StoppedError
from interlocking.upgrade.guarding.sqlstates import chain

_ENDING = (signal.SIGTERM, signal.SIGHUP)
_AGAIN = 0.2


class Stop:
    """Whether a signal asked for the end; asked again before a commit, for a revision that swallowed it."""

    def __init__(self) -> None:
        self._signal = 0

    def requested(self, number: int) -> None:
        """Remember the signal."""
        self._signal = number

    def __bool__(self) -> bool:
        return bool(self._signal)

    @property
    def error(self) -> StoppedError | None:
        """What to raise when a signal has come: whatever fails from then on fails because of it."""
        return StoppedError(self._signal) if self._signal else None

    def check(self) -> None:
        """Raise StoppedError when a signal has come."""
        if self.error:
            raise self.error


@contextmanager
def stoppable(cancel: Callable[[], None]) -> Iterator[Stop]:
    """Make signals end the running statement, and then the work.

    Args:
        cancel: ends the running statement; called from another thread, and must be safe for that.

    Yields:
        What remembers a signal. Outside the main thread, where Python delivers none, it never has one.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    handlers = {number: signal.getsignal(number) for number in _ENDING}
    for number, handler in handlers.items():
        if handler is signal.SIG_DFL:
            signal.signal(number, _raising(stop))
    watcher = threading.Thread(target=_watch, args=(ours, stop, cancel), daemon=True)
    watcher.start()
    try:
        yield stop
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        theirs.close()
        watcher.join()
        ours.close()


def interruption(error: BaseException) -> BaseException | None:
    """Return the interruption behind an error; None when there is none.

    SQLAlchemy gives a connection up when a KeyboardInterrupt passes, and the clean-up of an autocommit block then
    fails on it: what arrives is that failure.
    """
    return next((link for link in chain(error) if isinstance(link, KeyboardInterrupt | StoppedError)), None)


def _watch(end: socket.socket, stop: Stop, cancel: Callable[[], None]) -> None:
    """Cancel, again and again from the first signal on, until the other end closes.

    Again, because between two statements there is nothing to cancel yet. The byte is the signal's number.
    """
    while (received := _received(end)) != b"":
        if received and received[0] in (signal.SIGINT, *_ENDING):
            stop.requested(received[0])
            end.settimeout(_AGAIN)
        if stop:
            with suppress(Exception):  # a connection that is gone has nothing to cancel
                cancel()


def _received(end: socket.socket) -> bytes | None:
    try:
        return end.recv(1)
    except TimeoutError:
        return None


def _raising(stop: Stop) -> Callable[[int, FrameType | None], None]:
    def handle(number: int, _frame: FrameType | None) -> None:
        stop.requested(number)
        raise StoppedError(number)

    return handle
