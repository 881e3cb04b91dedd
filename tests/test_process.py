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
from tests.waiting import wait_until

STUBBORN = "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); print('up', flush=True); sys.stdin.read()"


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
    """The whole session is stopped, grandchildren included: nobody holds what all of them inherited."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with os.fdopen(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb") as theirs:
        with pytest.raises(UnavailableError, match="did not end within 1 s"):
            run(["sh", "-c", 'exec 3>"$0"; echo begun >&3; sleep 600; echo went on', str(pipe)], timeout=1)

        wait_until(lambda: theirs.read(100) == b"")  # that is its end: the kernel has taken all of them away


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
