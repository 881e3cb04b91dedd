"""What the guard tells while it works, and to whom. Pure.

Whoever wants to know (a log, a task's progress, an audit table) is an `Observer`; the guard calls each of
them in turn and knows nothing else about them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from interlocking.durations import say_duration

OBSERVER = "interlocking.guard.observer"
"""Key of Alembic's `Config.attributes` under which a caller of Alembic leaves an `Observer`: it then hears the story
and gets the exceptions as they are, instead of log lines and SystemExit."""

Direction = Literal["upgrade", "downgrade", "stamp"]
Outcome = Literal["applied", "rolled-back", "half-applied"]


@dataclass(frozen=True, slots=True)
class Step:
    """One revision that is about to run.

    Args:
        revision: its id; for a stamp, the revisions that the version table will hold.
        direction: which of its functions runs.
        position: (this step counted from 1, number of steps).
        path: its file; None for a stamp.
    """

    revision: str
    direction: Direction
    position: tuple[int, int]
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """How one revision went.

    Args:
        step: which.
        outcome: where it stands now, as read from the version table.
        tries: how often it was begun.
        waited: seconds spent between tries.
        seconds: from its first try to its end, waiting included.
        error: what ended it, without secrets; empty when it was applied.
    """

    step: Step
    outcome: Outcome
    tries: int
    waited: float
    seconds: float
    error: str = ""


def say_effort(tries: int, waited: float) -> str:
    """Return what a revision cost beside its time, for a person: `1 try`, or `3 tries, waited 1.2 s`."""
    noun = "try" if tries == 1 else "tries"
    return f"{tries} {noun}, waited {say_duration(waited)}" if waited else f"{tries} {noun}"


class Observer(Protocol):
    """Hears what the guard does. An exception of an observer ends the run."""

    def planned(self, heads: tuple[str, ...]) -> None:
        """The database stands at `heads`, and what runs from there is known; also when that is nothing."""

    def started(self, step: Step) -> None:
        """A revision begins: its first try."""

    def committed(self, step: Step) -> None:
        """Part of a revision was committed before its end: a failure can no longer undo all of it."""

    def ended(self, report: Report) -> None:
        """A revision has ended, one way or the other."""

    def note(self, text: str) -> None:
        """Something that a person waiting wants to know."""
