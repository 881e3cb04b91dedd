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

    A pid that a crash left in the file may meanwhile belong to any program: it counts only when `data` is
    on that process's command line.
    """
    found = read_pid_file(data)
    return found if found is not None and _serves(found.pid, data) else None


def processes_of(data: Path) -> tuple[int, ...]:
    """Return the pids of all PostgreSQL processes of `data`; none where there is no `/proc`."""
    pids = (int(entry.name) for entry in _PROC.glob("[0-9]*"))
    return tuple(pid for pid in pids if _serves(pid, data) or _works_in(pid, data))


def _serves(pid: int, data: Path) -> bool:
    if not _PROC.is_dir():
        return _exists(pid)  # macOS: the best that can be known
    return os.fsencode(data) in _command_line(pid).split(b"\0")


def _works_in(pid: int, data: Path) -> bool:
    try:
        return (_PROC / str(pid) / "cwd").readlink() == data
    except PermissionError:  # root in a container may not look (no CAP_SYS_PTRACE)
        return _is_orphan(pid, data)
    except OSError:
        return False


def _is_orphan(pid: int, data: Path) -> bool:
    """Whether it is a server process of the same user that has lost its main process."""
    try:
        status = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        parent = status.rpartition(") ")[2].split()[1]
        lost = (_PROC / parent / "comm").read_text(encoding="utf-8", errors="replace").strip() != "postgres"
        same_user = (_PROC / str(pid)).stat().st_uid == data.stat().st_uid
    except OSError:
        return False
    return lost and same_user and _command_line(pid).startswith(b"postgres: ")


def _command_line(pid: int) -> bytes:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return b""


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
