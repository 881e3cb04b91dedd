"""The only place that starts a process: argv lists, deadlines, process groups, no shell.

Every child leads a session of its own, so that Ctrl-C reaches it from here, once and in order, and
never the next step: interrupt, wait, terminate, wait, kill (pyinvoke/invoke#152 and #277 tell why).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

from interlocking.errors import InterlockingError, UnavailableError

Child = subprocess.Popen[str]
PIPE, STDOUT, DEVNULL = subprocess.PIPE, subprocess.STDOUT, subprocess.DEVNULL
_GRACE_SECONDS = 5.0
_PIECE_BYTES = 1 << 20


class ProcessFailedError(InterlockingError):
    """A child ended with a status that was not expected.

    Args:
        completed: what it was and what it said.
    """

    def __init__(self, completed: Completed) -> None:
        program = Path(completed.argv[0]).name
        said = (completed.stderr or completed.stdout).strip().splitlines()
        super().__init__(
            f"{program} ended with status {completed.returncode}" + (f": {said[-1]}" if said else ""),
            code="process-failed",
        )
        self.completed = completed


@dataclass(frozen=True, slots=True)
class Completed:
    """A child that has ended."""

    argv: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str


def find(program: str) -> str | None:
    """Return the path of `program` on PATH, or None."""
    return shutil.which(program)


def run(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
    input: str | None = None,
    user: int | None = None,
    group: int | None = None,
    check: bool = True,
    show: bool = False,
) -> Completed:
    """Run a child to its end; its standard input is closed unless `input` is given.

    Args:
        argv: program and arguments; never a shell line.
        cwd: its working directory.
        env: its whole environment; ours when None.
        timeout: seconds until it is stopped.
        input: text for its standard input.
        user: numeric user id to run as (needs root).
        group: numeric group id to run as.
        check: raise when its status is not 0.
        show: pass its output through to our stderr instead of capturing it.

    Returns:
        Its status and what it wrote.

    Raises:
        UnavailableError: the program does not exist, or it ran out of time.
        ProcessFailedError: it failed and `check` is true.
    """
    with spawn(
        argv,
        cwd=cwd,
        env=env,
        user=user,
        group=group,
        stdin=subprocess.PIPE if input is not None else subprocess.DEVNULL,
        stdout=2 if show else subprocess.PIPE,
        stderr=None if show else subprocess.PIPE,
    ) as child:
        try:
            out, err = child.communicate(input, timeout=timeout)
        except subprocess.TimeoutExpired:
            raise UnavailableError(
                f"{Path(argv[0]).name} did not end within {timeout:g} s and was stopped", code="timeout"
            ) from None
        completed = Completed(tuple(argv), child.returncode, out or "", err or "")
    if check and completed.returncode:
        raise ProcessFailedError(completed)
    return completed


def stream(argv: Sequence[str], take: Callable[[bytes], object], *, env: Mapping[str, str] | None = None) -> None:
    """Run a child to its end and hand on its standard output, in bytes, as it comes.

    Args:
        argv: program and arguments.
        take: is given each piece, of at most 1 MiB; an exception of it stops the child.
        env: its whole environment; ours when None.

    Raises:
        UnavailableError: the program does not exist.
        ProcessFailedError: it failed.
    """
    from tempfile import TemporaryFile  # noqa: PLC0415 - slow to load, needed by few

    with TemporaryFile("w+", errors="replace") as said, spawn(argv, env=env, stdout=PIPE, stderr=said) as child:
        assert child.stdout is not None  # noqa: S101 - a pipe was asked for
        while piece := os.read(child.stdout.fileno(), _PIECE_BYTES):
            take(piece)
        child.wait()
        said.seek(0)
        completed = Completed(tuple(argv), child.returncode, "", said.read())
    if completed.returncode:
        raise ProcessFailedError(completed)


@contextmanager
def spawn(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    user: int | None = None,
    group: int | None = None,
    stdin: int | IO[str] | None = subprocess.DEVNULL,
    stdout: int | IO[str] | None = None,
    stderr: int | IO[str] | None = None,
    pass_fds: Sequence[int] = (),
    preexec: Callable[[], None] | None = None,
    grace: float = _GRACE_SECONDS,
) -> Iterator[Child]:
    """Start a child in a session of its own; leaving the block stops whatever still runs of it.

    Args:
        argv: program and arguments.
        cwd: its working directory.
        env: its whole environment; ours when None.
        user: numeric user id to run as (needs root).
        group: numeric group id to run as.
        stdin: as for `subprocess.Popen`; closed unless given.
        stdout: as for `subprocess.Popen`.
        stderr: as for `subprocess.Popen`.
        pass_fds: descriptors that it inherits.
        preexec: called in the child before the program begins.
        grace: seconds between interrupting, terminating and killing it.

    Raises:
        UnavailableError: the program does not exist or may not be started.
    """
    try:
        child = subprocess.Popen(
            list(argv),
            cwd=cwd,
            env=env,
            user=user,
            group=group,
            extra_groups=[] if user is not None else None,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            pass_fds=pass_fds,
            preexec_fn=preexec,  # noqa: PLW1509 - what is given here takes no lock
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except (FileNotFoundError, PermissionError) as error:
        raise UnavailableError(f"cannot start {argv[0]}: {error.strerror}", code="tool-missing") from error
    try:
        yield child
    finally:
        stop(child, grace=grace)
        for stream in (child.stdin, child.stdout, child.stderr):
            if stream is not None:
                with suppress(OSError):  # a broken pipe cannot be flushed, and needs not be
                    stream.close()


def stop(child: Child, *, grace: float = _GRACE_SECONDS) -> None:
    """End `child` and its session: interrupt, wait, terminate, wait, kill. Does nothing once it has ended."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        if child.poll() is not None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(grace)


def leave_running(child: Child) -> None:
    """Let a child outlive its `spawn` block and this process: it is neither stopped nor waited for."""
    child.returncode = 0


def hand_over(argv: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> int:
    """Give the terminal to an interactive program and return its status.

    Ctrl-C belongs to that program while it runs.

    Raises:
        UnavailableError: the program does not exist.
    """
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.run(list(argv), cwd=cwd, env=env, check=False, preexec_fn=_default_interrupt).returncode
    except FileNotFoundError as error:
        raise UnavailableError(f"cannot start {argv[0]}: {error.strerror}", code="tool-missing") from error
    finally:
        signal.signal(signal.SIGINT, previous)


def run_fork(work: Callable[[], None]) -> int:
    """Do `work` in a fork of this process, which ends with it; wait and return the status.

    All that is loaded here is there, at once; all that `work` opens, changes or starts is gone afterwards.

    Args:
        work: runs in the fork; neither `finally` nor `atexit` of this process runs there afterwards.

    Returns:
        0 when it returned, else as `Popen.returncode`: negative for a signal.
    """
    pid = os.fork()
    if pid == 0:
        _work_and_end(work)
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except BaseException:  # a signal ends the wait: nobody else would end the fork
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise


def _work_and_end(work: Callable[[], None]) -> NoReturn:
    status = 1
    try:
        work()
        status = 0
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # the work may have closed it
                stream.flush()
        os._exit(status)


def _default_interrupt() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
