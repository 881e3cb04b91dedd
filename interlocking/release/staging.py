"""The two trees of a rehearsal: the release before, which serves, and this one, which replaces it."""

from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from interlocking.errors import InterlockingError, UsageError
from interlocking.process import find, stream
from interlocking.release.git import git, newest_commit_touching, read_tree, tracked_files
from interlocking.revisions.graph import Graph
from interlocking.revisions.order import newest_first

_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "venv", "node_modules", ".interlocking", "__pycache__", ".env", ".mypy_cache", ".pytest_cache"
)


@dataclass(frozen=True, slots=True)
class Previous:
    """The release that serves before this one.

    Args:
        folder: its tree.
        words: what it is: a commit, or this tree without its newest revisions.
    """

    folder: Path
    words: str


def stage_release(root: Path, folder: Path) -> None:
    """Copy the tree as it is, uncommitted changes included, and commit the copy: a release wants a clean tree.

    Args:
        root: the project.
        folder: where the copy goes; must not exist.

    Raises:
        UnavailableError: git is missing.
    """
    files = tracked_files(root)
    if files is None:
        shutil.copytree(root, folder, symlinks=True, ignore=_LEFT_OUT)
    else:
        for name in files:
            _copy(root / name, folder / name)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(
        folder,
        *("-c", "user.name=rehearsal", "-c", "user.email=rehearsal@localhost", "-c", "commit.gpgsign=false"),
        *("commit", "--quiet", "--no-verify", "--message", "the tree that is rehearsed"),
    )


def stage_previous(root: Path, release: Path, folder: Path, *, deployed: str, graph: Graph, versions: Path) -> Previous:
    """Make the tree of the release before.

    That is the commit that is deployed; else the newest one, where a revision is not committed yet; else the parent of
    the newest commit that adds a revision; else, where the history does not have one that can serve (a shallow clone,
    a first commit), the release's tree without its newest revision.

    Args:
        root: the project.
        release: the staged release.
        folder: where the tree goes; must not exist.
        deployed: the commit that is deployed; empty when it is not known.
        graph: the revision files.
        versions: the folder of the revision files, from the root.

    Raises:
        UsageError: there is no revision at all, so there is nothing to release one with.
    """
    for commit, words in _candidates(root, versions, deployed):
        if _extract(root, commit, folder, versions):
            return Previous(folder, f"{_short(root, commit)}, {words}")
    return _without_newest(release, folder, graph, root)


def _candidates(root: Path, versions: Path, deployed: str) -> Iterator[tuple[str, str]]:
    """Yield the commits that may be the release before, the likeliest first, with what they are."""
    if deployed:
        yield deployed, "the commit that is deployed"
    if any(name.startswith(f"{versions.as_posix()}/") for name in read_tree(root).changed):
        yield "HEAD", "before what is not committed"
    if newest := newest_commit_touching(root, str(versions)):
        yield f"{newest}^", "before the newest revision"


def _without_newest(release: Path, folder: Path, graph: Graph, root: Path) -> Previous:
    if not graph.revisions:
        raise UsageError("there is no revision to release", code="no-revisions", next='invoke db.migrate -m "..."')
    newest = graph.revisions[newest_first(graph, graph.revisions)[0]]
    shutil.copytree(release, folder, symlinks=True, ignore=_LEFT_OUT)
    (folder / newest.path.relative_to(root.resolve())).unlink()
    return Previous(folder, f"this tree without {newest.id}")


def _extract(root: Path, commit: str, folder: Path, versions: Path) -> bool:
    """Write the tree of a commit to `folder`; return whether it has revisions, so that it can serve."""
    packed = bytearray()
    try:
        stream([find("git") or "git", "-C", str(root), "archive", "--format=tar", commit], packed.extend)
    except InterlockingError:
        return False
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        if not any(name.startswith(f"{versions.as_posix()}/") and name.endswith(".py") for name in archive.getnames()):
            return False
        archive.extractall(folder, filter="data")
    return True


def _short(root: Path, commit: str) -> str:
    return git(root, "rev-parse", "--short", commit).strip()


def _copy(source: Path, target: Path) -> None:
    if source.is_symlink() or source.is_file():  # a deleted file is still listed
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)
