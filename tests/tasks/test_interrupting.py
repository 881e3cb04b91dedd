"""Ctrl-C and SIGTERM: an orderly end that says where the database stands, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.servers import Server
from tests.tasks.projects import PASSWORD, REPOSITORY, TOKEN, Ran, TinyProject, checked
from tests.waiting import DEADLINE_SECONDS, wait_until

SLEEP = 'op.execute("SELECT pg_sleep(600)")'
SLEEPING = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%' AND state = 'active'"
SIGNALS = pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])


@SIGNALS
def test_an_upgrade_that_is_interrupted_says_where_it_stands(
    plain: TinyProject, number: signal.Signals, code: int
) -> None:
    """What came before stays, the revision itself was rolled back."""
    plain.revision("slow", "three", upgrade=f'op.execute("CREATE TABLE slow (id integer)")\n{SLEEP}')

    ended = interrupted(plain, ["db.upgrade"], number, when=SLEEPING)

    assert code == ended.code, ended.describe()
    assert "the database is at three" in ended.err
    assert ["three"] == plain.applied()
    assert "slow" not in plain.tables()
    assert_no_child(plain)


@SIGNALS
def test_a_round_trip_that_is_interrupted_leaves_no_scratch_database(
    plain: TinyProject, postgres_server: Server, number: signal.Signals, code: int
) -> None:
    """Its process and its databases are gone; the target was never touched."""
    plain.revision("slow", "three", upgrade=SLEEP)

    ended = interrupted(plain, ["db.test-rollback"], number, when=SLEEPING)

    assert code == ended.code, ended.describe()
    assert [] == plain.sql(scratch_databases(int(ended.command)))
    assert "your database was not touched" in ended.err
    assert [] == plain.applied()
    assert_no_child(plain)


def test_an_impatient_second_ctrl_c_does_not_break_the_orderly_end(plain: TinyProject) -> None:
    """People press it again while the scratch databases are dropped."""
    plain.revision("slow", "three", upgrade=SLEEP)
    with plain.running("db.test-rollback") as child:
        wait_while_alive(plain, child, SLEEPING)
        os.kill(child.pid, signal.SIGINT)
        while plain.sql(scratch_databases(child.pid)) and child.poll() is None:
            os.kill(child.pid, signal.SIGINT)
        out, err = child.communicate(timeout=DEADLINE_SECONDS)

    ended = checked(Ran("invoke db.test-rollback", child.returncode, out, err))
    assert 130 == ended.code, ended.describe()
    assert [] == plain.sql(scratch_databases(child.pid))
    assert_no_child(plain)


def test_the_guard_ends_at_once_when_its_task_is_killed(flask: TinyProject) -> None:
    """Nobody would hear it any more: it cancels the statement that runs, and rolls back."""
    flask.write("migrations/env.py", (REPOSITORY / "migrations" / "env.py").read_text())
    flask.revision("slow", "open_shop", upgrade=f'op.execute("CREATE TABLE slow (id integer)")\n{SLEEP}')
    with flask.running("db.upgrade") as child:
        wait_while_alive(flask, child, SLEEPING)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        wait_until(lambda: children_of(flask) == [])

    assert ["open_shop"] == flask.applied()
    assert "slow" not in flask.tables()
    assert [] == flask.sql(SLEEPING)


@pytest.mark.parametrize("task", ["db.upgrade", "db.test-rollback"])
def test_the_password_is_on_no_command_line_meanwhile(plain: TinyProject, task: str) -> None:
    """Every user of the machine can read those of the task and of its children."""
    plain.revision("slow", "three", upgrade=SLEEP)
    with plain.running(task) as child:
        wait_while_alive(plain, child, SLEEPING)
        lines = [command_line(each) for each in Path("/proc").glob("[0-9]*")]
        os.kill(child.pid, signal.SIGINT)
        child.communicate(timeout=DEADLINE_SECONDS)

    assert any(f"invoke {task}" in line for line in lines)
    assert not [line for line in lines if quote(PASSWORD) in line or PASSWORD in line or TOKEN in line]


def test_the_next_task_does_not_run(plain: TinyProject) -> None:
    """Ctrl-C ends the whole line, not one task of it (pyinvoke/invoke#152)."""
    plain.revision("slow", "three", upgrade=SLEEP)

    ended = interrupted(plain, ["db.upgrade", "db.stamp", "-r", "slow"], signal.SIGINT, when=SLEEPING)

    assert 130 == ended.code
    assert ["three"] == plain.applied()


def test_a_migrate_that_is_interrupted_writes_nothing(upgraded: TinyProject) -> None:
    """No half-written file stays in versions/."""
    upgraded.write("models.py", "import sqlalchemy as sa\nmetadata = sa.MetaData()\nsa.Table('new', metadata)\n")
    env = (upgraded.root / "migrations" / "env.py").read_text()
    sleeping = "connection.exec_driver_sql('SELECT pg_sleep(600)')\n        context.configure("
    upgraded.write("migrations/env.py", env.replace("context.configure(connection", f"{sleeping}connection"))
    before = upgraded.files()

    ended = interrupted(upgraded, ["db.migrate", "-m", "new"], signal.SIGINT, when=SLEEPING)

    assert 130 == ended.code, ended.describe()
    assert before == upgraded.files()


def interrupted(project: TinyProject, words: list[str], number: signal.Signals, *, when: str) -> Ran:
    """Run `invoke`, send it a signal once the query `when` has rows, and return how it ended."""
    with project.running(*words) as child:
        wait_while_alive(project, child, when)
        os.kill(child.pid, number)
        out, err = child.communicate(timeout=DEADLINE_SECONDS)
    return checked(Ran(str(child.pid), child.returncode, out, err))


def scratch_databases(pid: int) -> str:
    """The query for the scratch databases of a process."""
    return f"SELECT datname FROM pg_database WHERE datname LIKE 'interlocking\\_%\\_{pid}\\_%'"


def wait_while_alive(project: TinyProject, child: subprocess.Popen[str], question: str) -> None:
    def answered() -> bool:
        assert child.poll() is None, child.communicate()
        return bool(project.sql(question))

    wait_until(answered, lambda: question)


def assert_no_child(project: TinyProject) -> None:
    """No process of the task's works in the project's folder any more."""
    assert [] == children_of(project)


def children_of(project: TinyProject) -> list[Path]:
    return [each for each in Path("/proc").glob("[0-9]*") if cwd_of(each) == project.root]


def cwd_of(process: Path) -> Path | None:
    try:
        return (process / "cwd").readlink()
    except OSError:
        return None


def command_line(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""  # it ended while we looked
