"""Patience: the migration waits for the application, never the other way round."""

from __future__ import annotations

import threading
import time

import psycopg2
import pytest

from tests.upgrade.guard.histories import History, rows, session, until

ADD = 'op.execute("ALTER TABLE a ADD COLUMN note text")'


@pytest.fixture
def with_table(history: History) -> History:
    """A table with a row, and a revision that alters it."""
    history.revision("one", 'op.execute("CREATE TABLE a (id int PRIMARY KEY, n int); INSERT INTO a VALUES (1, 0)")')
    assert history.upgrade()[0] == 0
    history.revision("two", ADD)
    return history


class Stalls(threading.Thread):
    """Reads the table again and again on a connection of its own, and remembers the longest stall."""

    def __init__(self, url: str, sql: str = "SELECT count(*) FROM a") -> None:
        super().__init__(daemon=True)
        self._connection = psycopg2.connect(url)
        self._connection.autocommit = True
        self._sql = sql
        self._over = threading.Event()
        self.longest = 0.0
        self.reads = 0

    def run(self) -> None:
        with self._connection.cursor() as cursor:
            while not self._over.is_set():
                began = time.monotonic()
                cursor.execute(self._sql)
                self.longest = max(self.longest, time.monotonic() - began)
                self.reads += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_error) -> None:
        self._over.set()
        self.join()
        self._connection.close()


def test_a_reader_in_the_way_is_named_and_nobody_queues_behind_the_upgrade(with_table: History) -> None:
    """While a transaction of three seconds holds the table, others read it as if there were no upgrade."""
    with session(with_table.url, "SELECT * FROM a", "a report"), Stalls(with_table.url) as others:
        runner = with_table.start("upgrade", "head")
        until(lambda: "a report" in runner.said)
        time.sleep(2)
        assert with_table.heads == ["one"]
    released = time.monotonic()
    assert runner.wait() == 0, runner.said
    assert time.monotonic() - released < 1

    assert "AccessShareLock on a" in runner.said
    assert runner.said.count("a report") == 1
    assert others.longest < 0.5
    assert ["two"] == with_table.heads


def test_no_try_is_made_while_a_long_transaction_has_the_table(with_table: History) -> None:
    """One try shows who is in the way; the next is made when that is over."""
    with session(with_table.url, "SELECT * FROM a"):
        time.sleep(1)
        runner = with_table.start("upgrade", "head")
        until(lambda: "waiting for a lock" in runner.said)
        time.sleep(1)
    assert runner.wait() == 0

    assert "(2 tries, waited" in runner.said


def test_a_writer_that_never_stops_is_got_past(with_table: History) -> None:
    """Its transactions are short, and between two of them there is room."""
    with Stalls(with_table.url, "UPDATE a SET n = n + 1") as writer:
        status, said = with_table.upgrade()
    assert 0 == status, said
    assert writer.reads > 1
    assert writer.longest < 1


def test_a_deadlock_with_the_application_is_tried_again(history: History) -> None:
    """The server ends one of the two: the guard's revision runs again from its top."""
    history.revision("one", 'op.execute("CREATE TABLE a (id int); CREATE TABLE b (id int)")')
    assert history.upgrade()[0] == 0
    history.revision(
        "two",
        """
        op.execute("SET LOCAL lock_timeout = '20s'; SET LOCAL deadlock_timeout = '10ms'")
        op.execute("ALTER TABLE a ADD COLUMN x int")
        op.execute("ALTER TABLE b ADD COLUMN x int")
        """,
    )
    with session(history.url, "SET deadlock_timeout = '10min'; LOCK TABLE b IN ACCESS SHARE MODE") as application:
        runner = history.start("upgrade", "head")
        held = "SELECT 1 FROM pg_locks WHERE relation = 'a'::regclass AND mode = 'AccessExclusiveLock' AND granted"
        until(lambda: history.rows(held))
        application.cursor().execute("SELECT * FROM a")  # waits for the upgrade, which waits for us
        application.rollback()
    assert runner.wait() == 0, runner.said

    assert ["two"] == history.heads
    assert "1 try" not in runner.said.partition("applied two")[2]


def test_patience_has_an_end(with_table: History) -> None:
    """The error names who was in the way, nothing was changed, exit 4."""
    with session(with_table.url, "SELECT * FROM a", "a report"):
        status, said = with_table.upgrade(patience="300ms")

    assert 4 == status
    assert "a lock could not be had" in said
    assert "a report" in said.partition("in the way")[2]
    assert ["one"] == with_table.heads


def test_a_revision_that_swallows_the_lock_failure_is_not_recorded_as_applied(with_table: History) -> None:
    """What it did not get it has not done."""
    with_table.revision(
        "two",
        """
        try:
            with op.get_bind().begin_nested():
                op.execute("ALTER TABLE a ADD COLUMN note text")
        except sa.exc.OperationalError:
            pass
        """,
    )
    with session(with_table.url, "SELECT * FROM a"):
        runner = with_table.start("upgrade", "head")
        until(lambda: "waiting for a lock" in runner.said)
    assert runner.wait() == 0, runner.said

    assert [("note",)] == with_table.rows(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'a' AND column_name = 'note'"
    )


def test_a_blocker_is_ended_only_when_the_setting_says_so(with_table: History) -> None:
    """And only when its transaction is that old."""
    with session(with_table.url, "SELECT * FROM a", "a report") as blocker:
        status, said = with_table.upgrade(terminate_blockers="1s")
        with pytest.raises(psycopg2.Error):
            blocker.cursor().execute("SELECT 1")

    assert 0 == status, said
    assert "ending its session" in said


def test_the_time_outs_are_set_and_the_connections_are_named(with_table: History) -> None:
    """As the settings say."""
    with_table.revision(
        "two",
        """
        names = "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"
        op.execute("CREATE TABLE seen (name text, value text)")
        for name in names:
            op.execute(f"INSERT INTO seen SELECT '{name}', current_setting('{name}')")
        op.execute("INSERT INTO seen SELECT 'application_name', application_name FROM pg_stat_activity "
                   "WHERE datname = current_database() AND application_name LIKE 'deploy%' ORDER BY 2")
        """,
    )
    status, said = with_table.upgrade(lock_timeout="7ms", statement_timeout="2min", application_name="deploy")
    assert 0 == status, said

    seen = rows(with_table.url, "SELECT name, value FROM seen")
    assert [
        ("lock_timeout", "7ms"),
        ("statement_timeout", "2min"),
        ("idle_in_transaction_session_timeout", "5min"),
    ] == seen[:3]
    assert 2 == len(seen[3:])
