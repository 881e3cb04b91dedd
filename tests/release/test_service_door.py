"""A temporary command in a service's live configuration, against Local Railway's own `railway`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interlocking.errors import IncompleteError, RefusedError, UsageError
from interlocking.process import run_fork
from interlocking.release.overrides import Overrides
from interlocking.release.planning import PlannedOverride
from interlocking.release.recovery import recover
from tests.release.live import START, LiveShop, via_service

TASK = "deploy.temporary-start-command"
TEMPORARY = f"flask db upgrade && {START}"

Make = Callable[..., LiveShop]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Make a shop whose `railway` is the one on PATH."""

    def make(**web: Any) -> LiveShop:
        live = LiveShop(tmp_path, **web)
        (live.root / "pyproject.toml").write_text('[tool.interlocking]\napp = "shop:application"\n')
        monkeypatch.setenv("PATH", live.path)
        return live

    return make


def test_a_value_that_was_not_there_is_removed_again(make: Make) -> None:
    """Not left empty; each commit tells the deployment that it began."""
    live = make()
    overrides = live.overrides()

    applied = overrides.apply(overrides.plan(via_service("pre-deploy")), task=TASK, hold=True)

    assert ["flask db upgrade"] == live.deploy["preDeployCommand"]
    assert live.shop.deployments()[0].id == applied.deployment
    reverted = overrides.revert(applied.change, task=TASK)
    assert {"startCommand": START} == live.deploy
    assert live.shop.deployments()[0].id == reverted.deployment != applied.deployment


def test_a_pre_deploy_command_keeps_its_form(make: Make) -> None:
    """Railway shows it as a text or as a list of one, and takes no second element."""
    live = make()
    overrides = live.overrides()
    after = "/bin/sh -c 'flask db upgrade && ./collect'"

    for before, wanted in (("./collect", after), (["./collect"], [after])):
        live.set(startCommand=START, preDeployCommand=before)
        change = overrides.apply(overrides.plan(via_service("pre-deploy")), task=TASK, hold=True).change
        assert wanted == live.deploy["preDeployCommand"]
        overrides.revert(change, task=TASK)
        assert before == live.deploy["preDeployCommand"]


def test_gotcha_15_committed_is_the_only_proof(make: Make) -> None:
    """Exit 0 and `committed: false` is no success; nothing is left to undo."""
    live = make()
    overrides = live.overrides()
    live.shop.world.trap("commit", "lost")

    with pytest.raises(IncompleteError) as said:
        overrides.apply(overrides.plan(via_service()), task=TASK, hold=True)

    assert "railway-edit-unproven" == said.value.code
    assert {"startCommand": START} == live.deploy
    assert not overrides.journal.pending


def test_an_edit_in_the_dashboard_is_a_conflict(make: Make) -> None:
    """Before it is made, and before it is put back: nothing is overwritten."""
    live = make()
    overrides = live.overrides()
    planned = overrides.plan(via_service())
    change = overrides.apply(planned, task=TASK, hold=True).change
    live.set(startCommand="gunicorn -w 8 app")

    with pytest.raises(IncompleteError, match="so the original is not put back over it") as said:
        overrides.revert(change, task=TASK)
    assert "gunicorn -w 8 app" in said.value.why

    overrides.revert(change, task=TASK, accept=True)
    with pytest.raises(RefusedError) as refused:
        overrides.apply(planned, task=TASK, hold=True)
    assert "changed-meanwhile" == refused.value.code
    assert {"startCommand": "gunicorn -w 8 app"} == live.deploy


def test_a_service_without_a_start_command(make: Make) -> None:
    """Railway finds one by itself: what is needed is said."""
    live = make()
    live.set()

    with pytest.raises(UsageError) as said:
        live.overrides().plan(via_service())

    assert "no-start-command" == said.value.code


def test_a_service_without_code_begins_no_deployment(make: Make) -> None:
    """There is nothing to wait for."""
    live = make()
    with live.shop.world.change() as state:
        state.deployments.clear()
    overrides = live.overrides()

    assert "" == overrides.apply(overrides.plan(via_service()), task=TASK, hold=True).deployment
    assert TEMPORARY == live.deploy["startCommand"]


def test_death_before_every_call(make: Make) -> None:
    """SIGKILL before each call of the CLI: the next task finds the original, or puts it back."""
    live = make()
    overrides = live.overrides()
    planned = overrides.plan(via_service())
    at_death, told = [], []
    for call in range(40):
        ended = run_fork(lambda: _die_before(call, overrides, planned))  # noqa: B023 - called before the next round
        at_death.append(live.deploy["startCommand"])
        recover(overrides, "db.status", lambda event: told.append(event.text))
        assert {"startCommand": START} == live.deploy, call
        assert not overrides.journal.pending
        if ended == 0:
            break
        assert -signal.SIGKILL == ended

    assert 0 == ended
    assert {START, TEMPORARY} == set(at_death)
    assert at_death.count(TEMPORARY) == sum("was taken out: the original stands there again" in text for text in told)


def _die_before(call: int, overrides: Overrides, planned: PlannedOverride) -> None:
    """Make an override and revert it, and die before the n-th call of the CLI."""
    left = call

    def count(event: str, _arguments: object) -> None:
        nonlocal left
        if event == "subprocess.Popen":
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    change = overrides.apply(planned, task="deploy.with-migrations", hold=False).change
    overrides.revert(change, task="deploy.with-migrations")
