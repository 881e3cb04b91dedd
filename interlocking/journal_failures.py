"""What can go wrong with the journal, in words."""

from __future__ import annotations

from pathlib import Path

from interlocking.errors import IncompleteError, UnavailableError


def busy(who: str) -> UnavailableError:
    """Return the error of the second process."""
    return UnavailableError(
        f"{who} is changing the start command or releasing",
        code="override-busy",
        why="two at once would each take the other's change for the original; nothing was changed",
        next="wait until it has ended, then repeat the same command",
    )


def not_writable(folder: Path, error: OSError) -> UnavailableError:
    """Return the error of a journal that cannot be written."""
    return UnavailableError(
        f"{error.filename or folder} cannot be written: {error.strerror}",
        code="journal-not-writable",
        why="nothing is changed for a while before it is on the disk how to undo it",
        next=f"see who owns it and what room there is: ls -ld {folder}; df {folder.parent}",
    )


def damaged(path: Path) -> IncompleteError:
    """Return the error of a record whose checksum does not fit, or that cannot be read."""
    return IncompleteError(
        f"{path} is damaged, so what was changed cannot be put back from it",
        code="journal-damaged",
        why="its checksum does not fit, or it cannot be read; nothing was overwritten with it",
        next=f"put the start command back by hand (git diff shows it), then delete {path.parent}",
    )
