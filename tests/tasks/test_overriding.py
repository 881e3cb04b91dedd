"""`deploy.temporary-start-command` and `deploy.revert-start-command` on the file: local work without CLI or network."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.tasks.projects import PASSWORD, TinyProject, plain_project
from tests.waiting import DEADLINE_SECONDS

ORIGINAL = b"# the service\r\n[deploy]\r\nstartCommand = 'gunicorn app'  # 4 workers\r\n"
CHANGED = ORIGINAL.replace(b"'gunicorn", b"'alembic upgrade head && gunicorn")
MAKE, REVERT = "deploy.temporary-start-command", "deploy.revert-start-command"
MTIME_NS = 1_700_000_000_123_456_789

# Dies as a release would that was killed between its override and its end.
RELEASE = """
import os, signal, sys
from pathlib import Path
from interlocking.environment import load_project
from interlocking.release.overrides import Overrides
from interlocking.release.planning import Wish, plan_override
project = load_project(Path.cwd())
wish = Wish("production", lambda live: ("s-web", "web"), asked="file")
Overrides(project, str).apply(plan_override(project, wish, None), task="deploy.with-migrations", hold=False)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def shop(tmp_path: Path) -> TinyProject:
    """A project with a railway.toml, and no CLI on its PATH."""
    project = plain_project(tmp_path, "", ["one"])
    file = tmp_path / "railway.toml"
    file.write_bytes(ORIGINAL)
    os.utime(file, ns=(MTIME_NS, MTIME_NS))
    project.variables["PATH"] = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    return project


def read(shop: TinyProject) -> bytes:
    return (shop.root / "railway.toml").read_bytes()


def test_by_hand(shop: TinyProject) -> None:
    """Made, announced by every later task, put back; the time of the file too."""
    made = shop.invoke(MAKE, "--via-file", "--json").ok()
    assert CHANGED == read(shop)
    override = made.json["override"]
    assert ("held", "file", "railway.toml") == (override["state"], override["door"], override["target"])
    assert ("gunicorn app", "alembic upgrade head && gunicorn app") == (override["before"], override["after"])

    later = shop.invoke("db.heads").ok()
    assert 1 == later.err.count("a temporary start command in railway.toml is held since 2")
    assert f"invoke {REVERT} puts the original back" in later.err

    assert (
        "nothing to do: a temporary start command in railway.toml is held" in shop.invoke(MAKE, "--via-file").ok().out
    )
    reverted = shop.invoke(REVERT, "--json").ok().json["reverted"]
    assert ["put back"] == [each["how"] for each in reverted]
    assert ORIGINAL == read(shop)
    assert MTIME_NS == (shop.root / "railway.toml").stat().st_mtime_ns
    assert "nothing to do: no temporary command is in place" in shop.invoke(REVERT).ok().out
    assert "temporary" not in shop.invoke("db.heads").ok().err


@pytest.mark.parametrize("task", [MAKE, REVERT])
def test_a_dry_run_shows_the_plan_and_touches_nothing(shop: TinyProject, task: str) -> None:
    """The same plan that would be carried out."""
    if task == REVERT:
        shop.invoke(MAKE, "--via-file").ok()
    before = shop.files()

    flags = ["--via-file"] if task == MAKE else []
    shown = shop.invoke(task, *flags, "--dry-run").ok().out

    assert "- alembic upgrade head && gunicorn app" in shown or "+ alembic upgrade head && gunicorn app" in shown
    assert before == shop.files()
    assert (task == REVERT) == (shop.root / ".interlocking" / "journal" / "open").is_dir()


def test_a_pre_deploy_command(shop: TinyProject) -> None:
    """The safer kind: once, before any traffic."""
    shop.invoke(MAKE, "--via-file", "--via", "pre-deploy").ok()
    assert ORIGINAL + b'preDeployCommand = ["alembic upgrade head"]\r\n' == read(shop)

    shop.invoke(REVERT).ok()
    assert ORIGINAL == read(shop)


def test_the_setting_changes_the_default(shop: TinyProject) -> None:
    """Both of them."""
    variables = {"INTERLOCKING_RAILWAY_OVERRIDE": "pre-deploy", "INTERLOCKING_RAILWAY_OVERRIDE_DOOR": "file"}

    made = shop.invoke(MAKE, "--json", **variables).ok().json["override"]

    assert ("pre-deploy", "file", "the setting override_door asks for it") == (made["kind"], made["door"], made["why"])


