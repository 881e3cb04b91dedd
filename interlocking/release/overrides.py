"""Temporary commands: made, held, put back, whatever happens in between.

The original is in the journal before anything is touched. What is put back is exactly that: where somebody edited
the place meanwhile, nothing is overwritten, and a person decides.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from interlocking.change import Change, Copy
from interlocking.environment import Project
from interlocking.errors import IncompleteError, InterlockingError, RefusedError
from interlocking.journal import Journal
from interlocking.railway.cli import RailwayCli
from interlocking.redaction import mask_url
from interlocking.release.doors import Door, changed_meanwhile
from interlocking.release.planning import REVERT, PlannedOverride, Wish, door_of, plan_override

How = Literal["put back", "found as it was", "kept as it is"]


@dataclass(frozen=True, slots=True)
class Applied:
    """An override that was made.

    Args:
        change: its entry in the journal.
        deployment: the deployment that Railway began because of it; empty when it began none.
    """

    change: Change
    deployment: str = ""


@dataclass(frozen=True, slots=True)
class Reverted:
    """An override that is no more.

    Args:
        change: its entry in the journal.
        how: what had to be done.
        target: the place.
        deployment: the deployment that Railway began because of it; empty when it began none.
    """

    change: Change
    how: How
    target: str
    deployment: str = ""


class Overrides:
    """The temporary commands of one project.

    Args:
        project: whose.
        railway: opens the CLI for an environment; only called for what is not a file, and once for each.
        mask: hides secrets in what the journal writes.
    """

    def __init__(
        self, project: Project, railway: Callable[[str], RailwayCli], mask: Callable[[str], str] = mask_url
    ) -> None:
        self._project = project
        self.railway = cache(railway)
        self.journal = Journal(project.home, mask)

    def plan(self, wish: Wish) -> PlannedOverride:
        """Read what is needed and decide; see `plan_override`."""
        return plan_override(self._project, wish, lambda: self.railway(wish.environment))

    def door(self, change: Change) -> Door:
        """Return the place of a change."""
        return door_of(self._project, change.subject, self.railway)

    def apply(self, planned: PlannedOverride, *, task: str, hold: bool) -> Applied:
        """Make a planned override; if that fails half-way, put the original back.

        Args:
            planned: what was shown and confirmed.
            task: what was typed.
            hold: leave it to a person to revert; otherwise it belongs to this process, and ends with it.

        Raises:
            RefusedError: one is in place already.
            UnavailableError: another process is at work, or the journal cannot be written.
        """
        with self.journal.hold(task):
            self.require_none()
            door, now = planned.door, planned.door.read()
            if now is None or now.data != planned.original.data:
                raise changed_meanwhile(door.target)
            change = self.journal.begin(door.subject, planned.original, planned.changed)
            try:
                written = door.write(planned.changed, instead_of=now, attributes={})
                if hold:
                    change = self.journal.advance(change, "held", f"until {REVERT}")
            except BaseException:
                self._withdraw(change, door, task)
                raise
        return Applied(change, written.deployment)

    def revert(self, change: Change, *, task: str, accept: bool = False) -> Reverted:
        """Put the original back; doing it twice is doing it once.

        Args:
            change: what the journal says.
            task: what was typed.
            accept: where somebody edited the place, keep that and forget the original.

        Raises:
            IncompleteError: code `override-conflict`: it was edited meanwhile; the difference is in `why`.
            UnavailableError: another process is at work, or Railway cannot be reached.
        """
        with self.journal.hold(task):
            door = self.door(change)
            if change.id not in {each.id for each in self.journal.changes()}:
                return Reverted(change, "found as it was", door.target)
            door.sweep()
            original, current = self.journal.original(change), door.read()
            if current is not None and current.data == self.journal.changed(change):
                written = door.write(original.data, instead_of=current, attributes=original.attributes)
                return self._closed(change, "put back", door, written.deployment)
            if current is not None and _is_original(door, current, original):
                return self._closed(change, "found as it was", door)
            if accept:
                return self._closed(change, "kept as it is", door)
            self.journal.advance(change, "conflict", f"{door.target} was edited meanwhile")
            raise _conflict(door, self.journal.changed(change), current)

    def is_gone(self, change: Change) -> bool:
        """Whether somebody put the original back into its file by hand; a service is not asked."""
        if change.subject["door"] != "file":
            return False
        door = self.door(change)
        current = door.read()
        return current is not None and _is_original(door, current, self.journal.original(change))

    def require_none(self) -> None:
        """Refuse a second temporary command.

        Raises:
            RefusedError: code `override-pending`.
        """
        changes = self.journal.changes()
        if changes:
            raise RefusedError(
                f"a temporary command is in place already, made by {changes[0].owner.described}",
                code="override-pending",
                why="a second one would take the first for the original",
                next=REVERT,
            )

    def _withdraw(self, change: Change, door: Door, task: str) -> None:
        """Undo an attempt that failed; where our command does not stand there is nothing to undo."""
        current = door.read()
        if current is not None and current.data == self.journal.changed(change):
            self.revert(change, task=task)
        else:
            self.journal.advance(change, "reverted", "never made")

    def _closed(self, change: Change, how: How, door: Door, deployment: str = "") -> Reverted:
        self.journal.advance(change, "reverted", how)
        return Reverted(change, how, door.target, deployment)


def _is_original(door: Door, current: Copy, original: Copy) -> bool:
    """Whether the original command stands there, be it among other edits: then there is nothing to undo."""
    if current.data == original.data:
        return True
    try:
        return door.command(current.data) == door.command(original.data)
    except InterlockingError:
        return False


def _conflict(door: Door, ours: bytes, current: Copy | None) -> IncompleteError:
    theirs = current.data if current else b""
    said = "was edited since its command was changed for a while" if current else "is gone"
    return IncompleteError(
        f"{door.target} {said}, so the original is not put back over it",
        code="override-conflict",
        why=_difference(ours, theirs) or "its bytes differ where no text shows it",
        next=f"put the original command back by hand, then {REVERT};\nto keep it as it is: {REVERT} --accept",
    )


def _difference(ours: bytes, theirs: bytes) -> str:
    one, other = (data.decode(errors="replace").splitlines() for data in (ours, theirs))
    return "\n".join(difflib.unified_diff(one, other, "as the suite left it", "as it is now", n=1, lineterm=""))
