"""Who is at work: a process that can be told from a later one with the same number."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from interlocking.environment import host_name
from interlocking.process import run

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that makes a change.

    Args:
        pid: its number, on its host.
        started: when it began, as `started` says it; tells it from a later one.
        host: the machine or container.
        task: what was typed, such as `deploy.with-migrations`.
        since: when it began to own the change: ISO 8601, UTC.
    """

    pid: int
    started: str
    host: str
    task: str
    since: str

    @property
    def is_here(self) -> bool:
        """Whether it runs, or ran, on this machine, so that its life can be known."""
        return self.host == host_name()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs; on another machine nobody can know, and it counts as alive."""
        return not self.is_here or started(self.pid) == self.started

    @property
    def is_this_process(self) -> bool:
        """Whether it is the process that asks."""
        return self.is_here and self.pid == os.getpid() and self.is_alive

    @property
    def moment(self) -> str:
        """`since` to the minute, for a person."""
        return f"{datetime.fromisoformat(self.since):%Y-%m-%d %H:%M} UTC"

    @property
    def described(self) -> str:
        """The owner for a person."""
        return f"{self.task} (process {self.pid} on {self.host}, since {self.moment})"


def this_process(task: str) -> Owner:
    """Return this process as the owner of what `task` does from now on."""
    pid = os.getpid()
    return Owner(pid, started(pid) or "", host_name(), task, now())


def now() -> str:
    """Return this moment: ISO 8601, UTC, whole seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def read_owner(data: Mapping[str, object]) -> Owner:
    """Return the owner that `dataclasses.asdict` wrote.

    Raises:
        KeyError, ValueError, TypeError: it is something else.
    """
    texts = (str(data[name]) for name in ("started", "host", "task", "since"))
    return Owner(int(str(data["pid"])), *texts)


def started(pid: int) -> str | None:
    """Return when a process began, as text to compare: it tells a process from a later one with the same number.

    Returns:
        None when no such process runs; one that has ended and waits for its parent does not run.
    """
    if not _PROC.is_dir():
        return _started_by_ps(pid)
    try:  # after the name in brackets: state, then 18 fields, then the start in ticks since boot (proc_pid_stat(5))
        state, *fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state in "ZX" else f"{boot} {fields[18]}"


def _started_by_ps(pid: int) -> str | None:
    said = run(["ps", "-o", "state=,lstart=", "-p", str(pid)], check=False).stdout
    state, _, beginning = said.strip().partition(" ")
    return None if state.startswith("Z") else beginning.strip() or None
