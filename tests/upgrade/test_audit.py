"""The audit on real servers: what a row says, when it is written, and what happens when it cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg2
import pytest
from psycopg2 import sql

from interlocking.postgres.connect import connect
from interlocking.postgres.session import Session
from interlocking.postgres.url import parse
from interlocking.upgrade.audit.origin import Origin
from interlocking.upgrade.audit.trail import Recorder, last_applied, last_rows
from tests.servers import Server

ORIGIN = Origin("alice", "laptop", "c" * 40)


class Audited:
    """A database, a recorder for it, and what it warned of."""

    def __init__(self, url: str) -> None:
        self.url = parse(url)
        self.opened: list[Session] = []
        self.warnings: list[str] = []
        self.recorder = self.another()

    def another(self, **options: object) -> Recorder:
        return Recorder(
            self._connect,
            **{"version_table": "alembic_version", "origin": ORIGIN, "warn": self.warnings.append, **options},
        )

    def rows(self) -> list:
        with connect(self.url) as connection:
            return list(reversed(last_rows(connection, 100)))

    def execute(self, statement: str) -> None:
        with connect(self.url) as connection:
            connection.cursor().execute(statement)

    def _connect(self) -> Session:
        self.opened.append(connect(self.url, application_name="interlocking audit"))
        return self.opened[-1]


@pytest.fixture
def audited(empty: str) -> Iterator[Audited]:
    case = Audited(empty)
    with case.recorder:
        yield case


def test_a_row_exists_before_the_work_and_is_finished_after_it(audited: Audited) -> None:
    """A crash in between leaves a trace."""
    earliest = datetime.now(UTC)
    attempt = audited.recorder.begin("r1", "upgrade", checksum="v1:a")
    (before,) = audited.rows()
    audited.recorder.finish(attempt, "applied", tries=3, waited=0.25)
    (after,) = audited.rows()

    assert ("running", None) == (before.outcome, before.seconds)
    assert ("r1", "upgrade", "v1:a", "applied", 3, 0.25, "") == (
        after.revision, after.direction, after.checksum, after.outcome, after.tries, after.waited, after.error,
    )  # fmt: skip
    latest = datetime.now(UTC)
    assert earliest <= after.started <= latest
    assert 0 < after.seconds <= (latest - earliest).total_seconds()


def test_an_end_may_wait_for_the_next_row_or_the_end_of_all(audited: Audited) -> None:
    """It travels with that one; nothing is left behind."""
    first = audited.recorder.begin("r1", "upgrade", checksum=None)
    audited.recorder.finish(first, "applied", tries=2, at_once=False)
    assert ["running"] == [row.outcome for row in audited.rows()]
    second = audited.recorder.begin("r2", "upgrade", checksum=None)
    assert [("r1", "applied", 2), ("r2", "running", 0)] == [
        (row.revision, row.outcome, row.tries) for row in audited.rows()
    ]
    audited.recorder.finish(second, "failed", error="no", at_once=False)
    audited.recorder.close()

    assert [("applied", ""), ("failed", "no")] == [(row.outcome, row.error) for row in audited.rows()]


def test_a_row_says_who_ran_it_and_where(audited: Audited) -> None:
    """The person or service, the database role, the host and the commit."""
    audited.recorder.begin("r1", "upgrade", checksum=None)
    (row,) = audited.rows()

    assert (f"alice as {audited.url.user}", "laptop", "c" * 40) == (row.actor, row.host, row.git_commit)


def test_secrets_do_not_reach_the_table(audited: Audited) -> None:
    """An error text may quote a URL."""
    attempt = audited.recorder.begin("r1", "upgrade", checksum=None)
    audited.recorder.finish(attempt, "failed", error="cannot reach postgresql://bob:hunter22@db/shop")
    (row,) = audited.rows()

    assert "postgresql://bob:***@db/shop" in row.error


def test_the_migrations_rollback_does_not_take_the_row_away(audited: Audited) -> None:
    """It is written on another connection."""
    with connect(audited.url, autocommit=False) as migration:
        migration.cursor().execute("CREATE TABLE t (id int)")
        audited.recorder.finish(audited.recorder.begin("r1", "upgrade", checksum=None), "failed", error="boom")
        migration.rollback()

    assert ["failed"] == [row.outcome for row in audited.rows()]


@pytest.mark.parametrize(
    ("direction", "applied", "outcome"),
    [
        ("upgrade", ["r1"], "applied"),
        ("upgrade", [], "interrupted"),
        ("downgrade", [], "applied"),
        ("downgrade", ["r1"], "interrupted"),
    ],
)
def test_the_row_of_a_vanished_runner_gets_what_really_happened(audited: Audited, direction, applied, outcome) -> None:
    """The version table knows."""
    audited.recorder.begin("r1", direction, checksum=None)

    assert 1 == audited.another().close_stale(applied)
    assert [outcome] == [row.outcome for row in audited.rows()]
    assert 0 == audited.another().close_stale(applied)


def test_another_applications_running_row_is_left_alone(audited: Audited) -> None:
    """Two applications with a version table each may share a database."""
    audited.another(version_table="other.alembic_version").begin("r1", "upgrade", checksum=None)

    assert 0 == audited.recorder.close_stale([])
    assert ["running"] == [row.outcome for row in audited.rows()]


def test_the_last_applied_row_of_a_revision_counts(audited: Audited) -> None:
    """Failures say nothing about the file that was applied; a signature does."""
    recorder = audited.recorder
    recorder.finish(recorder.begin("r1", "upgrade", checksum="v1:a"), "applied")
    recorder.finish(recorder.begin("r1", "upgrade", checksum="v1:b"), "failed")
    recorder.finish(recorder.begin("r2", "upgrade", checksum="v1:c"), "applied")
    recorder.accept("r2", checksum="v1:d")
    with connect(audited.url) as connection:
        found = last_applied(connection, "alembic_version")

    assert {"r1": "v1:a", "r2": "v1:d"} == {id_: row.checksum for id_, row in found.items()}
    assert "accepted" == found["r2"].kind


def test_without_an_audit_there_are_no_rows(audited: Audited) -> None:
    """Reading makes nothing."""
    assert [] == audited.rows()
    with connect(audited.url) as connection:
        assert {} == last_applied(connection, "alembic_version")


def test_it_can_have_a_schema_of_its_own(audited: Audited) -> None:
    """The schema is made with the table, and readers find it unasked."""
    audited.another(schema="keeper").begin("r1", "upgrade", checksum=None)

    assert ["r1"] == [row.revision for row in audited.rows()]
    audited.execute("SELECT 1 FROM keeper.interlocking_audit")


def test_many_first_runners_make_one_table(audited: Audited) -> None:
    """Two CREATE TABLE IF NOT EXISTS at once can fail on a unique index of the catalog; ours wait for each other."""
    recorders = [audited.another() for _ in range(4)]
    with connect(audited.url, autocommit=False) as holder:
        from threading import Thread

        holder.cursor().execute("SELECT pg_advisory_xact_lock(%s)", (0x696C6B61,))
        threads = [Thread(target=each.begin, args=("r", "upgrade"), kwargs={"checksum": None}) for each in recorders]
        for thread in threads:
            thread.start()
        holder.commit()
        for thread in threads:
            thread.join()
    for each in recorders:
        each.close()

    assert 4 == len(audited.rows())
    assert [] == audited.warnings


def test_a_role_that_may_not_make_tables_is_warned_once(server: Server, audited: Audited) -> None:
    """The migration goes on."""
    role = make_role(server, audited)
    recorder = Recorder(
        lambda: psycopg2.connect(role), version_table="alembic_version", origin=ORIGIN, warn=audited.warnings.append
    )
    with recorder:
        for revision in ("r1", "r2"):
            recorder.finish(recorder.begin(revision, "upgrade", checksum=None), "applied")

    assert 1 == len(audited.warnings)
    assert "permission denied" in audited.warnings[0]
    assert [] == audited.rows()


def test_a_role_that_may_not_read_it_sees_no_rows(server: Server, audited: Audited) -> None:
    """`db.status` works with a reader's role."""
    audited.recorder.begin("r1", "upgrade", checksum=None)
    connection = psycopg2.connect(make_role(server, audited))

    try:
        assert () == last_rows(connection)
    finally:
        connection.close()


