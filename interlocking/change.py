"""A temporary change, as the journal tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

from interlocking.owner import Owner

OPEN = PurePath("journal", "open")
State = Literal["owned", "held", "reverted", "conflict"]


@dataclass(frozen=True, slots=True)
class Copy:
    """Something as it was.

    Args:
        data: its bytes.
        attributes: what else must be put back, such as a file's mode and times.
    """

    data: bytes
    attributes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Change:
    """A temporary change.

    Args:
        id: names its folder.
        subject: what was changed: keys and values are the business of whoever changes it; never a secret.
        owner: who changed it.
        state: `owned` by its task, `held` until a person asks for the original, `conflict`: not put back,
            because it was edited meanwhile; `reverted`: closed.
        note: what the last event said.
    """

    id: str
    subject: Mapping[str, str]
    owner: Owner
    state: State = "owned"
    note: str = ""

    @property
    def is_orphaned(self) -> bool:
        """Whether its owner died before it was put back or given to a person to hold."""
        return self.state == "owned" and not self.owner.is_alive

    @property
    def is_own(self) -> bool:
        """Whether this process is making it just now."""
        return self.state == "owned" and self.owner.is_this_process


def is_pending(home: Path) -> bool:
    """Return whether anything may have to be undone; costs one look at the disk.

    Args:
        home: the project's `.interlocking`.
    """
    return (home / OPEN).is_dir()
