"""What an upload contains, looked at before it is sent: how much, links that lead nowhere, and a `.env`.

`railway up` sends everything that neither `.gitignore` nor `.railwayignore` names, follows links, and breaks off at
one that leads nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from interlocking.errors import InterlockingError, RefusedError
from interlocking.release.git import git

_MEGABYTE = 1_000_000
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is committed in a folder, which is what its upload contains when the tree is clean.

    Args:
        files: how many.
        size: how many bytes, before they are packed.
        dangling: links that lead nowhere.
        dotenv: whether a `.env` goes with it, because nothing ignores it.
    """

    files: int
    size: int
    dangling: tuple[str, ...]
    dotenv: bool

    @property
    def words(self) -> str:
        """Its size in words: `41 files, 1.2 MB`."""
        return f"{self.files} files, {self.size / _MEGABYTE:.1f} MB"

    def require_sendable(self) -> None:
        """Refuse what the CLI would break off at, half-way.

        Raises:
            RefusedError: a link leads nowhere; nothing was uploaded.
        """
        if self.dangling:
            raise RefusedError(
                f"links that lead nowhere cannot be uploaded: {', '.join(self.dangling[:_SHOWN])}",
                code="dangling-link",
                why="the CLI follows links, and breaks off there",
                next="git rm them, or name them in .railwayignore",
            )


def look_into(folder: Path) -> Parcel:
    """Look at a folder that is about to be uploaded; without git nobody can tell what is ignored."""
    ignored = _railwayignore(folder)
    names = [name for name in _committed(folder) if name not in ignored]
    paths = [folder / name for name in names]
    dangling = [name for name, path in zip(names, paths, strict=True) if path.is_symlink() and not path.exists()]
    size = sum(path.stat().st_size for path in paths if path.is_file())
    return Parcel(len(paths), size, tuple(dangling), _ships_dotenv(folder, ignored))


def _committed(folder: Path) -> list[str]:
    try:
        return [name for name in git(folder, "ls-files", "-z").split("\0") if name]
    except InterlockingError:
        return []


def _ships_dotenv(folder: Path, ignored: frozenset[str]) -> bool:
    if not (folder / ".env").is_file() or ".env" in ignored:
        return False
    try:
        git(folder, "check-ignore", "--quiet", ".env")
    except InterlockingError:
        return True
    return False


def _railwayignore(folder: Path) -> frozenset[str]:
    """Return the names of `.railwayignore`; its patterns are for the CLI to understand."""
    path = folder / ".railwayignore"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return frozenset(line.strip().lstrip("/") for line in lines)
