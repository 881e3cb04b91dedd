"""The processes of a world: each writes itself down before it does anything, so all can be ended for sure.

A number in a file is only believed while the process that has it is the one that wrote it: after a crash it
may belong to anybody.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from interlocking.errors import UnavailableError
from interlocking.process import find

_PROC = Path("/proc")
_POLL_SECONDS = 0.01
_KILL_SECONDS = 10.0
# Writes itself down as `Registry.enter` does, looks whether its world is being stopped, and becomes the command.
_LAUNCHER = 'cat "/proc/$$/stat" >"$0" 2>/dev/null || echo $$ >"$0"; [ -e "$1" ] && exit 143; exec "$2" -c "$3"'


@dataclass(frozen=True, slots=True)
class Stat:
    """What the kernel says about a process.

    Args:
        pid: its number.
        state: one letter; `Z` for one that has ended and was not yet waited for.
        group: the number of its process group.
        started: when it began, in ticks since the machine did; no two processes share number and start.
    """

    pid: int
    state: str
    group: int
    started: int


class Registry:
    """The process groups of a world, on disk.

    Args:
        folder: one file a group; made when it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stopping = folder / "stopping"
        folder.mkdir(parents=True, exist_ok=True)

    def launcher(self, name: str, command: str) -> list[str]:
        """Return the argv that writes itself down under `name` and runs a shell line.

        Bash as in the images of Railpack (its buildkit/convert.go): it becomes the last command of the line, so
        that a signal reaches that one. Another shell would stay in between.
        """
        shell = find("bash") or "sh"
        return ["sh", "-c", _LAUNCHER, str(self._path(name)), str(self._stopping), shell, command]

    def enter(self, name: str) -> bool:
        """Write this very process down, which leads a session of its own; return whether it may go on."""
        stat = _PROC / "self" / "stat"
        text = stat.read_text(encoding="utf-8", errors="replace") if stat.exists() else f"{os.getpid()}\n"
        self._path(name).write_text(text, encoding="utf-8")
        return not self._stopping.exists()

    def leave(self, name: str) -> None:
        """Forget a process that has ended."""
        self._path(name).unlink(missing_ok=True)

    def is_living(self, name: str) -> bool:
        """Whether the process called `name`, which may hold a `*`, or anything of its group runs."""
        return any(_living_leader(file) is not None for file in self._folder.glob(f"{name}.pid"))

    def open(self) -> None:
        """Let processes be started again after `kill_all`."""
        self._stopping.unlink(missing_ok=True)

    def kill(self, deployment: str) -> None:
        """Kill the containers of a deployment whose engine is dead."""
        for file in self._folder.glob(f"{deployment}-*.pid"):
            leader = _living_leader(file)
            if leader is not None:
                kill_group(leader)

    def kill_all(self) -> int:
        """Kill every group and let none begin; return how many ran.

        Raises:
            UnavailableError: code `processes-left`: some do not die.
        """
        self._stopping.touch()
        killed: set[int] = set()
        deadline = time.monotonic() + _KILL_SECONDS
        while leaders := set(self._living()):
            if time.monotonic() > deadline:
                raise _left(leaders)
            for leader in leaders:
                kill_group(leader)
            killed |= leaders
            time.sleep(_POLL_SECONDS)
        for file in self._folder.glob("*.pid"):
            file.unlink(missing_ok=True)
        return len(killed)

    def _living(self) -> Iterator[int]:
        for file in self._folder.glob("*.pid"):
            leader = _living_leader(file)
            if leader is not None:
                yield leader

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.pid"


def kill_group(leader: int) -> None:
    """Kill a process and all that it started in its group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether a process has a handler for a signal; True where nobody can tell.

    The first process of a container gets no signal that it has no handler for: pid_namespaces(7).
    """
    try:
        status = (_PROC / str(pid) / "status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    masks = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")]
    return not masks or bool(int(masks[0], 16) & 1 << (number - 1))


def _living_leader(file: Path) -> int | None:
    """Return the leader that a file names, if anything of its group runs."""
    try:
        written = file.read_text(encoding="utf-8", errors="replace")
        leader = int(written.split()[0])
    except (OSError, ValueError, IndexError):
        return None  # it has ended, or has not yet written itself down
    now, then = _stat(leader), _parsed(written)
    if now is not None and then is not None and now.started != then.started:
        return None  # a stranger; a number is not given again while its group lives
    return leader if _group_lives(leader) else None


def _group_lives(leader: int) -> bool:
    if not _PROC.is_dir():
        return _answers(leader)
    stats = (_stat(int(entry.name)) for entry in _PROC.glob("[0-9]*"))
    return any(stat is not None and stat.group == leader and stat.state not in "ZX" for stat in stats)


def _answers(leader: int) -> bool:
    try:
        os.killpg(leader, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _stat(pid: int) -> Stat | None:
    try:
        return _parsed((_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None


def _parsed(text: str) -> Stat | None:
    """Read a line of `/proc/PID/stat`; the name in it may hold anything: proc_pid_stat(5)."""
    head, bracket, tail = text.rpartition(")")
    fields = tail.split()
    if not bracket:
        return None
    return Stat(pid=int(head.split()[0]), state=fields[0], group=int(fields[2]), started=int(fields[19]))


def _left(leaders: set[int]) -> UnavailableError:
    numbers = ", ".join(str(each) for each in sorted(leaders))
    return UnavailableError(
        f"processes of Local Railway do not end: {numbers}",
        code="processes-left",
        next=f"kill -9 {numbers.replace(',', '')}",
    )