def test_a_lost_connection_is_replaced(audited: Audited) -> None:
    """A server that restarts between two revisions costs no row."""
    attempt = audited.recorder.begin("r1", "upgrade", checksum=None)
    audited.execute(
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE application_name = 'interlocking audit'"
    )
    audited.recorder.finish(attempt, "applied")

    assert ["applied"] == [row.outcome for row in audited.rows()]
    assert [] == audited.warnings


def test_a_server_that_is_gone_is_a_warning(audited: Audited) -> None:
    """Whatever happened to the audit, the migration's own error is the one to show."""

    def nowhere() -> None:
        raise psycopg2.OperationalError("connection refused")

    recorder = audited.another()
    recorder._connect = nowhere
    recorder.finish(recorder.begin("r1", "upgrade", checksum=None), "applied")

    assert ["no audit is written: connection refused"] == audited.warnings


def test_a_locked_audit_does_not_stop_the_migration(audited: Audited) -> None:
    """Someone holds the table for long: the row is given up after two tries of a bounded wait."""
    audited.recorder.begin("r1", "upgrade", checksum=None)
    audited.opened[0].cursor().execute("SET lock_timeout = '50ms'")
    with connect(audited.url, autocommit=False) as holder:
        holder.cursor().execute("LOCK TABLE interlocking_audit")
        patient = audited.another()
        patient._connect = lambda: _impatient(audited)
        patient.begin("r2", "upgrade", checksum=None)

    assert ["no audit is written: canceling statement due to lock timeout"] == audited.warnings


def _impatient(audited: Audited):
    """A connection on which the recorder's own two seconds are shortened for the test."""

    class Quick(Session):
        def cursor(self, *args, **options):
            made = super().cursor(*args, **options)
            made.execute("SET lock_timeout = '20ms'")
            return made

    return psycopg2.connect(audited.url.libpq(), connection_factory=Quick)


def make_role(server: Server, audited: Audited) -> str:
    """Make a role that may connect and nothing else; return its URL."""
    name = f"reader_{audited.url.database}"
    server.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'reading'").format(sql.Identifier(name)))
    audited.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    url = audited.url
    return f"postgresql://{name}:reading@{url.host}:{url.port}/{url.database}"
