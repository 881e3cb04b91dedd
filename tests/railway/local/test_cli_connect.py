"""`connect --tunnel-only`: a real way to a real database; and `ssh`."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from interlocking.postgres.url import parse
from interlocking.railway.local.creation import PROJECT_TOKEN, ServiceSpec, postgres
from interlocking.railway.local.platform import stop
from tests.ports import reserved_port
from tests.railway.local.calls import Shop, make_shop
from tests.railway.local.platforms import write_app
from tests.waiting import DEADLINE_SECONDS, wait_until

TUNNEL = ("connect", "Postgres", "--tunnel-only")
PROJECT = {"RAILWAY_TOKEN": PROJECT_TOKEN}
SSH = ("ssh", "-s", "web", "--")


@pytest.fixture
def real(tmp_path: Path, database: str) -> Iterator[Shop]:
    """A shop in front of a running PostgreSQL."""
    web = ServiceSpec("web", {"DATABASE_URL": "${{Postgres.DATABASE_URL}}"}, sealed={"SECRET_KEY": "sealed-value"})
    shop = make_shop(tmp_path, web, postgres(database_url=database))
    yield shop
    stop(shop.world)


@contextmanager
def tunnel(shop: Shop, *flags: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """An open tunnel, and what it said on stderr."""
    child = subprocess.Popen(
        ["railway", *TUNNEL, *flags],
        cwd=shop.folder,
        env=shop.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield child, block(child)
    finally:
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=DEADLINE_SECONDS)


def block(child: subprocess.Popen[str]) -> dict[str, str]:
    lines = []
    while not lines or "Press Ctrl+C" not in lines[-1]:
        line = child.stderr.readline()
        assert line, lines
        lines.append(line)
    assert lines[0] == "PostgreSQL tunnel open — point an external client at:\n"
    return dict(re.fullmatch(r"  (\w+):\s+(.*)\n", line).groups() for line in lines[1:-1])


def query(url: str) -> str:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            return cursor.fetchone()[0]
    finally:
        connection.close()


def test_a_tunnel_leads_to_the_database_and_ends_by_sigint(real: Shop, database: str) -> None:
    """All of it on stderr, with the password; stdout stays empty."""
    target = parse(database)
    with tunnel(real) as (child, said):
        assert set(said) == {"Host", "Port", "User", "Password", "Database", "URL"}
        assert said["Password"] == target.password.reveal()
        assert said["URL"].split("@")[1].startswith(f"127.0.0.1:{said['Port']}/")
        assert query(said["URL"]) == target.database

        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=DEADLINE_SECONDS)

    assert (child.returncode, out, err) == (0, "", "\nTunnel closed.\n")
    with pytest.raises(psycopg2.OperationalError):
        query(said["URL"])


def test_sigterm_leaves_the_ssh_child_running(tmp_path: Path, real: Shop) -> None:
    with tunnel(real) as (child, said):
        child.terminate()
        child.wait(DEADLINE_SECONDS)

        assert query(said["URL"])
    (real.world.folder).rename(tmp_path / "gone")
    wait_until(lambda: not listens(int(said["Port"])))
    (tmp_path / "gone").rename(real.world.folder)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_port_in_use(real: Shop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = real(*TUNNEL, "-P", str(port))

    text = f"Local port {port} is already in use. Pick a free port with --port, or stop the process using it."
    assert (1, "", text) == answer.failure


def test_a_chosen_port(real: Shop) -> None:
    with reserved_port() as port, tunnel(real, "--port", str(port)) as (_child, said):
        assert said["Port"] == str(port)


def test_a_tunnel_that_does_not_come_up(shop: Shop) -> None:
    shop.world.trap("tunnel", "not-ready")
    answer = shop(*TUNNEL)

    assert (1, "", "SSH tunnel exited before it was ready (exit status: 255)") == answer.failure


def test_what_connect_refuses(shop: Shop) -> None:
    usage = "Service name required in non-interactive mode. Usage: railway connect <service-name>"
    assert (1, "", usage) == shop("connect", "--tunnel-only").failure
    assert (1, "", 'Service "x" not found.') == shop("connect", "x", "--tunnel-only").failure
    assert (1, "", "No supported database found in service") == shop("connect", "web", "--tunnel-only").failure
    assert shop("connect", "postgres", "--tunnel-only", "--no-ssh").code == 2
    assert "DATABASE_PUBLIC_URL" in shop("connect", "postgres", "--no-ssh").err
    assert "Please check that your RAILWAY_TOKEN" in shop(*TUNNEL, token=PROJECT).err
    with shop.world.change() as state:
        state.ssh_key = False
    assert shop(*TUNNEL).err.startswith("No registered SSH keys found. Register one with:\n  railway ssh keys add")


def test_a_database_without_its_variable(shop: Shop) -> None:
    shop("variable", "rm", "DATABASE_URL", "-s", "Postgres")

    assert 'Looking for "DATABASE_URL".' in shop(*TUNNEL).err


def test_plain_connect_returns_0_whatever_psql_does(real: Shop, tmp_path: Path) -> None:
    psql = tmp_path / "bin" / "psql"
    psql.parent.mkdir()
    psql.write_text('#!/bin/sh\necho "$1 $PGPASSWORD"\nexit 3\n')
    psql.chmod(0o755)
    path = f"{psql.parent}:{real.environment()['PATH']}"
    answer = real("connect", "Postgres", env={"PATH": path})

    assert answer.code == 0
    assert answer.out.startswith("postgresql://")
    assert "Opening SSH tunnel: 127.0.0.1:" in answer.err


@pytest.fixture
def inside(real: Shop) -> Shop:
    """A shop with a running deployment."""
    write_app(real.folder)
    (real.folder / "released.txt").write_text("1")
    assert real("up", "-s", "web", "--json").code == 0
    return real


def test_ssh_runs_in_the_running_deployment_with_its_variables(inside: Shop) -> None:
    """The old code, sealed variables, and the private network."""
    (inside.folder / "released.txt").write_text("2")
    script = "import os, psycopg2; psycopg2.connect(os.environ['DATABASE_URL']); print(os.environ['SECRET_KEY'])"

    assert inside(*SSH, "cat", "released.txt").out == "1"
    assert inside(*SSH, "python", "-c", script).out == "sealed-value\n"
    assert inside(*SSH, "sh", "-c", "echo $RAILWAY_REPLICA_ID").out.strip()
    assert inside(*SSH, "echo", "two  words").out == "two  words\n", "several words survive"
    assert inside(*SSH, "echo $RAILWAY_SERVICE_NAME && exit 7").failure == (7, "web\n", ""), "one is a shell line"


def test_ssh_that_fails_or_only_seems_to_work(shop: Shop) -> None:
    assert shop(*SSH, "true").code == 255, "nothing runs"

    made = shop.script("SUCCESS")
    with shop.world.change() as state:
        state.deployments[made.id].snapshot = str(shop.folder)
    assert shop(*SSH, "echo", "ran").out == "ran\n"
    for trap, code, text in [
        ("silent", 0, ""),
        ("unreachable", 255, "ssh: connect to host ssh.railway.com port 22: Connection refused"),
        ("unknown-host", 255, "Host key verification failed."),
    ]:
        shop.world.trap("ssh", trap)
        assert shop(*SSH, "echo", "ran").failure == (code, "", text)
    for trap, text in [("no-keys", "No SSH keys found in your SSH agent"), ("unregistered", "No registered SSH keys")]:
        shop.world.trap("ssh", trap)
        assert shop(*SSH, "echo", "ran").err.startswith(text)
        assert shop("ssh", "-i", "key", "-s", "web", "--", "echo", "ran").failure == (
            0,
            "ran\n",
            "Using SSH key from file key",
        )
    assert "Please check that your RAILWAY_TOKEN" in shop(*SSH, "true", token=PROJECT).err


def test_ssh_wants_to_know_the_service(shop: Shop) -> None:
    text = "Multiple services found. Please specify a service via the `--service` flag."

    assert (1, "", text) == shop("ssh", "--", "true").failure
