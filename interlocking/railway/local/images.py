"""From an uploaded tree to what its containers run in: the build step.

An image is kept by what it was made of, so building the same again costs nothing. A service without a build
command runs in the environment of this very interpreter: its requirements are not installed again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

_PACKAGES = "node_modules"


def manifest(tree: Path) -> dict[str, str]:
    """Return the digest of every file under `tree`, by its path with slashes."""
    return {
        path.relative_to(tree).as_posix(): _digest(path)
        for folder, _, names in os.walk(tree)
        for name in names
        if (path := Path(folder, name)).is_file() or path.is_symlink()
    }


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the paths that were added, altered or removed."""
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def matching(paths: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """Return the paths that one of the patterns means, written as in `.gitignore`."""
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - few services have patterns

    spec = GitIgnoreSpec.from_lines(patterns)
    return [path for path in paths if spec.match_file(path)]


def image_name(files: Mapping[str, str], command: str, variables: Mapping[str, str]) -> str:
    """Return the name of the image that a build command makes of these files with these variables."""
    ingredients = json.dumps([sorted(files.items()), command, sorted(variables.items())])
    return hashlib.sha256(ingredients.encode()).hexdigest()[:32]


def copy(image: Path, target: Path) -> Path:
    """Give a container its own files; what it writes is lost with it."""
    shutil.rmtree(target, ignore_errors=True)
    return Path(shutil.copytree(image, target, symlinks=True, copy_function=_copy_file))


def detected_start_command(folder: Path) -> str | None:
    """Return what Railpack would start, or None: it knows no Flask (https://railpack.com/languages/python)."""
    if (folder / "main.py").is_file():
        return "python main.py"
    package = folder / "package.json"
    if package.is_file() and json.loads(package.read_text(encoding="utf-8")).get("scripts", {}).get("start"):
        return "npm run start"
    return None


def _copy_file(source: str, target: str) -> None:
    """Copy a file; an installed package, which nobody writes to, is only linked: there are thousands of them."""
    if _PACKAGES in Path(source).parts:
        os.link(source, target, follow_symlinks=False)
    else:
        shutil.copy2(source, target, follow_symlinks=False)


def _digest(path: Path) -> str:
    if path.is_symlink():
        return f"link {path.readlink()}"
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode & 0o111
        return f"{mode:o} {hashlib.file_digest(file, 'sha256').hexdigest()}"
