"""What git says about the tree that is released. The door to git of this room."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from interlocking.errors import InterlockingError
from interlocking.process import find, run

_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Tree:
    """A working tree.

    Args:
        commit: what is checked out, in full; empty without git or before the first commit.
        changed: files that differ from it, untracked ones included, as git shows them from the root.
    """

    commit: str
    changed: tuple[str, ...]

    @property
    def is_known(self) -> bool:
        """Whether git could be asked."""
        return bool(self.commit)


def read_tree(root: Path) -> Tree:
    """Ask git about the tree at `root`; an empty answer where there is no git or no repository."""
    try:
        commit = git(root, "rev-parse", "HEAD").strip()
        listed = git(root, "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", ".")
    except InterlockingError:
        return Tree("", ())
    return Tree(commit, tuple(entry[3:] for entry in listed.split("\0") if entry))


def newest_commit_touching(root: Path, folder: str) -> str:
    """Return the newest commit that adds a file below `folder`; empty when none does."""
    try:
        return git(root, "log", "-1", "--format=%H", "--diff-filter=A", "--", folder).strip()
    except InterlockingError:
        return ""


def tracked_files(root: Path) -> list[str] | None:
    """Return every file of the tree that git tracks or would add, from the root; None without git."""
    try:
        listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    except InterlockingError:
        return None
    return sorted({name for name in listed.split("\0") if name})


def git(root: Path, *arguments: str) -> str:
    """Run git in `root` and return what it prints.

    Raises:
        InterlockingError: there is no git, or it says no.
    """
    program = find("git") or "git"
    return run([program, "-C", str(root), *arguments], timeout=_SECONDS).stdout
