"""Scratch databases: quick to copy, gone afterwards, never someone else's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psycopg2
import pytest

from interlocking.errors import UnavailableError
from interlocking.postgres.connect import connect, identity
from interlocking.postgres.scratch import ScratchDatabases
from interlocking.postgres.scratch_names import copy_clause, is_scratch_name, scratch_name
from interlocking.postgres.url import DatabaseUrl, parse
from interlocking.redaction import Secret
from tests.servers import Server
from tests.waiting import wait_until

_OWNER = """
import sys, time
from interlocking.postgres.scratch import ScratchDatabases
from interlocking.postgres.url import parse

with ScratchDatabases(parse(sys.argv[1])) as scratch:
    print(scratch.create("victim").database, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def scratch(server: Server) -> Iterator[ScratchDatabases]:
    """A place for scratch databases on each supported version."""
    with ScratchDatabases(server.url) as opened:
        yield opened


def names(server: Server) -> set[str]:
    """Every database of the server."""
    with connect(server.url) as session, session.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


def has_guards(server: Server) -> bool:
    """Whether anybody guards a scratch database: the server notices a moment later that its client was killed."""
    with connect(server.url) as session, session.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'")
        return cursor.fetchone() is not None


def run(url: DatabaseUrl, statement: str) -> None:
    """Run one statement in a database."""
    with connect(url) as session:
        session.cursor().execute(statement)


def tables(url: DatabaseUrl) -> list[str]:
    """The tables of the schema public."""
    with connect(url) as session, session.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


@pytest.fixture
def owner(postgres_server: Server) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process that owns a scratch database, and the name of that."""
    argv = [sys.executable, "-c", _OWNER, postgres_server.admin_url]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.kill()


def test_leaving_the_block_drops_everything(server: Server) -> None:
    """Whether dropped by hand, connected to, or renamed."""
    before = names(server)

    with ScratchDatabases(server.url) as scratch:
        scratch.drop(scratch.create("one"))
        left_open = connect(scratch.create("two"))
        scratch.rename(scratch.create("three"), "four")

    assert before == names(server)
    left_open.close()


def test_an_exception_drops_everything(server: Server) -> None:
    """Ctrl-C included."""
    before = names(server)

    def interrupted() -> None:
        with ScratchDatabases(server.url) as scratch:
            scratch.create("one")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert before == names(server)


def test_a_copy_holds_what_the_template_holds(scratch: ScratchDatabases) -> None:
    """Copies are independent of the template."""
    template = scratch.create("template")
    run(template, "CREATE TABLE t ()")

    copy = scratch.create("copy", template=template)
    run(copy, "CREATE TABLE u ()")

    assert tables(copy) == ["t", "u"]
    assert tables(template) == ["t"]


def test_connections_left_on_a_scratch_template_are_ended(scratch: ScratchDatabases) -> None:
    """A revision that keeps a pool does not stop the next copy."""
    template = scratch.create("template")
    with connect(template) as left_open:
        scratch.create("copy", template=template)

        with pytest.raises(psycopg2.OperationalError):
            left_open.cursor().execute("SELECT 1")


def test_connections_on_a_database_of_the_user_are_never_ended(
    server: Server, scratch: ScratchDatabases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is refused instead."""
    monkeypatch.setattr("interlocking.postgres.scratch._OTHERS_SECONDS", 0.05)
    url = parse(server.make_database())
    with connect(url) as working:
        with pytest.raises(UnavailableError) as caught:
            scratch.create("copy", template=url)

        working.cursor().execute("SELECT 1")
    assert caught.value.code == "template-busy"


def test_replace_gives_the_name_to_another_database(scratch: ScratchDatabases) -> None:
    """The URL stays; what it reaches changes."""
    work = scratch.create("work")
    with scratch.copy(work) as kept:
        run(work, "CREATE TABLE broken ()")
        scratch.replace(work, kept)

    assert tables(work) == []


def test_recreate_empties_a_database(scratch: ScratchDatabases) -> None:
    """Under the same name, as another database."""
    work = scratch.create("work")
    run(work, "CREATE TABLE t ()")
    with connect(work) as session:
        before = identity(session)

    scratch.recreate(work)

    with connect(work) as session:
        assert not identity(session).is_same_database(before)
    assert tables(work) == []


def test_fresh_ends_with_its_block(scratch: ScratchDatabases) -> None:
    """Its name is free to be dropped, and a second drop is not tried."""
    with scratch.fresh("work") as work:
        assert tables(work) == []
        scratch.drop(work)


def test_what_is_kept_survives_the_next_use(server: Server) -> None:
    """For someone who wants to look at it."""
    with ScratchDatabases(server.url) as scratch:
        kept = scratch.keep(scratch.create("interesting"))

    with ScratchDatabases(server.url):
        assert kept.database in names(server)
    server.drop(kept.libpq())


def test_the_next_use_drops_what_a_killed_owner_left(
    postgres_server: Server, owner: tuple[subprocess.Popen[str], str]
) -> None:
    """SIGKILL leaves no time to clean up."""
    process, name = owner
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_until(lambda: not has_guards(postgres_server))
    assert name in names(postgres_server)

    with ScratchDatabases(postgres_server.url):
        assert name not in names(postgres_server)


def test_a_living_owner_keeps_its_databases(postgres_server: Server, owner: tuple[subprocess.Popen[str], str]) -> None:
    """Two runs at once do not hurt each other."""
    _, name = owner

    with ScratchDatabases(postgres_server.url):
        pass

    assert name in names(postgres_server)


@pytest.mark.parametrize("statement", ["SELECT 1", "COMMENT ON DATABASE {} IS 'mine'"])
def test_only_what_is_surely_ours_is_swept(postgres_server: Server, statement: str) -> None:
    """A like-named database, and one that carries another comment, are somebody's."""
    suffix = "" if statement == "SELECT 1" else f"_{os.getpid()}_0123abcd"
    name = f"interlocking_copy_of_production{suffix}"
    run(postgres_server.url, f"CREATE DATABASE {name}")
    run(postgres_server.url, statement.format(name))

    with ScratchDatabases(postgres_server.url):
        pass

    assert name in names(postgres_server)
    run(postgres_server.url, f"DROP DATABASE {name}")


def test_a_role_that_may_not_create_databases(server: Server) -> None:
    """It is said before anything is tried."""
    role = f"poor_{os.getpid()}"
    run(server.url, f"CREATE ROLE {role} LOGIN PASSWORD 'pw'")
    url = DatabaseUrl(server.url.host, server.url.port, role, Secret("pw"), "postgres")

    with pytest.raises(UnavailableError, match=f"the role '{role}' may not create databases") as caught:
        ScratchDatabases(url).__enter__()

    assert caught.value.code == "createdb-missing"
    run(server.url, f"DROP ROLE {role}")


@pytest.mark.parametrize("hint", ["", "../; DROP", "ünïcode", "x" * 200, "20250615_companion"])
def test_any_hint_makes_a_name_that_is_recognised(hint: str) -> None:
    """Names fit into PostgreSQL's 63 bytes."""
    name = scratch_name(hint, pid=4194304, token="0123abcd")

    assert is_scratch_name(name)
    assert len(name) <= 63


@pytest.mark.parametrize(
    ("version", "fsync", "clause"),
    [
        (140010, False, ""),
        (150008, False, " STRATEGY FILE_COPY"),
        (180006, False, " STRATEGY FILE_COPY"),
        (180006, True, ""),
    ],
)
def test_the_quickest_way_to_copy(version: int, fsync: bool, clause: str) -> None:
    """The clause is new in 15, and a server that syncs is better off with its default."""
    assert clause == copy_clause(version, fsync=fsync)
