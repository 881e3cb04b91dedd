"""What the two places of a temporary command have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from interlocking.change import Copy
from interlocking.errors import InterlockingError, RefusedError


@dataclass(frozen=True, slots=True)
class Written:
    """What writing brought about.

    Args:
        deployment: the deployment that it began by itself; empty when it began none.
    """

    deployment: str = ""


class Door(Protocol):
    """One place where a command stands. Its content is bytes, so that the journal can keep and compare it."""

    @property
    def subject(self) -> Mapping[str, str]:
        """What the journal writes down, enough to find the place again."""

    @property
    def target(self) -> str:
        """The place for a person."""

    @property
    def deploys(self) -> bool:
        """Whether writing deploys by itself."""

    def read(self) -> Copy | None:
        """Return what stands there; None when the place is gone.

        Raises:
            InterlockingError: it cannot be read.
        """

    def command(self, data: bytes) -> str:
        """Return the command in `data`; empty when there is none.

        Raises:
            UsageError: it cannot be read.
        """

    def with_command(self, data: bytes, command: str) -> bytes:
        """Return `data` with another command and nothing else changed.

        Raises:
            UsageError: there is no way to write it.
        """

    def write(self, data: bytes, *, instead_of: Copy, attributes: Mapping[str, int]) -> Written:
        """Put `data` there, all of it or nothing.

        Args:
            data: what shall stand there.
            instead_of: what was read just now.
            attributes: as `read` returned them, to restore; empty: as they are now.

        Raises:
            InterlockingError: it could not be written, or another thing stands there than was read.
        """

    def sweep(self) -> None:
        """Remove what a death during `write` left."""


def changed_meanwhile(target: str) -> InterlockingError:
    """Return the error of a place that somebody else wrote to between our look and our hand."""
    return RefusedError(
        f"{target} was changed by somebody else at this very moment",
        code="changed-meanwhile",
        why="nothing was overwritten",
        next="look at it, then repeat the same command",
    )
