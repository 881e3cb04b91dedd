"""A temporary command in a file: made, held, put back, also after a death at any step."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlocking.errors import IncompleteError, RefusedError, UnavailableError, UsageError
from interlocking.release.commands import KINDS, Kind
from interlocking.release.overrides import Overrides
from interlocking.release.recovery import recover
from tests.railway.toml_files import written_files
from tests.release.file_shop import CHANGED, MODE, ORIGINAL, FileShop, unreachable, via_file
from tests.waiting import DEADLINE_SECONDS

TASK = "deploy.temporary-start-command"

# Makes an override and reverts it in the folder of its first argument.
VICTIM = """
import os, signal, sys
from pathlib import Path
from interlocking.environment import load_project
from interlocking.release.overrides import Overrides
from interlocking.release.planning import Wish, plan_override
def victim(root, left, what):
    def count(event, args):
        nonlocal left
        writes = event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR)
        if writes or event in CHANGES:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    project = load_project(root, {})
    overrides = Overrides(project, str)
    wish = Wish("production", lambda live: ("s-web", "web"), asked="file")
    planned = plan_override(project, wish, None)
    if what != "revert":
        sys.addaudithook(count)
    change = overrides.apply(planned, task="deploy.with-migrations", hold=what == "hold").change
    if what == "revert":
        sys.addaudithook(count)
    if what != "hold":
        MADE()
        overrides.revert(change, task="deploy.with-migrations")
CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.chmod", "os.utime", "fcntl.flock"}
"""
# Each step in a process of its own, which ends itself, without any clean-up, at its n-th change of the disk.
AT_EVERY_STEP = """
MADE = lambda: None
for step in range(STEPS):
    pid = os.fork()
    if pid == 0:
        victim(Path(sys.argv[1]) / str(step), step, sys.argv[2])
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(status, flush=True)
    if status == 0:
        break
