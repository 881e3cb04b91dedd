"""Children are started from argv lists, end in time, and never outlive the block that started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from interlocking.errors import StoppedError, UnavailableError
from interlocking.process import ProcessFailedError, run, spawn
from interlocking.signals import signals_as_exceptions

STUBBORN = "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); print('up', flush=True); sys.stdin.read()"


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_arguments_reach_the_program_untouched() -> None:
    """No shell looks at them."""
    argument = "a b; $(echo c) '\"\n--help"

    completed = run([sys.executable, "-c", "import sys; sys.stdout.write(sys.argv[1])", argument])

    assert argument == completed.stdout


def test_a_failure_carries_what_the_program_said() -> None:
    """The last line of stderr is the reason."""
    with pytest.raises(ProcessFailedError, match=r"ended with status 3: no luck") as caught:
        run([sys.executable, "-c", "import sys; print('no luck', file=sys.stderr); sys.exit(3)"])

    assert 3 == caught.value.completed.returncode


def test_a_missing_program_is_unavailable() -> None:
    """Not a traceback."""
    with pytest.raises(UnavailableError, match="cannot start /nowhere/at-all"):
        run(["/nowhere/at-all"])


def test_standard_input_is_closed_unless_given() -> None:
    """A child never waits for a person who is not asked."""
    assert "''" == run([sys.executable, "-c", "import sys; print(repr(sys.stdin.read()))"]).stdout.strip()


def test_a_deadline_ends_the_child_and_its_children(tmp_path: Path) -> None:
    """The whole session is stopped, grandchildren included."""
    script = (
        "import subprocess, sys, pathlib;"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(p.pid)); p.wait()"
    )

    with pytest.raises(UnavailableError, match="did not end within 2 s"):
        run([sys.executable, "-c", script], timeout=2)

    assert_gone(int((tmp_path / "pid").read_text()))


def test_leaving_the_block_stops_a_child_that_ignores_ctrl_c() -> None:
    """Interrupt, then terminate."""
    with spawn([sys.executable, "-c", STUBBORN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, grace=0.1) as child:
        assert child.stdout is not None
        assert "up\n" == child.stdout.readline()

    assert -signal.SIGTERM == child.returncode


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_become_exceptions_and_handlers_come_back(number: signal.Signals) -> None:
    """So that every `finally` runs."""
    before = signal.getsignal(number)

    with pytest.raises(StoppedError) as caught, signals_as_exceptions():
        signal.raise_signal(number)

    assert number == caught.value.signal_number
    assert before == signal.getsignal(number)


def assert_gone(pid: int) -> None:
    """Wait for the kernel to take the process away; the test's own time-out is the deadline."""
    while alive(pid):
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            os.sched_yield()
