"""A process is told from a later one with the same number."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from interlocking import owner
from interlocking.owner import started, this_process


@pytest.fixture(params=["/proc", "/nowhere"], ids=["proc", "ps"])
def _source(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """From /proc, and from `ps` where there is none."""
    monkeypatch.setattr(owner, "_PROC", Path(request.param))


@pytest.mark.usefixtures("_source")
def test_a_process_has_a_beginning_while_it_runs() -> None:
    """The same each time it is asked for; none once it has ended."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        beginning = started(child.pid)
        assert beginning
        assert beginning == started(child.pid)
        child.kill()
        child.wait()
        assert started(child.pid) is None


@pytest.mark.usefixtures("_source")
def test_one_that_waits_for_its_parent_has_ended() -> None:
    """A zombie has a number and no life."""
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

        assert started(child.pid) is None


def test_an_owner_is_alive_as_the_process_that_it_was() -> None:
    """Not as a later one with its number; on another machine nobody can know, and it counts as alive."""
    me = this_process("deploy.with-migrations")
    later = replace(me, started="long ago")

    assert (True, True) == (me.is_alive, me.is_this_process)
    assert (False, False) == (later.is_alive, later.is_this_process)
    assert replace(later, host="elsewhere").is_alive
    assert not replace(me, host="elsewhere").is_this_process
    assert f"deploy.with-migrations (process {os.getpid()} on" in me.described
