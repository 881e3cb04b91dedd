"""What fixing comes to: which files change and how, what was fixed, what was left. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Literal

from interlocking.plan import Plan, Step
from interlocking.review.model import Finding

Change = Literal["rewritten", "written", "re-pointed"]


class CannotFixError(Exception):
    """There is no one right answer here; the text says why."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A finding that the new files answer.

    Attributes:
        finding: what was found.
        revisions: the revisions that hold its recipe: the one that was found fault with, and those that follow it.
    """

    finding: Finding
    revisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """A finding that is left to a person.

    Attributes:
        finding: what was found.
        reason: why it was left, a clause.
    """

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file, before and after.

    Attributes:
        path: the file.
        name: from the project's root, with forward slashes.
        change: what becomes of it.
        before: its bytes; empty for a new file.
        after: its bytes afterwards.
    """

    path: Path
    name: str
    change: Change
    before: bytes
    after: bytes

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        old, new = (text.decode(errors="replace").splitlines(keepends=True) for text in (self.before, self.after))
        origin = "/dev/null" if self.change == "written" else f"a/{self.name}"
        return "".join(unified_diff(old, new, origin, f"b/{self.name}"))


@dataclass(frozen=True, slots=True)
class Fixes:
    """All of it.

    Attributes:
        files: what is written: each revision that is rewritten and those that follow it, then what is put behind them.
        fixed: the findings that this answers.
        left: the findings that could have been fixed elsewhere, but not here.
        revisions: the ids of the revisions that are rewritten or new, oldest first.
    """

    files: tuple[FileChange, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    left: tuple[Left, ...] = ()
    revisions: tuple[str, ...] = ()

    def plan(self, target: str) -> Plan:
        """Return it as a plan, whose steps show the diffs.

        Args:
            target: the folder of the revisions.
        """
        verbs = {"rewritten": "rewrite", "written": "write", "re-pointed": "put behind the new revisions:"}
        steps = [Step(f"{verbs[each.change]} {each.name}", each.diff) for each in self.files]
        return Plan("fix", target, tuple(steps))
