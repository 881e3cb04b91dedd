"""What changed in a revision file since it was applied, as far as git knows."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

from interlocking.errors import InterlockingError
from interlocking.upgrade.verifying.checksum import checksum

_SECONDS = 5.0
_LINES = 60


def diff_since(path: Path, *, commit: str | None, recorded: str) -> str:
    """Return the unified diff from what was applied to the file as it is.

    Args:
        path: the revision file.
        commit: the commit that was checked out when it was applied, if that is known.
        recorded: the checksum of what was applied: a version of the file that does not have it is not shown,
            because it was not what ran.

    Returns:
        At most 60 lines; empty without git, and when no commit has that version.
    """
    for each in filter(None, (commit, "HEAD")):
        before = _version(path, each)
        if before is not None and _is(before, recorded):
            return _diff(before, path, each)
    return ""


def _version(path: Path, commit: str) -> str | None:
    """Return the file as a commit has it; None when git is missing or does not have it."""
    from interlocking.process import find, run  # noqa: PLC0415 - only after an edit was found

    if not find("git"):
        return None
    try:
        return run(["git", "-C", str(path.parent), "show", f"{commit}:./{path.name}"], timeout=_SECONDS).stdout
    except InterlockingError:
        return None


def _is(text: str, recorded: str) -> bool:
    try:
        return checksum(text) == recorded
    except ValueError:
        return False


def _diff(before: str, path: Path, commit: str) -> str:
    now = path.read_text(encoding="utf-8", errors="replace").splitlines()
    applied = f"{path.name} ({commit[:12]}, as applied)"
    lines = list(unified_diff(before.splitlines(), now, applied, f"{path.name} (now)", lineterm=""))
    rest = len(lines) - _LINES
    return "\n".join([*lines[:_LINES], *([f"... and {rest} more lines"] if rest > 0 else [])])
