"""Backups on real servers: taken, listed, pruned, put back."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import psycopg2
import pytest

from interlocking.errors import CheckFailedError, RefusedError, UnavailableError, UsageError
from interlocking.plan import silent
from interlocking.postgres.backups import Backup, Backups, Keep, backup_name, superfluous
from interlocking.postgres.dumping import Source, dump, inspect, require_room
from interlocking.postgres.restoring import inspect_destination, restore
from interlocking.postgres.url import DatabaseUrl, parse
from tests.servers import Server

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
FILLED = """
CREATE TABLE alembic_version (version_num varchar(32) NOT NULL);
INSERT INTO alembic_version VALUES ('20250615_companion');
CREATE SCHEMA "Odd name";
CREATE TYPE mood AS ENUM ('good');
CREATE TABLE "Odd name"."TABLE DATA" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mood mood, text text);
INSERT INTO "Odd name"."TABLE DATA" (mood, text) SELECT 'good', repeat('x', 100) FROM generate_series(1, 500);
CREATE TABLE parts (id int) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (9);
"""


def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@pytest.fixture
def filled(server: Server) -> Iterator[DatabaseUrl]:
    """A database with odd names, an enum, a partitioned table and a revision."""
    url = server.make_database()
    execute(url, FILLED)
    yield parse(url)
    server.drop(url)


@pytest.fixture
def backups(tmp_path: Path) -> Backups:
    """A folder of backups that does not exist yet."""
    return Backups(tmp_path / "kept" / "backups")


def described(database: str, taken: datetime) -> Backup:
    return Backup(backup_name(database, taken), database, "", taken.isoformat(), (), "18.6", "18.6", 1, 1, "")


def test_a_backup_comes_back_whole(server: Server, filled: DatabaseUrl, backups: Backups) -> None:
    """Rows, types and the revision; the manifest says what is in it."""
    made = dump(inspect(filled), backups, silent)
    destination = filled.with_database(f"{filled.database}_back")

    restore(made, backups, inspect_destination(made, destination), silent)

    assert execute(destination.libpq(), 'SELECT count(*), max(id) FROM "Odd name"."TABLE DATA"') == [(500, 500)]
    assert (made.revisions, made.tables) == (("20250615_companion",), 4)
    assert [made] == backups.all()
    server.drop(destination.libpq())


def test_only_the_owner_may_read_it(filled: DatabaseUrl, backups: Backups) -> None:
    """Production's rows are in it."""
    made = dump(inspect(filled), backups, silent)

    assert stat.S_IMODE(backups.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in backups.folder.iterdir()} == {0o600}
    assert filled.password.reveal() not in (backups.folder / f"{made.name}.json").read_text()


def test_a_database_is_replaced_while_others_are_connected(
    server: Server, filled: DatabaseUrl, backups: Backups
) -> None:
    """They are disconnected; what was there before is gone; nothing else is left on the server."""
    made = dump(inspect(filled), backups, silent)
    execute(filled.libpq(), "CREATE TABLE later (); DROP TABLE parts")
    session = psycopg2.connect(filled.libpq())

    restore(made, backups, inspect_destination(made, filled), silent)

    session.close()
    tables = execute(filled.libpq(), "SELECT relname FROM pg_class WHERE relname IN ('parts', 'later')")
    left = execute(server.admin_url, "SELECT datname FROM pg_database WHERE datname LIKE 'interlocking_restore%'")
    assert (tables, left) == ([("parts",)], [])


def test_a_damaged_dump_is_noticed_before_anything_is_changed(filled: DatabaseUrl, backups: Backups) -> None:
    """One byte is enough."""
    made = dump(inspect(filled), backups, silent)
    with backups.dump_path(made.name).open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"!")

    with pytest.raises(CheckFailedError, match="SHA-256"):
        restore(made, backups, inspect_destination(made, filled), silent)

    assert execute(filled.libpq(), "SELECT count(*) FROM alembic_version") == [(1,)]


def test_a_restore_that_fails_leaves_the_database_as_it_was(
    server: Server, filled: DatabaseUrl, backups: Backups
) -> None:
    """The archive's checksum agrees, and pg_restore cannot read it all the same."""
    made = dump(inspect(filled), backups, silent)
    path = backups.dump_path(made.name)
    path.write_bytes(path.read_bytes()[:2000])
    cut = replace(made, sha256=sha256(path.read_bytes()).hexdigest())

    with pytest.raises(UnavailableError) as failed:
        restore(cut, backups, inspect_destination(cut, filled), silent)

    assert failed.value.code == "restore-failed"
    assert execute(filled.libpq(), "SELECT count(*) FROM alembic_version") == [(1,)]
    assert [] == execute(server.admin_url, "SELECT 1 FROM pg_database WHERE datname LIKE 'interlocking_restore%'")


