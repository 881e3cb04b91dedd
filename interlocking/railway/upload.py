"""Which files `railway up` sends (https://docs.railway.com/cli/deploying). Reads the tree, changes nothing.

The working tree, not a commit: dotfiles and symlinks (followed) included; `.git`, `node_modules` and what
`.gitignore` (inside a git work tree) and `.railwayignore` exclude left out. `.env` is sent unless ignored.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from pathspec import GitIgnoreSpec

_NEVER = frozenset({".git", "node_modules"})
_Rules = Sequence[tuple[Path, GitIgnoreSpec]]


def uploaded_files(root: Path, *, gitignore: bool = True) -> Iterator[Path]:
    """Yield every file that an upload of `root` contains, as absolute paths, sorted within each folder.

    Args:
        root: absolute.
        gitignore: False for `--no-gitignore`.

    Raises:
        OSError: a symlink points nowhere or to a folder that it is in, or a folder cannot be read.
    """
    repository = _repository(root) if gitignore else None
    names = [".railwayignore", *([".gitignore"] if repository else [])]
    above: list[tuple[Path, GitIgnoreSpec]] = []
    if repository:
        for folder in [each for each in reversed(root.parents) if each.is_relative_to(repository)]:
            above += _rules(folder, [".gitignore"])
    yield from _walk(root, names, above, ())


def _repository(root: Path) -> Path | None:
    return next((each for each in (root, *root.parents) if (each / ".git").exists()), None)


def _walk(folder: Path, names: Sequence[str], above: _Rules, inside: tuple[Path, ...]) -> Iterator[Path]:
    real = folder.resolve()
    if real in inside:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(folder))
    rules = [*above, *_rules(folder, names)]
    for entry in sorted(os.scandir(folder), key=lambda each: each.name):
        path = Path(entry.path)
        if entry.name in _NEVER or _ignored(path, rules, is_folder=entry.is_dir()):
            continue
        if entry.is_dir():
            yield from _walk(path, names, rules, (*inside, real))
        elif stat.S_ISREG(path.stat().st_mode):  # a dangling symlink ends the upload; sockets and the like are not sent
            yield path


def _rules(folder: Path, names: Sequence[str]) -> list[tuple[Path, GitIgnoreSpec]]:
    files = [folder / name for name in names]
    return [(folder, GitIgnoreSpec.from_lines(each.read_text().splitlines())) for each in files if each.is_file()]


def _ignored(path: Path, rules: _Rules, *, is_folder: bool) -> bool:
    """Whether the last rule that speaks of a path excludes it, as git decides."""
    for folder, spec in reversed(rules):
        name = path.relative_to(folder).as_posix() + ("/" if is_folder else "")
        verdict = spec.check_file(name).include
        if verdict is not None:
            return verdict
    return False
