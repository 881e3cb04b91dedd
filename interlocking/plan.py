"""What is about to happen, as data: `Step`, `Plan`, and the one progress callback.

The same `Plan` is what `--dry-run` prints, the confirmation shows and the progress counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that will be done.

    Args:
        title: what is done, in words: `upgrade 20250615_companion`.
        detail: SQL, a command or the names concerned, shown beneath the title; may be empty.
        undo: what takes it back, as something to type; empty when nothing needs undoing.
    """

    title: str
    detail: str = ""
    undo: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps of one task against one target.

    Args:
        title: what the task does, in words.
        target: the masked URL, folder or service that is touched.
        steps: in the order they are done.
    """

    title: str
    target: str
    steps: tuple[Step, ...]

    def __bool__(self) -> bool:
        return bool(self.steps)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened during a long operation.

    Args:
        kind: `started`, `done` and `failed` bracket a step; `note` is a line in between; `running` says how far the
            step is, and holds until the next event.
        text: one line in words.
        seconds: how long the step took, for `done` and `failed`.
        position: (this step counted from 1, number of steps), when known.
        share: how much of the step is done, from 0 to 1, for `running`; None when nobody knows.
    """

    kind: Literal["started", "done", "failed", "note", "running"]
    text: str
    seconds: float | None = None
    position: tuple[int, int] | None = None
    share: float | None = None


Progress = Callable[[Event], None]


def silent(_event: Event) -> None:
    """Ignore progress."""