"""
STEPS = 99


@pytest.fixture
def shop(tmp_path: Path) -> FileShop:
    return FileShop(tmp_path)


def test_it_is_made_and_put_back(shop: FileShop) -> None:
    """Byte for byte; the mode and the time of the file too."""
    applied = shop.overrides.apply(shop.plan(), task=TASK, hold=True)
    assert CHANGED == shop.file.read_bytes()
    assert MODE == shop.file.stat().st_mode & 0o7777
    assert ["held"] == [each.state for each in shop.overrides.journal.changes()]

    reverted = shop.overrides.revert(applied.change, task=TASK)

    assert ("put back", "railway.toml", "") == (reverted.how, reverted.target, reverted.deployment)
    assert shop.untouched
    assert "found as it was" == shop.overrides.revert(applied.change, task=TASK).how


@pytest.mark.parametrize("what", ["owned", "hold", "revert"])
def test_death_at_every_step(tmp_path: Path, what: str) -> None:
    """SIGKILL before each change of the disk: the next task finds the file untouched, or the override held as asked."""
    shops = [_shop(tmp_path / str(step)) for step in range(STEPS)]
    script = VICTIM + AT_EVERY_STEP.replace("STEPS", str(STEPS))
    argv = [sys.executable, "-c", script, str(tmp_path), what]
    said = subprocess.run(argv, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=True)
    assert "Traceback" not in said.stderr, said.stderr
    ends = [int(line) for line in said.stdout.splitlines()]
    left = [shop.file.read_bytes() for shop in shops[: len(ends)]]

    for shop in shops[: len(ends)]:
        recover(shop.overrides, "db.status", shop.tell)

    assert [-signal.SIGKILL] * (len(ends) - 1) + [0] == ends
    assert {ORIGINAL, CHANGED} == set(left)
    held = [bool(shop.overrides.journal.changes()) for shop in shops[: len(ends)]]
    assert held == sorted(held)  # from one step on it is held, and never before
    assert (what == "hold") == held[-1]
    for shop, is_held in zip(shops, held, strict=False):
        assert is_held == shop.overrides.journal.pending
        assert CHANGED == shop.file.read_bytes() if is_held else shop.untouched


def _shop(root: Path) -> FileShop:
    root.mkdir()
    return FileShop(root)


def test_what_a_dead_owner_left_is_put_back_in_one_line(shop: FileShop) -> None:
    """With who it was; the next task then has nothing to say."""
    _die_owning(shop)
    assert CHANGED == shop.file.read_bytes()

    recover(shop.overrides, "db.status", shop.tell)
    recover(shop.overrides, "db.status", shop.tell)

    assert 1 == len(shop.told)
    assert "the temporary start command in railway.toml, left behind by deploy.with-migrations (process" in shop.told[0]
    assert "was taken out: the original stands there again" in shop.told[0]
    assert shop.untouched


def test_a_dry_run_only_tells(shop: FileShop) -> None:
    """Nothing is touched."""
    _die_owning(shop)

    recover(shop.overrides, "db.upgrade", shop.tell, touch=False)

    assert CHANGED == shop.file.read_bytes()
    assert "invoke deploy.revert-start-command puts the original back" in shop.told[0]


def test_a_held_one_is_announced_and_left_alone(shop: FileShop) -> None:
    """It was asked for."""
    shop.overrides.apply(shop.plan(), task=TASK, hold=True)

    recover(shop.overrides, "db.status", shop.tell)

    assert CHANGED == shop.file.read_bytes()
    assert "is held since 2" in shop.told[0]


def test_a_living_owner_is_left_alone(shop: FileShop) -> None:
    """Another terminal is told who is at work."""
    made = "print('made', flush=True), sys.stdin.read()"
    script = VICTIM + f"MADE = lambda: ({made})\nvictim(Path(sys.argv[1]), 9999, 'owned')"
    argv = [sys.executable, "-c", script, str(shop.root)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        assert "made\n" == child.stdout.readline()

        recover(shop.overrides, "db.status", shop.tell)

        assert CHANGED == shop.file.read_bytes()
        assert f"belongs to deploy.with-migrations (process {child.pid} on" in shop.told[0]
        child.kill()


def test_an_owner_on_another_machine_is_not_taken_for_dead(shop: FileShop) -> None:
    """Nobody can know; a person decides."""
    _die_owning(shop)
    (record,) = shop.root.glob(".interlocking/journal/open/*/record.json")
    data = json.loads(record.read_text())
    data["owner"]["host"] = "elsewhere"
    record.write_text(json.dumps(data))

    recover(shop.overrides, "db.status", shop.tell)

    assert CHANGED == shop.file.read_bytes()
    assert "on elsewhere" in shop.told[0]


def test_an_edit_meanwhile_is_a_conflict(shop: FileShop) -> None:
    """Nothing is overwritten; the difference is shown, to the task that reverts and to every other one."""
    change = shop.overrides.apply(shop.plan(), task=TASK, hold=True).change
    edited = CHANGED.replace(b"gunicorn app", b"gunicorn -w 8 app")
    shop.file.write_bytes(edited)

    with pytest.raises(IncompleteError) as said:
        shop.overrides.revert(change, task=TASK)

    assert "override-conflict" == said.value.code
    assert "-startCommand = 'flask db upgrade && gunicorn app'" in said.value.why
    assert "+startCommand = 'flask db upgrade && gunicorn -w 8 app'" in said.value.why
    recover(shop.overrides, "db.status", shop.tell)
    assert "was edited and is not put back over that" in shop.told[0]
    assert edited == shop.file.read_bytes()


@pytest.mark.parametrize(
    ("by_hand", "kept"),
    [
        (ORIGINAL, ORIGINAL),
        (ORIGINAL.replace(b"RAILPACK", b"DOCKERFILE"), ORIGINAL.replace(b"RAILPACK", b"DOCKERFILE")),
    ],
)
def test_what_was_put_back_by_hand_is_closed(shop: FileShop, by_hand: bytes, kept: bytes) -> None:
    """Also beside other edits: there is nothing left to undo."""
    shop.overrides.apply(shop.plan(), task=TASK, hold=True)
    shop.file.write_bytes(by_hand)

    recover(shop.overrides, "db.status", shop.tell)

    assert "is gone: the original stands there" in shop.told[0]
    assert kept == shop.file.read_bytes()
    assert not shop.overrides.journal.pending


@pytest.mark.parametrize("content", [b"[deploy", None])
def test_a_broken_or_missing_file_is_a_conflict(shop: FileShop, content: bytes | None) -> None:
    """And it can be accepted."""
    change = shop.overrides.apply(shop.plan(), task=TASK, hold=True).change
    shop.file.unlink()
    if content is not None:
        shop.file.write_bytes(content)

    with pytest.raises(IncompleteError, match="so the original is not put back over it"):
        shop.overrides.revert(change, task=TASK)
    reverted = shop.overrides.revert(change, task=TASK, accept=True)

    assert "kept as it is" == reverted.how
    assert content == (shop.file.read_bytes() if shop.file.exists() else None)
    assert not shop.overrides.journal.pending


def test_a_second_one_is_refused(shop: FileShop) -> None:
    """It would take the first for the original."""
    planned = shop.plan()
    shop.overrides.apply(planned, task=TASK, hold=True)

    with pytest.raises(RefusedError) as said:
        shop.overrides.apply(planned, task=TASK, hold=True)

    assert "override-pending" == said.value.code


def test_a_command_that_migrates_is_not_wrapped_twice(shop: FileShop) -> None:
    """There is nothing to do."""
    shop.file.write_bytes(CHANGED)

    planned = shop.plan()

    assert planned.nothing_to_do
    assert not planned.plan


def test_a_missing_start_command_says_what_is_needed(shop: FileShop) -> None:
    """And that a pre-deploy command needs none."""
    shop.file.write_bytes(b"[build]\nbuilder = 'RAILPACK'\n")

    with pytest.raises(UsageError) as said:
        shop.plan()
    planned = shop.plan(replace(via_file(), kind="pre-deploy"))

    assert "no-start-command" == said.value.code
    assert "--via pre-deploy" in said.value.next
    assert b'\n[deploy]\npreDeployCommand = ["flask db upgrade"]\n' in planned.changed


def test_the_environment_of_its_own_counts(shop: FileShop) -> None:
    """Its block is what Railway reads there."""
    shop.file.write_bytes(ORIGINAL + b"\r\n[environments.staging.deploy]\r\nstartCommand = 'flask run'")

    staging, production = (shop.plan(replace(via_file(), environment=name)) for name in ("staging", "production"))

    assert ("flask run", "flask db upgrade && flask run") == (staging.before, staging.after)
    assert "gunicorn app" == production.before


def test_a_dockerfile_has_no_shell(shop: FileShop) -> None:
    """So the command brings one."""
    (shop.root / "Dockerfile").write_text("FROM python\n")

    assert "/bin/sh -c 'flask db upgrade && gunicorn app'" == shop.plan().after


def test_what_was_edited_after_the_plan_is_kept(shop: FileShop) -> None:
    """The plan that was confirmed is about other bytes."""
    planned = shop.plan()
    shop.file.write_bytes(b"[deploy]\nstartCommand = 'mine'\n")

    with pytest.raises(RefusedError) as said:
        shop.overrides.apply(planned, task=TASK, hold=True)

    assert "changed-meanwhile" == said.value.code
    assert b"[deploy]\nstartCommand = 'mine'\n" == shop.file.read_bytes()


@settings(max_examples=40)
@given(data=written_files(), kind=st.sampled_from(KINDS))
def test_rewrite_then_revert_is_the_identity(data: bytes, kind: Kind) -> None:
    """Whatever the file looks like: its bytes, or it was refused and never touched."""
    with TemporaryDirectory() as folder:
        shop = FileShop(Path(folder))
        shop.file.write_bytes(data)
        try:
            planned = shop.plan(replace(via_file(), kind=kind))
        except UsageError:
            assert data == shop.file.read_bytes()
            return
        change = shop.overrides.apply(planned, task=TASK, hold=True).change
        assert planned.nothing_to_do or data != shop.file.read_bytes()
        assert planned.after == shop.overrides.door(change).command(shop.file.read_bytes())

        shop.overrides.revert(change, task=TASK)

        assert data == shop.file.read_bytes()


def test_the_json_file(shop: FileShop) -> None:
    """Where there is no railway.toml, railway.json is read."""
    shop.file.unlink()
    before = '{\n\t"deploy": {\n\t\t"startCommand": "gunicorn \\u0061pp"\n\t}\n}'
    file = shop.root / "railway.json"
    file.write_text(before)

    change = shop.overrides.apply(shop.plan(), task=TASK, hold=True).change

    assert before.replace('"gunicorn', '"flask db upgrade && gunicorn') == file.read_text()
    shop.overrides.revert(change, task=TASK)
    assert before == file.read_text()


def test_gotcha_29_a_second_pre_deploy_command_is_refused(shop: FileShop) -> None:
    """Railway would refuse the whole file, before any log; one that is there is chained inside one text."""
    wish = replace(via_file(), kind="pre-deploy")
    shop.file.write_bytes(b"[deploy]\npreDeployCommand = ['a', 'b']\n")
    with pytest.raises(UsageError) as said:
        shop.plan(wish)
    shop.file.write_bytes(b"[deploy]\npreDeployCommand = ['./collect']\n")

    assert "railway-config-rejected" == said.value.code
    assert b"preDeployCommand = [\"/bin/sh -c 'flask db upgrade && ./collect'\"]" in shop.plan(wish).changed


def test_a_link_stays_a_link(shop: FileShop) -> None:
    """What it leads to is replaced."""
    shop.file.rename(shop.root / "pyproject-railway.toml")
    shop.file.symlink_to("pyproject-railway.toml")

    shop.overrides.apply(shop.plan(), task=TASK, hold=True)

    assert shop.file.is_symlink()
    assert CHANGED == shop.file.read_bytes()


def test_a_folder_that_cannot_be_written_changes_nothing(shop: FileShop) -> None:
    """A folder stands where the new file is made."""
    (shop.root / ".railway.toml.interlocking").mkdir()

    with pytest.raises((RefusedError, OSError)):
        shop.overrides.apply(shop.plan(), task=TASK, hold=True)

    assert ORIGINAL == shop.file.read_bytes()


def test_without_the_cli_the_file_can_still_be_named(shop: FileShop) -> None:
    """Nobody knows whether Railway reads it; the remedy says how to decide."""
    with pytest.raises(UnavailableError) as said:
        shop.plan(replace(via_file(), asked="auto"))

    assert "--via-file" in said.value.next


def test_a_recovery_that_fails_does_not_stop_the_task(shop: FileShop) -> None:
    """It is told; the task goes on."""
    _die_owning(shop)
    (original,) = shop.root.glob(".interlocking/journal/open/*/original")
    original.write_bytes(b"damaged")

    recover(shop.overrides, "db.status", shop.tell)

    assert "is damaged" in shop.told[0]
    assert CHANGED == shop.file.read_bytes()


def test_two_terminals(shop: FileShop) -> None:
    """The second one is refused, with who and since when."""
    with shop.overrides.journal.hold("deploy.with-migrations"), pytest.raises(UnavailableError) as said:
        Overrides(shop.project, unreachable).apply(shop.plan(), task=TASK, hold=True)

    assert "override-busy" == said.value.code
    assert f"deploy.with-migrations (process {os.getpid()}" in said.value.message
    assert shop.untouched


def _die_owning(shop: FileShop) -> None:
    """A release dies after it has made its override."""
    script = VICTIM + "MADE = lambda: os.kill(os.getpid(), signal.SIGKILL)\nvictim(Path(sys.argv[1]), 9999, 'owned')"
    argv = [sys.executable, "-c", script, str(shop.root)]
    killed = subprocess.run(argv, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
    assert -signal.SIGKILL == killed.returncode, killed.stderr