def test_what_a_killed_release_left_is_put_back_by_the_next_task(shop: TinyProject) -> None:
    """Whatever task it is; a dry run only says so."""
    import subprocess

    def release() -> None:
        argv = [sys.executable, "-c", RELEASE]
        ended = subprocess.run(argv, cwd=shop.root, env=shop.environment(), check=False, timeout=DEADLINE_SECONDS)
        assert -9 == ended.returncode
        assert CHANGED == read(shop)

    release()
    assert "was left behind by deploy.with-migrations" in shop.invoke("db.merge", "--dry-run").err
    assert CHANGED == read(shop)

    told = shop.invoke("db.heads").ok().err

    assert "left behind by deploy.with-migrations (process" in told
    assert "was taken out: the original stands there again" in told
    assert ORIGINAL == read(shop)
    assert MTIME_NS == (shop.root / "railway.toml").stat().st_mtime_ns
    assert "" == shop.invoke("db.heads").ok().err


def test_a_conflict_is_shown_and_nothing_is_overwritten(shop: TinyProject) -> None:
    """Exit 5; `--accept` keeps what the person wrote."""
    shop.invoke(MAKE, "--via-file").ok()
    edited = CHANGED.replace(b"4 workers", b"8 workers")
    (shop.root / "railway.toml").write_bytes(edited)

    refused = shop.invoke(REVERT).refused(5, "override-conflict")

    assert "+startCommand = 'alembic upgrade head && gunicorn app'  # 8 workers" in refused.err
    assert edited == read(shop)
    assert "was edited and is not put back over that" in shop.invoke("db.heads").ok().err
    assert "stays as it is" in shop.invoke(REVERT, "--accept").ok().out
    assert edited == read(shop)


def test_two_terminals(shop: TinyProject) -> None:
    """The second one is refused, with who and since when, and changes nothing."""
    import subprocess

    script = RELEASE.replace("os.kill(os.getpid(), signal.SIGKILL)", "")
    script = script.replace("Overrides(project, str).apply", "overrides = Overrides(project, None)\n")
    holder = script.split("overrides = ")[0] + (
        "with Overrides(project, str).journal.hold('deploy.with-migrations'):\n"
        "    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    argv = [sys.executable, "-c", holder]
    with subprocess.Popen(
        argv, cwd=shop.root, env=shop.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        assert "held\n" == child.stdout.readline()
        refused = shop.invoke(MAKE, "--via-file").refused(4, "override-busy")
        child.kill()

    assert f"deploy.with-migrations (process {child.pid} on" in refused.err
    assert ORIGINAL == read(shop)


@pytest.mark.parametrize(
    ("words", "exit_code", "error"),
    [
        (["--via", "start"], 2, "unknown-override"),
        (["--via-file", "--via-service"], 2, "several-doors"),
        ([], 4, "railway-missing"),
        (["--via-service"], 4, "railway-missing"),
    ],
)
def test_what_cannot_be_done(shop: TinyProject, words: list[str], exit_code: int, error: str) -> None:
    """Nothing is touched."""
    before = shop.files()

    shop.invoke(MAKE, *words).refused(exit_code, error)

    assert before == shop.files()


def test_a_command_that_migrates_already(shop: TinyProject) -> None:
    """Not wrapped twice."""
    (shop.root / "railway.toml").write_bytes(CHANGED)

    ran = shop.invoke(MAKE, "--via-file").ok()

    assert "nothing to do: the start command in railway.toml migrates already" in ran.out
    assert CHANGED == read(shop)


def test_after_the_cutoff_the_file_is_doubted(shop: TinyProject) -> None:
    """It is obeyed, and the plan says what is wrong with it."""
    shown = shop.invoke(MAKE, "--via-file", "--dry-run", INTERLOCKING_TODAY="2026-12-01").ok().out

    assert "but Railway reads no railway.toml since 2026-12-01" in shown


def test_a_day_that_is_none(shop: TinyProject) -> None:
    """A typing error is no date."""
    shop.invoke(MAKE, "--via-service", INTERLOCKING_TODAY="tomorrow").refused(2, "bad-setting")


def test_a_password_in_a_start_command_is_not_shown(shop: TinyProject) -> None:
    """Neither in the output nor in the journal's lines; it is put back all the same."""
    secret = ORIGINAL.replace(b"gunicorn app", f"DB=postgresql://ada:{PASSWORD}@db/shop gunicorn app".encode())
    (shop.root / "railway.toml").write_bytes(secret)

    shown = shop.invoke(MAKE, "--via-file").ok()

    assert "DB=postgresql://ada:***@db/shop gunicorn app" in shown.out
    shop.invoke(REVERT).ok()
    assert secret == read(shop)
    for path in (shop.root / ".interlocking").rglob("*"):
        assert not path.is_file() or PASSWORD.encode() not in path.read_bytes()
