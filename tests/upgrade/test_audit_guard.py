"""The guard with its audit: real upgrades in processes of their own, the way `alembic` runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from interlocking.postgres.connect import connect
from interlocking.postgres.scratch import ScratchDatabases
from interlocking.postgres.url import parse
from interlocking.rehearsal.roundtrip import round_trip
from interlocking.upgrade.audit.row import AuditRow
from interlocking.upgrade.audit.trail import last_rows
from interlocking.upgrade.verifying.checksum import checksum
from tests.upgrade.projects import Folder, plain_project
from tests.waiting import DEADLINE_SECONDS, wait_until

ENV = """
import logging

from alembic import context
from sqlalchemy import MetaData, create_engine

from interlocking.upgrade import guard

logging.basicConfig(level=logging.INFO)
guard.run(create_engine(context.config.get_main_option("sqlalchemy.url")), MetaData(){options})
"""


class Guarded:
    """A guarded project with two tables, and its database."""

    def __init__(self, folder: Folder, url: str) -> None:
        self.folder, self.url = folder, parse(url)
        ini = f"[alembic]\nscript_location = %(here)s/migrations\nsqlalchemy.url = {self.url.sqlalchemy()}\n"
        (folder.root / "alembic.ini").write_text(ini)

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "alembic", *words],
            cwd=self.folder.root,
            env={**os.environ, "RAILWAY_SERVICE_NAME": "web"},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, *words: str) -> tuple[int, str]:
        process = self.start(*words)
        said, _ = process.communicate(timeout=DEADLINE_SECONDS)
        return process.returncode, said

    def rows(self) -> list[AuditRow]:
        with connect(self.url) as connection:
            return list(reversed(last_rows(connection, 100)))

    def execute(self, statement: str) -> None:
        with connect(self.url) as connection:
            connection.cursor().execute(statement)


@pytest.fixture
def guarded(tmp_path: Path, empty: str) -> Guarded:
    folder = plain_project(tmp_path / "shop", env=ENV)
    folder.table("r1")
    folder.table("r2", down="r1")
    return Guarded(folder, empty)


def test_every_revision_has_its_row(guarded: Guarded) -> None:
    """Up, down and a stamp; with the checksum of the file."""
    for words in (["upgrade", "head"], ["downgrade", "r1"], ["stamp", "r2"]):
        assert 0 == guarded.run(*words)[0]
    rows = guarded.rows()
    file = guarded.folder.versions / "r1.py"

    assert [("r1", "upgrade"), ("r2", "upgrade"), ("r2", "downgrade"), ("r2", "stamp")] == [
        (row.revision, row.direction) for row in rows
    ]
    assert {"applied"} == {row.outcome for row in rows}
    assert checksum(file.read_bytes()) == rows[0].checksum
    assert {("public.alembic_version", 1)} == {(row.version_table, row.tries) for row in rows}
    assert rows[0].actor.startswith("railway web")


def test_a_revision_that_fails_has_its_row(guarded: Guarded) -> None:
    """With the reason."""
    guarded.folder.revision("r3", down="r2", up='op.execute("SELECT 1 / 0")')
    guarded.run("upgrade", "head")

    assert ["applied", "applied", "failed"] == [row.outcome for row in guarded.rows()]
    assert "division by zero" in guarded.rows()[-1].error


def test_an_edited_applied_file_is_refused_before_anything_runs(guarded: Guarded) -> None:
    """Exit 3; the pending revision is not applied."""
    guarded.run("upgrade", "r1")
    file = guarded.folder.versions / "r1.py"
    file.write_text(file.read_text().replace("'name'", "'title'"))
    code, said = guarded.run("upgrade", "head")

    assert (3, True) == (code, "Don't edit applied migration files: r1" in said), said
    assert ["r1"] == [row.revision for row in guarded.rows()]


def test_the_row_of_a_killed_runner_is_closed_by_the_next(guarded: Guarded) -> None:
    """With what the version table says: the revision was rolled back."""
    guarded.run("upgrade", "r2")
    slow = guarded.folder.revision("r3", down="r2", up='op.execute("SELECT pg_sleep(600)")')
    process = guarded.start("upgrade", "head")
    wait_until(lambda: "running" in [row.outcome for row in guarded.rows()])
    process.send_signal(signal.SIGKILL)
    process.communicate()
    guarded.execute(
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()"
    )
    slow.write_text(slow.read_text().replace("SELECT pg_sleep(600)", "SELECT 1"))
    guarded.run("upgrade", "head")

    assert ["interrupted", "applied"] == [row.outcome for row in guarded.rows() if row.revision == "r3"]


def test_ctrl_c_is_told_apart_from_a_failure(guarded: Guarded) -> None:
    """The person who looks later wants to know."""
    guarded.folder.revision("r3", down="r2", up='op.execute("SELECT pg_sleep(600)")')
    process = guarded.start("upgrade", "head")
    wait_until(lambda: "r3" in [row.revision for row in guarded.rows()])
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=DEADLINE_SECONDS)

    assert "interrupted" == guarded.rows()[-1].outcome


def test_autogenerate_does_not_see_the_guards_tables(guarded: Guarded) -> None:
    """`alembic check` after an upgrade finds only what no model has."""
    guarded.run("upgrade", "head")
    guarded.execute("DROP TABLE r1, r2; CREATE TABLE interlocking_backfill (name text)")
    code, said = guarded.run("check")

    assert (0, True) == (code, "No new upgrade operations detected" in said)


def test_a_backfill_under_the_guard(guarded: Guarded) -> None:
    """A locked row ends its own patience; the next run goes on where it stopped."""
    guarded.folder.revision(
        "r3",
        down="r2",
        up="""
        op.execute("ALTER TABLE r1 ADD COLUMN n int NOT NULL DEFAULT 0")
        op.execute("INSERT INTO r1 (id) SELECT generate_series(1, 1000)")
        """,
    )
    guarded.folder.revision(
        "r4",
        down="r3",
        module="from interlocking.upgrade import backfill",
        up="""
        op.execute("CREATE TABLE made_before (id int)")
        backfill(op, "r1", set={"n": "n + 1"}, duty=1.0, patience=0.2)
        op.execute("ALTER TABLE r1 ADD CHECK (n = 1)")
        """,
    )
    guarded.run("upgrade", "r3")
    with connect(guarded.url, autocommit=False) as writer:
        writer.cursor().execute("SELECT FROM r1 WHERE id = 900 FOR UPDATE")
        refused = guarded.run("upgrade", "head")
    code, said = guarded.run("upgrade", "head")

    assert (5, True) == (refused[0], "the backfill gave up: rows of public.r1 stayed locked" in refused[1]), refused[1]
    assert 0 == code, said
    with connect(guarded.url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE n = 1) FROM r1")
        assert (1000, 1000) == cursor.fetchone()


def test_a_round_trip_does_not_count_the_guards_tables(guarded: Guarded) -> None:
    """They stay when a revision goes, and belong to none."""
    guarded.folder.revision(
        "r3",
        down="r2",
        module="from interlocking.upgrade import backfill",
        up='backfill(op, "r1", set={"name": "id::text"})',
    )
    project = guarded.folder.load(guarded.url.libpq())
    with ScratchDatabases(guarded.url) as databases:
        trip = round_trip(project, databases, ("r1", "r2", "r3"))

    assert [(True, ())] * 3 == [(each.ok, tuple(each.differences)) for each in trip.revisions]
