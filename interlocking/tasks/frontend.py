"""Installing and building the frontend, when there is one and Node is at hand."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from interlocking.environment import Project
from interlocking.errors import UnavailableError
from interlocking.plan import Event, Progress
from interlocking.process import ProcessFailedError, find, run

_OLDEST_NODE = "20.19, or 22.12"  # what Vite 8 needs
_STAMP = ".interlocking-installed"
_SOURCES = ("src", "public", "index.html", "package-lock.json", "vite.config.ts", "tsconfig.json")


def missing_node(project: Project) -> str:
    """Return why the frontend cannot be built here; empty when it can, or when there is none."""
    if not project.settings.frontend:
        return ""
    version = installed_node()
    if not version:
        return f"Node is not installed (>= {_OLDEST_NODE} is needed for {project.settings.frontend}/)"
    if not _is_new_enough(version):
        return f"Node {version} is too old (>= {_OLDEST_NODE} is needed for {project.settings.frontend}/)"
    return ""


def installed_node() -> str:
    """Return the version of Node on PATH, as `v22.12.0`; empty when Node or npm is missing."""
    node = find("node")
    if node is None or find("npm") is None:
        return ""
    return run([node, "--version"], timeout=20).stdout.strip()


def _is_new_enough(version: str) -> bool:
    """Whether Node's `v20.19.1` satisfies `^20.19.0 || >=22.12.0`."""
    found = re.match(r"v(\d+)\.(\d+)", version)
    release = (int(found[1]), int(found[2])) if found else (0, 0)
    return (20, 19) <= release < (21, 0) or release >= (22, 12)


def prepare_frontend(project: Project, progress: Progress) -> None:
    """Install the frontend's packages and build it, unless both are up to date.

    Args:
        project: whose setting `frontend` names the folder.
        progress: told what is done, or why it is skipped.

    Raises:
        UnavailableError: npm failed; its last lines are in the message.
    """
    if not project.settings.frontend:
        return
    if reason := missing_node(project):
        progress(Event("note", f"frontend skipped: {reason}"))
        return
    folder = project.root / project.settings.frontend
    if not _is_installed(folder):
        progress(Event("note", "installing the frontend's packages"))
        _npm(folder, "ci")
        _stamp(folder).write_text(_lock_digest(folder), encoding="utf-8")
    if not _is_built(folder):
        progress(Event("note", "building the frontend"))
        _npm(folder, "run", "build")
    progress(Event("done", f"frontend installed and built in {project.settings.frontend}/dist"))


def _npm(folder: Path, *arguments: str) -> None:
    npm = find("npm") or "npm"
    try:
        run([npm, *arguments], cwd=folder, timeout=900)
    except ProcessFailedError as error:
        said = (error.completed.stderr + error.completed.stdout).strip().splitlines()[-8:]
        raise UnavailableError(
            f"npm {' '.join(arguments)} failed in {folder.name}/",
            code="npm-failed",
            why="\n".join(said),
            next=f"cd {folder.name} && npm {' '.join(arguments)}",
        ) from error


def _is_installed(folder: Path) -> bool:
    stamp = _stamp(folder)
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == _lock_digest(folder)


def _stamp(folder: Path) -> Path:
    return folder / "node_modules" / _STAMP


def _lock_digest(folder: Path) -> str:
    return hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()


def _is_built(folder: Path) -> bool:
    built = folder / "dist" / "index.html"
    if not built.is_file():
        return False
    made = built.stat().st_mtime
    return all(path.stat().st_mtime <= made for name in _SOURCES for path in _files(folder / name))


def _files(path: Path) -> list[Path]:
    return [each for each in path.rglob("*") if each.is_file()] if path.is_dir() else [path] if path.is_file() else []
