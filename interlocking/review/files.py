"""The door to the files that a review looks at and keeps."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import interlocking
from interlocking.revisions.directory import read_bytes

_SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "env", "site-packages", "build", "dist", "tests", "test"})
_MOST_FILES = 5_000


def read_text(path: Path) -> str:
    """Return the text of a file; bytes that are no UTF-8 are replaced.

    Raises:
        UsageError: it cannot be read.
    """
    return read_bytes(path).decode("utf-8-sig", errors="replace")


@cache
def fingerprint() -> str:
    """Return what the reading depends on besides the files: this code, and the libraries that it uses."""
    home = Path(interlocking.__file__).parent / "review"
    own = sorted((str(path), path.stat().st_mtime_ns) for path in home.rglob("*.py"))
    used = [find_spec(name) for name in ("alembic", "sqlalchemy", "pglast")]
    files = [spec.origin for spec in used if spec and spec.origin]
    return digest(json.dumps([own, [(file, Path(file).stat().st_mtime_ns) for file in files]]))


def digest(text: str) -> str:
    """Return a short, stable mark of a text."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def load(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file; an empty one when there is none."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def save(path: Path, value: Mapping[str, Any]) -> None:
    """Replace a file as a whole; a folder that cannot be written means no cache."""
    from tempfile import NamedTemporaryFile  # noqa: PLC0415 - a run whose result was kept writes nothing

    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            file.write(json.dumps(value))  # in one piece: many times faster than json.dump
        os.replace(file.name, path)  # noqa: PTH105 - by name: the temporary file has no Path


def text_of(path: Path) -> str:
    """Return the text of a file; empty when there is none."""
    return read_text(path) if path.is_file() else ""


def python_files(root: Path, folders: tuple[str, ...], migrations: Path) -> Iterator[Path]:
    """Yield the files where models may stand, at most as many as a project can reasonably have."""
    count = 0
    for start in [root / folder for folder in folders] or [root]:
        if start.is_file():
            yield start
            continue
        for place, subfolders, names in os.walk(start):
            subfolders[:] = sorted(name for name in subfolders if not _is_skipped(Path(place, name), migrations))
            for name in sorted(names):
                if name.endswith(".py"):
                    count += 1
                    if count > _MOST_FILES:
                        return
                    yield Path(place, name)


def _is_skipped(folder: Path, migrations: Path) -> bool:
    return folder.name in _SKIPPED or folder.name.startswith(".") or folder == migrations


def is_application(module: str, *, root: Path, versions: Path) -> bool:
    """Return whether a dotted module is code of the project; what the revisions share among them is not.

    Nor is this package, where it stands in the project's own folder: what it offers to revisions stays. Nor is a module
    that was made for revisions: it imports Alembic, and nothing of the project.

    Args:
        module: its name.
        root: the project's folder.
        versions: the folder of the revision that imports it.
    """
    migrations = _environment_of(versions)
    inside = Path(*module.split("."))
    shared = any((base / inside).is_relative_to(migrations) for base in (root, root / "src"))
    top = module.partition(".")[0]
    ours = top == interlocking.__name__
    return not (shared or ours) and _is_in_project(top, root) and not _serves_revisions(module, root)


@cache
def _serves_revisions(module: str, root: Path) -> bool:
    imported = [_imported(text) for text in _texts_of(module, root) if text.strip()]
    tops = {name.partition(".")[0] for names in imported for name in names or ()}
    own = any(_is_in_project(each, root) for each in tops - {"alembic"})  # which many call the folder of revisions too
    return "alembic" in tops and None not in imported and not own


def _texts_of(module: str, root: Path) -> list[str]:
    """Return the texts of all files that importing a module runs."""
    *packages, last = module.split(".")
    texts = []
    for base in (root, root / "src"):
        folders = [base.joinpath(*packages[:depth]) for depth in range(1, len(packages) + 1)]
        place = base.joinpath(*packages, last)
        files = (*(each / "__init__.py" for each in (*folders, place)), place.with_suffix(".py"))
        texts += [text_of(each) for each in files]
    return texts


def _imported(source: str) -> list[str] | None:
    """Return what a file imports; None when it cannot be read, or imports what stands beside it."""
    import ast  # noqa: PLC0415 - a run whose result was kept reads no code

    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError):
        return None
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    whole = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    return None if any(node.level for node in whole) else names + [node.module or "" for node in whole]


@cache
def _environment_of(versions: Path) -> Path:
    """Return the folder with `env.py` that a folder of revisions belongs to."""
    return versions.parent if (versions.parent / "env.py").is_file() else versions


@cache
def _is_in_project(top: str, root: Path) -> bool:
    return any((base / top).is_dir() or (base / f"{top}.py").is_file() for base in (root, root / "src"))