def test_tables_that_do_not_come_back_leave_the_database_as_it_was(filled: DatabaseUrl, backups: Backups) -> None:
    """Though pg_restore says that all is well."""
    made = dump(inspect(filled), backups, silent)
    larger = replace(made, tables=made.tables + 1)

    with pytest.raises(UnavailableError, match=f"{made.tables} of the backup's {larger.tables} tables"):
        restore(larger, backups, inspect_destination(larger, filled), silent)

    assert execute(filled.libpq(), "SELECT count(*) FROM alembic_version") == [(1,)]


def test_a_backup_of_a_newer_server_is_refused(postgres_server: Server, backups: Backups) -> None:
    """An older server does not understand it."""
    newer = replace(described("shop", NOW), server="99.1")

    with pytest.raises(RefusedError) as refused:
        inspect_destination(newer, postgres_server.url)

    assert refused.value.code == "restore-server-older"


def test_a_table_that_the_role_may_not_read_makes_no_backup(
    server: Server, filled: DatabaseUrl, backups: Backups
) -> None:
    """pg_dump's reason is told, and no file is left."""
    execute(filled.libpq(), "DROP ROLE IF EXISTS onlooker; CREATE ROLE onlooker LOGIN PASSWORD 'onlooker-secret'")
    execute(filled.libpq(), "GRANT SELECT ON alembic_version TO onlooker")
    onlooker = parse(filled.libpq().replace(f"{filled.user}:{filled.password.reveal()}", "onlooker:onlooker-secret"))

    with pytest.raises(UnavailableError, match="permission denied") as failed:
        dump(inspect(onlooker), backups, silent)

    assert failed.value.code == "dump-failed"
    assert [] == list(backups.folder.iterdir())
    execute(filled.libpq(), "DROP OWNED BY onlooker; DROP ROLE onlooker")


def test_a_disk_that_is_too_small_is_seen_before_anything_is_written(filled: DatabaseUrl, backups: Backups) -> None:
    """The folder is not even made."""
    source = inspect(filled)

    with pytest.raises(UnavailableError) as refused:
        require_room(Source(source.url, source.programs, 1 << 60), backups.folder)

    assert refused.value.code == "disk-full"
    assert not backups.folder.exists()


KILLED = """
import sys, time
from pathlib import Path
from interlocking.postgres.backups import Backups
with Backups(Path(sys.argv[1])).unfinished("half") as file:
    file.write(b"half"); file.flush()
    print("writing", flush=True)
    time.sleep(600)
"""


def test_what_a_killed_backup_left_is_removed_by_the_next_and_never_offered(
    postgres_server: Server, database: str, backups: Backups
) -> None:
    """While its writer lives it is left alone."""
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(backups.folder)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == "writing\n"
        half = backups.folder / ".half.partial"
        dump(inspect(parse(database)), backups, silent)
        assert half.exists()
        writer.send_signal(signal.SIGKILL)

    assert len(backups.all()) == 1
    with backups.unfinished("next"):
        assert not half.exists()


def test_which_backups_are_superfluous() -> None:
    """By number, by age, by either; each database for itself; the newest always stays."""
    days = [described("shop", NOW - timedelta(days=days)) for days in (0, 1, 2, 40)]
    other = described("other", NOW - timedelta(days=90))
    everything = [*days, other]

    assert superfluous(everything, Keep(), NOW) == []
    assert superfluous(everything, Keep(count=2), NOW) == days[2:]
    assert superfluous(everything, Keep(age=timedelta(days=30)), NOW) == days[3:]
    assert superfluous(everything, Keep(3, timedelta(hours=25)), NOW) == days[2:]
    assert superfluous(everything, Keep(count=0), NOW) == days[1:]


def test_a_dump_without_manifest_and_a_strange_file_are_no_backups(backups: Backups) -> None:
    """Nor a manifest whose dump is gone."""
    backups.folder.mkdir(parents=True)
    backups.dump_path("lonely").write_bytes(b"")
    (backups.folder / "strange.json").write_text("[1]")
    (backups.folder / "other.json").write_text('{"name": "x"}')

    assert backups.all() == []
    with pytest.raises(UsageError):
        backups.find("lonely")
