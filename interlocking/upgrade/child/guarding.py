"""The guard's story as the child's messages: what a task shows when env.py calls the guard."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from alembic.runtime.migration import RevisionStep
from alembic.script import ScriptDirectory

from interlocking.upgrade.guarding.observer import Report, Step

if TYPE_CHECKING:
    from interlocking.upgrade.backfilling.pace import Backfilling
    from interlocking.upgrade.child.environment import Watch

_SECONDS_BETWEEN_REPORTS = 0.2


@contextmanager
def backfills_told(watch: Watch) -> Iterator[None]:
    """Tell the watch, not the log, how far the backfills inside the block are."""
    from interlocking.upgrade.backfilling.backfills import listening, say_progress  # noqa: PLC0415 - loads the driver

    last = 0.0

    def tell(state: Backfilling) -> None:
        nonlocal last
        text = f"backfill of {say_progress(state)}"
        if state.finished:
            watch.report({"event": "note", "text": text})
        elif time.monotonic() - last >= _SECONDS_BETWEEN_REPORTS:
            last = time.monotonic()
            watch.report({"event": "running", "text": text, "share": state.share})

    with listening(tell):
        yield


class WatchObserver:
    """Hears the guard and tells the watch.

    Args:
        watch: of this command.
        script: finds a revision by its id.
    """

    def __init__(self, watch: Watch, script: ScriptDirectory) -> None:
        self._watch = watch
        self._script = script

    def planned(self, heads: tuple[str, ...]) -> None:
        """From here on the guard knows best what commits and when."""
        self._watch.guarded = True
        self._watch.stands_at(heads)

    def started(self, step: Step) -> None:
        """A revision begins; a stamp runs nothing."""
        if step.direction != "stamp":
            self._watch.begin(self._found(step), step.position)

    def committed(self, step: Step) -> None:
        """Part of it stays, whatever happens."""
        if step.direction != "stamp":
            self._watch.report({"event": "committed"})

    def ended(self, report: Report) -> None:
        """It is applied; one that failed stays the one that runs, so that the error is its own."""
        if report.outcome == "applied" and report.step.direction != "stamp":
            self._watch.finish(self._found(report.step), report.step.position, tries=report.tries, waited=report.waited)

    def note(self, text: str) -> None:
        """Pass it on."""
        self._watch.report({"event": "note", "text": text})

    def _found(self, step: Step) -> RevisionStep:
        revision = self._script.get_revision(step.revision)
        return RevisionStep(self._script.revision_map, revision, step.direction == "upgrade")
