"""The same on a service's live configuration, against Local Railway's own `railway`."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from interlocking.railway.local.journal import calls
from tests.release.live import START, VARIABLES, LiveShop
from tests.tasks.projects import TinyProject, plain_project
from tests.waiting import DEADLINE_SECONDS, wait_until

MAKE, REVERT = "deploy.temporary-start-command", "deploy.revert-start-command"
TEMPORARY = "alembic upgrade head && gunicorn app"


@pytest.fixture
def live(tmp_path: Path) -> LiveShop:
    return LiveShop(tmp_path)


@pytest.fixture
def project(live: LiveShop) -> TinyProject:
    return linked(live)


def linked(live: LiveShop) -> TinyProject:
    """A project whose `railway` is the world's."""
    made = plain_project(live.root, "", ["one"])
    made.variables |= {**VARIABLES, "PATH": live.path}
    return made


def test_made_and_put_back(live: LiveShop, project: TinyProject) -> None:
    """Each commit deploys by itself; both deployments are in the plan, and awaited."""
    made = project.invoke(MAKE, "--confirm", "production", "--json").ok()
    assert TEMPORARY == live.deploy["startCommand"]
    override = made.json["override"]
    assert ("service", "held", "success") == (override["door"], override["state"], override["outcome"])
    assert override["deployment"] == live.shop.deployments()[0].id
    assert "the project has no railway.toml" == override["why"]
    assert "Railway deploys that change by itself; wait for the verdict" in made.err

    assert "of web in production is held since" in project.invoke("db.heads").ok().err
    reverted = project.invoke(REVERT, "--confirm", "production", "--json").ok().json["reverted"]

    assert [("put back", "success")] == [(each["how"], each["outcome"]) for each in reverted]
    assert {"startCommand": START} == live.deploy
    assert 3 == len(live.shop.deployments())


@pytest.mark.parametrize("words", [["--yes"], ["--confirm", "staging"], []])
def test_production_is_named_first(live: LiveShop, project: TinyProject, words: list[str]) -> None:
    """Nobody to ask, or another name: nothing is changed."""
    ran = project.invoke(MAKE, *words)

    assert ran.code in (1, 3)  # 1: Invoke knows no --yes here
    assert {"startCommand": START} == live.deploy
    assert not (project.root / ".interlocking" / "journal" / "open").exists()


def test_a_bad_verdict_is_said(live: LiveShop, project: TinyProject) -> None:
    """Exit 5: the command stands there, and the deployment did not become live."""
    live.shop.world.trap("script", [{"status": "FAILED"}])

    ran = project.invoke(MAKE, "--confirm", "production")

    assert 5 == ran.code
    assert "failed" in ran.out
    assert TEMPORARY == live.deploy["startCommand"]
    assert "is held since" in project.invoke("db.heads").err


def test_without_the_cli_an_orphan_waits(live: LiveShop, project: TinyProject) -> None:
    """The task that finds it goes on, and says what to do; with the CLI the next one puts it back."""
    project.invoke(MAKE, "--confirm", "production").ok()
    _orphan(project)

    told = project.invoke("db.heads", PATH="/usr/bin:/bin").ok().err

    assert "is still there: the Railway CLI is not installed" in told
    assert f"next: invoke {REVERT}" in told
    assert "was taken out" in project.invoke("db.heads").ok().err
    assert {"startCommand": START} == live.deploy


@pytest.mark.parametrize(
    ("day", "config_file", "door", "why"),
    [
        (
            "2026-11-30",
            "/railway.toml",
            "file",
            "the service's configuration names /railway.toml, and Railway reads it",
        ),
        ("2026-11-30", None, "service", "nothing in the service's configuration shows that Railway reads railway.toml"),
        ("2026-12-01", "/railway.toml", "service", "Railway reads no railway.toml since 2026-12-01"),
        ("2026-11-30", "new", "service", "it was first deployed on 2026-09-01: services made since 2026-08-28 ignore"),
    ],
)
def test_gotcha_26_the_door_is_the_one_that_railway_reads(
    tmp_path: Path, day: str, config_file: str | None, door: str, why: str
) -> None:
    """By the date, and by what the live configuration names."""
    live = LiveShop(tmp_path, config_file="/railway.toml" if config_file == "new" else config_file)
    if config_file == "new":
        live.first_deployed("2026-09-01T10:00:00.123Z")
    project = linked(live)
    project.write("railway.toml", "[deploy]\nstartCommand = 'gunicorn app'\n")

    shown = project.invoke(MAKE, "--dry-run", "--json", INTERLOCKING_TODAY=day).ok().json["plan"]

    assert ("railway.toml" == shown["target"]) == (door == "file")
    assert why in shown["steps"][0]["title"]
    assert (2 if door == "service" else 1) == len(shown["steps"])


def test_whoever_stops_the_waiting_is_told_what_stands_there(live: LiveShop, project: TinyProject) -> None:
    """Ctrl-C ends the waiting, not the deployment; the command is held, as it was asked for."""
    live.shop.world.trap("script", [{"status": "BUILDING"}])

    with project.running(MAKE, "--confirm", "production") as child:
        events = project.root / ".interlocking" / "journal" / "events.jsonl"
        wait_until(lambda: events.exists() and '"held"' in events.read_text())
        asked = looks(live)
        wait_until(lambda: looks(live) > asked)
        child.send_signal(signal.SIGINT)
        _out, err = child.communicate(timeout=DEADLINE_SECONDS)

    assert 130 == child.returncode
    assert "the temporary command stands in the configuration of web in production" in err
    assert TEMPORARY == live.deploy["startCommand"]


def looks(live: LiveShop) -> int:
    """How often a deployment was looked at."""
    return sum(call.argv[0] == "deployment" for call in calls(live.shop.world))


def _orphan(project: TinyProject) -> None:
    """Let it look as if its owner had died before it was held."""
    events = project.root / ".interlocking" / "journal" / "events.jsonl"
    events.write_text("".join(line for line in events.read_text().splitlines(True) if '"held"' not in line))
