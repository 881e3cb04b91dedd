"""A network that fails around a COMMIT, and a server that crashes or recovers: never "maybe"."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from interlocking.postgres.cluster import start, stop
from interlocking.postgres.postmaster import processes_of, read_pid_file
from tests.servers import Server, programs_of, temporary_server
from tests.upgrade.guard.histories import History
from tests.upgrade.guard.relay import relayed
from tests.waiting import wait_until

MARKER = b"CREATE TABLE marked"
SLEEPING = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600%' AND state = 'active'"


@pytest.fixture
def two(history: History) -> History:
    """Two revisions; the network fails at the COMMIT of the first."""
    two_tables(history)
    return history


def two_tables(history: History) -> None:
    history.revision("one", 'op.execute("CREATE TABLE marked (id int)")')
    history.revision("two", 'op.execute("CREATE TABLE b (id int)")')


def is_committed(history: History) -> bool:
    return bool(history.rows("SELECT 1 FROM pg_tables WHERE tablename = 'marked'"))


@pytest.mark.parametrize("close_server", [True, False], ids=["noticed", "unnoticed"])
def test_a_connection_cut_before_the_commit_is_a_rollback(two: History, *, close_server: bool) -> None:
    """Also when the server still has the session, which could be committed by nobody and holds its locks."""
    with relayed(two.url, marker=MARKER, forward=False, close_server=close_server) as (url, relay):
        status, said = two.run("upgrade", "head", url=url)
        assert relay.cut
        assert [] == two.rows("SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND pid <> pg_backend_pid()")

    assert 4 == status, said
    assert "the connection to the database was lost while one ran" in said
    assert "one was rolled back; the database is at base" in said
    assert (0, ["two"]) == (two.upgrade()[0], two.heads)


def test_a_connection_cut_after_the_commit_is_none(two: History) -> None:
    """The rerun goes on with the second."""

    def committed() -> None:
        wait_until(lambda: is_committed(two))

    with relayed(two.url, marker=MARKER, forward=True, committed=committed) as (url, _):
        status, said = two.run("upgrade", "head", url=url)

    assert 5 == status, said
    assert "one was committed; the database is at one" in said
    assert (0, ["two"]) == (two.upgrade()[0], two.heads)


@pytest.fixture(scope="module", params=["18", "15"])
def mortal(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of these tests alone: others may be connected to the one that all share."""
    with temporary_server(programs_of(request.param), version=request.param) as server:
        yield server


@pytest.fixture
def elsewhere(mortal: Server, tmp_path: Path) -> History:
    """The same two revisions there."""
    history = History(tmp_path / "project", mortal.make_database())
    two_tables(history)
    return history


def test_a_server_that_crashes_in_the_middle_is_waited_for(elsewhere: History, mortal: Server) -> None:
    """It recovers, and is asked what it has committed."""
    elsewhere.revision("two", 'op.execute("CREATE TABLE b (id int)")\nop.execute("SELECT pg_sleep(600)")')
    runner = elsewhere.start("upgrade", "head", reconnect="10min")
    wait_until(lambda: elsewhere.rows(SLEEPING))
    crash(mortal)
    wait_until(lambda: "the server does not answer" in runner.said)
    start(mortal.cluster)

    assert 5 == runner.wait(), runner.said
    assert "two was rolled back; the database is at one" in runner.said


def test_a_standby_is_told_from_a_primary(elsewhere: History, mortal: Server) -> None:
    """It answers, and cannot be changed: exit 4."""
    with in_recovery(mortal):
        status, said = elsewhere.upgrade()

    assert 4 == status, said
    assert "the server is a standby, or default_transaction_read_only is on" in said
    assert (0, ["two"]) == (elsewhere.upgrade()[0], elsewhere.heads)


def test_a_role_that_may_not_change_the_schema_is_told_so(two: History, role: str) -> None:
    """Before anything is changed; exit 4."""
    status, said = two.run("upgrade", "head", url=role)

    assert 4 == status, said
    assert "permission denied for schema public" in said
    assert "the role of the database URL may not do what is asked" in said
    assert [] == two.rows("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")


def crash(server: Server) -> None:
    """End a server at once, as a machine does that loses its power."""
    found = read_pid_file(server.cluster.data)
    assert found
    os.kill(found.pid, signal.SIGQUIT)
    wait_until(lambda: not processes_of(server.cluster.data))


@contextmanager
def in_recovery(server: Server) -> Iterator[None]:
    """Run a server as a standby that waits for a primary."""
    cluster = server.cluster
    stop(cluster)
    sign = cluster.data / "standby.signal"
    sign.touch()
    try:
        _pg_ctl(server, "start", "-o", f"--port={cluster.port} --unix_socket_directories= --hot_standby=on")
        yield
        _pg_ctl(server, "stop", "-m", "fast")
    finally:
        sign.unlink()
        start(cluster)


def _pg_ctl(server: Server, *arguments: str) -> None:
    cluster = server.cluster
    argv = [cluster.programs.path("pg_ctl"), "-w", "-D", cluster.data, "-l", cluster.data / "standby.log", *arguments]
    user = {"user": cluster.account.user, "group": cluster.account.group} if cluster.account else {}
    subprocess.run(argv, check=True, cwd="/", stdout=subprocess.DEVNULL, **user)
