"""Behind PgBouncer: session locks mean nothing in transaction mode, and everything in session mode."""

from __future__ import annotations

import subprocess
import sys

import pytest

from interlocking.postgres.url import parse
from tests.upgrade.guard.histories import History, rows
from tests.upgrade.guard.poolers import pgbouncer
from tests.waiting import wait_until

# A process of their own: the runner is a fork of the test, which must not have threads that connect.
USERS = """
import sys, threading
import psycopg2

def use():
    while True:
        connection = psycopg2.connect(sys.argv[1])
        connection.cursor().execute("SELECT pg_sleep(0.002)")
        connection.close()

for _ in range(4):
    threading.Thread(target=use).start()
"""
USED = "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(0.002)'"


@pytest.fixture
def with_revision(history: History) -> History:
    history.revision("one", 'op.execute("CREATE TABLE a (id int)")', 'op.execute("DROP TABLE a")')
    return history


@pytest.mark.parametrize("size", [1, 20])
def test_transaction_mode_is_refused_before_anything_runs(with_revision: History, size: int) -> None:
    """With what to do about it; the pool's sessions are left as they were."""
    with_revision.rows(f"ALTER DATABASE {parse(with_revision.url).database} SET statement_timeout = '1min'")
    with pgbouncer(with_revision.url, "transaction", size=size) as pooled:
        status, said = with_revision.run("upgrade", "head", url=pooled)
        assert [("1min",)] == rows(pooled, "SELECT current_setting('statement_timeout')")

    assert 3 == status, said
    assert "the database URL leads to a pooler in transaction mode" in said
    assert "set INTERLOCKING_GUARD_DIRECT_URL" in said
    assert [] == with_revision.rows("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")
    assert [] == with_revision.rows("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'")


def test_transaction_mode_is_recognised_while_others_use_the_pool(with_revision: History) -> None:
    """They take and give back the sessions all the time."""
    with (
        pgbouncer(with_revision.url, "transaction", size=6) as pooled,
        subprocess.Popen([sys.executable, "-c", USERS, pooled]) as users,
    ):
        try:
            wait_until(lambda: with_revision.rows(USED))
            status, said = with_revision.run("upgrade", "head", url=pooled)
        finally:
            users.kill()

    assert 3 == status, said


def test_the_direct_url_is_used_where_there_is_one(with_revision: History) -> None:
    """Up and down, though the application's URL leads to the pooler."""
    with pgbouncer(with_revision.url, "transaction") as pooled:
        up, said = with_revision.run("upgrade", "head", url=pooled, direct_url=with_revision.url)
        assert (0, ["one"]) == (up, with_revision.heads), said
        down, said = with_revision.run("downgrade", "base", url=pooled, direct_url=with_revision.url)

    assert (0, []) == (down, with_revision.heads), said


def test_a_direct_url_to_another_database_is_refused(with_revision: History, make_history) -> None:
    """A forgotten variable of another environment must not migrate that one."""
    other = make_history()
    with pgbouncer(with_revision.url, "transaction") as pooled:
        status, said = with_revision.run("upgrade", "head", url=pooled, direct_url=other.url)

    assert 3 == status, said
    assert "direct_url leads to another database" in said
    assert [] == other.rows("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")


def test_session_mode_is_as_good_as_no_pooler(with_revision: History) -> None:
    """One upgrade at a time, through the pooler and beside it."""
    with pgbouncer(with_revision.url, "session") as pooled:
        through, beside = with_revision.start("upgrade", "head", url=pooled), with_revision.start("upgrade", "head")
        assert (0, 0) == (through.wait(), beside.wait()), through.said + beside.said

    assert 1 == (through.said + beside.said).count("applied one")
    assert ["one"] == with_revision.heads
