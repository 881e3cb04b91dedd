"""The guard's story as plain lines through Alembic's logger, for `flask db` and `alembic`."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from interlocking.durations import say_duration
from interlocking.errors import InterlockingError
from interlocking.upgrade.guarding.observer import Report, Step, say_effort

_VERBS = {"upgrade": "applied", "downgrade": "undone", "stamp": "stamped"}
logger = logging.getLogger("alembic.runtime.guard")


class LogObserver:
    """Writes one line a revision, and what a person waiting wants to know."""

    def __init__(self) -> None:
        _be_heard()

    def planned(self, heads: tuple[str, ...]) -> None:
        """Alembic says itself what runs."""

    def started(self, step: Step) -> None:
        """Alembic says so itself."""

    def committed(self, step: Step) -> None:
        """It matters only when the revision fails, and then it is said."""

    def ended(self, report: Report) -> None:
        """Say how a revision went; the error that ended one is said at the end of all."""
        if not report.error:
            logger.info("%s", line(report))

    def note(self, text: str) -> None:
        """Say it."""
        logger.info("%s", text)


def line(report: Report) -> str:
    """Return how a revision went, in one line."""
    step = report.step
    place = f"[{step.position[0]}/{step.position[1]}]"
    effort = say_effort(report.tries, report.waited)
    return f"{place} {_VERBS[step.direction]} {step.revision} in {say_duration(report.seconds)} ({effort})"


def log_error(error: InterlockingError, *, traceback: BaseException | None = None) -> None:
    """Write an error: what happened, why it matters, what to type next.

    Args:
        error: what to say.
        traceback: an exception whose lines a developer needs; None when the sentence says it all.
    """
    parts = [error.message, error.why, f"next: {error.next}" if error.next else ""]
    logger.error("\n".join(part for part in parts if part), exc_info=traceback)


def _be_heard() -> None:
    """Write to stderr where the project has configured no logging: Alembic's own handler swallows every line."""
    if any(not isinstance(handler, logging.NullHandler) for handler in _handlers()):
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s [%(name)s] %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def _handlers() -> Iterator[logging.Handler]:
    each: logging.Logger | None = logger
    while each:
        yield from each.handlers
        each = each.parent if each.propagate else None
