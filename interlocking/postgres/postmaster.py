"""Which processes a data directory has: its postmaster, and what a dead one left behind."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_LINES = 8


@dataclass(frozen=True, slots=True)
class PidFile:
    """What `postmaster.pid` says (src/include/utils/pidfile.h).

    Args:
        pid: of the main process.
        port: where it listens.
        ready: whether it accepts connections.
    """

    pid: int
    port: int
    ready: bool


def parse_pid_file(text: str) -> PidFile | None:
    """Read the text of `postmaster.pid`; None while it is being written, or when it is not one."""
    lines = text.splitlines()
    try:
        return PidFile(int(lines[0]), int(lines[3]), ready=len(lines) >= _LINES and lines[7].strip() == "ready")
    except (IndexError, ValueError):
        return None


def read_pid_file(data: Path) -> PidFile | None:
    """Return what `postmaster.pid` in `data` says; None when there is none."""
    try:
        return parse_pid_file((data / "postmaster.pid").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None


def postmaster(data: Path) -> PidFile | None:
    """Return the living main process of `data`, or None.

    A pid that a crash left in the file may meanwhile belong to any program: it counts only when that
    process works in `data`, as every PostgreSQL process does.
    """
    found = read_pid_file(data)
    return found if found is not None and _works_in(found.pid, data) else None


def processes_of(data: Path) -> tuple[int, ...]:
    """Return the pids of all processes that work in `data`; empty where there is no `/proc`."""
    return tuple(int(entry.name) for entry in _PROC.glob("[0-9]*") if _works_in(int(entry.name), data))


def _works_in(pid: int, data: Path) -> bool:
    if not _PROC.is_dir():
        return _exists(pid)  # macOS: the best that can be known
    try:
        return (_PROC / str(pid) / "cwd").readlink() == data
    except OSError:  # ended, a zombie, or another user's
        return False


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
