"""The door to the application's code: the files with models, now and at the merge base with the main branch."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from interlocking.errors import InterlockingError
from interlocking.process import find, run
from interlocking.review.files import python_files
from interlocking.review.surroundings.mapped import Mapped
from interlocking.review.surroundings.models import looks_like_models, map_models

_PATIENCE = 10.0
_MAIN_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


@dataclass(frozen=True, slots=True)
class Code:
    """What the application maps.

    Attributes:
        models: in the working tree.
        deployed: at the merge base; None without git or models.
        problem: why the merge base is not known; empty when it is.
    """

    models: Mapped | None = None
    deployed: Mapped | None = None
    problem: str = ""


def read_code(root: Path, *, folders: tuple[str, ...], migrations: Path, main_branch: str) -> Code:
    """Read what the models map, now and at the merge base with the main branch.

    Args:
        root: the project's folder.
        folders: where the models stand; empty means anywhere in the project.
        migrations: the folder with `env.py`, which holds no models.
        main_branch: what is deployed; empty means the first of the usual names.
    """
    files = {path.relative_to(root).as_posix(): text for path, text in _model_files(root, folders, migrations)}
    now = map_models(files)
    base, problem = _merge_base(root, main_branch)
    if not base:
        return Code(now, None, problem)
    return Code(now, map_models(_at(root, base, files, migrations), commit=base[:9]))


def on_main_branch(root: Path, files: Collection[Path], *, main_branch: str) -> frozenset[Path] | None:
    """Return which files the main branch has, at the merge base; None when git cannot say.

    Args:
        root: the project's folder.
        files: which are meant; in folders that git may know.
        main_branch: what is deployed; empty means the first of the usual names.
    """
    base, _ = _merge_base(root, main_branch)
    if not base:
        return None
    folders = {path.parent for path in files}
    known = {
        folder / name for folder in folders for name in _git(folder, "ls-tree", "--name-only", "-z", base).split("\0")
    }
    return frozenset(files) & known


def _model_files(root: Path, folders: tuple[str, ...], migrations: Path) -> Iterator[tuple[Path, str]]:
    for path in python_files(root, folders, migrations):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if looks_like_models(text):
            yield path, text


def _at(root: Path, base: str, files: dict[str, str], migrations: Path) -> dict[str, str]:
    """Return the files with models as they were at a commit: those that differ are asked of git."""
    changed = _changed(root, base)
    then = {file: text for file, text in files.items() if file not in changed}
    own = migrations.relative_to(root).as_posix() + "/" if migrations.is_relative_to(root) else ""
    elsewhere = [file for file, was_there in changed.items() if was_there and not (own and file.startswith(own))]
    texts = _texts(root, base, elsewhere)
    return then | {file: text for file, text in texts.items() if looks_like_models(text)}


def _changed(root: Path, base: str) -> dict[str, bool]:
    """Return the Python files that are not as at a commit, each with whether that commit has it."""
    said = _git(root, "diff", "--name-status", "--no-renames", "-z", "--relative", base, "--", "*.py").split("\0")
    return {file: status != "A" for status, file in zip(said[::2], said[1::2], strict=False)}


def _texts(root: Path, base: str, files: Sequence[str]) -> dict[str, str]:
    """Return the texts of files at a commit, which has them; one process reads them all."""
    mark = f"\x1e{base}"
    asked = "".join(f"{base}:./{file}\n" for file in files)
    said = _git(root, "cat-file", f"--batch={mark}", input=asked).split(f"{mark}\n")[1:]
    return dict(zip(files, said, strict=False))


def _merge_base(root: Path, main_branch: str) -> tuple[str, str]:
    """Return the commit, or an empty text and why there is none."""
    if not find("git") or not _git(root, "rev-parse", "--git-dir"):
        return "", "the project is not in a git repository"
    for branch in (main_branch,) if main_branch else _MAIN_BRANCHES:
        base = _git(root, "merge-base", "HEAD", branch).strip()
        if base:
            return base, ""
    return "", f"git knows no common commit with {main_branch or 'the main branch'}"


def _git(root: Path, *arguments: str, input: str | None = None) -> str:
    """Return what git says; empty when it fails."""
    try:
        return run(["git", *arguments], cwd=root, timeout=_PATIENCE, input=input).stdout
    except InterlockingError:
        return ""
