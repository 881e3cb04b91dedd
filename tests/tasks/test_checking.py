"""`invoke test`: every command of the setting runs, and the exit code tells."""

from __future__ import annotations

import os
import signal

from tests.tasks.projects import TinyProject
from tests.waiting import DEADLINE_SECONDS, wait_until

GOOD = "python -c \"print('good ran')\""
BAD = 'python -c "raise SystemExit(3)"'
SLOW = "python -c \"import pathlib, time; pathlib.Path('began').touch(); time.sleep(600)\""


def test_all_commands_run_also_after_one_has_failed(plain: TinyProject) -> None:
    """The summary has one line each; the failed one is named with what to type."""
    ran = plain.invoke("test", INTERLOCKING_TEST=f"{BAD}\n{GOOD}").refused(1, "tests-failed")

    assert "good ran" in ran.out
    assert f"next: run it alone: {BAD}" in ran.err
    assert ["fail", "ok"] == [line.split()[0] for line in ran.err.splitlines() if line.endswith(" s")]


def test_all_good_is_exit_0(plain: TinyProject) -> None:
    """The project's own modules can be imported by its commands."""
    plain.invoke("test", INTERLOCKING_TEST='python -c "import models"').ok()


def test_a_command_of_node_is_skipped_aloud_where_there_is_none(plain: TinyProject) -> None:
    """The frontend's checks do not fail on a machine that has only Python."""
    settings = {"INTERLOCKING_FRONTEND": "frontend", "INTERLOCKING_TEST": f"npm test\n{GOOD}"}

    ran = plain.invoke("test", PATH=str(plain.root / "no-programs"), **settings).ok()

    assert "skipped: Node is not installed" in ran.err
    assert "good ran" in ran.out


def test_without_commands_it_says_where_to_list_them(plain: TinyProject) -> None:
    """Nothing run is not success."""
    plain.invoke("test").refused(2, "no-test-commands")


def test_a_program_that_does_not_exist(plain: TinyProject) -> None:
    """Exit 4 names it."""
    assert "no-such-program" in plain.invoke("test", INTERLOCKING_TEST="no-such-program").refused(4, "tool-missing").err


def test_ctrl_c_ends_the_command_and_starts_no_other(plain: TinyProject) -> None:
    """As from a terminal: the whole foreground group hears it."""
    with plain.running("test", INTERLOCKING_TEST=f"{SLOW}\n{GOOD}") as child:
        wait_until((plain.root / "began").exists)
        os.killpg(child.pid, signal.SIGINT)
        out, err = child.communicate(timeout=DEADLINE_SECONDS)

    assert 130 == child.returncode
    assert "good ran" not in out
    assert "error[interrupted]" in err
