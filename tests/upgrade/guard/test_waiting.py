"""Patience: the migration waits for the application, never the other way round."""

from __future__ import annotations

import re
import textwrap
import threading
from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2 import sql

from interlocking.postgres.url import parse
from tests.servers import Server
from tests.upgrade.guard.histories import History, rows, session
from tests.upgrade.guard.traffic import clients
from tests.waiting import wait_until

COUNTED = "op.get_bind().exec_driver_sql(\"SELECT nextval('tries')\")\n"  # a rollback does not take it back
ADD = COUNTED + 'op.execute("ALTER TABLE a ADD COLUMN note text")'
READ = "SELECT count(*) FROM a"


@pytest.fixture
def with_table(history: History) -> History:
    """A table with rows, and a revision that alters it and counts its tries."""
    history.revision("one", 'op.execute("CREATE TABLE a (id int PRIMARY KEY, n int); CREATE SEQUENCE tries")')
    assert history.upgrade()[0] == 0
    history.rows("INSERT INTO a SELECT g, 0 FROM generate_series(1, 3) g")
    history.revision("two", ADD)
    return history


def tries(history: History) -> int:
    ((number,),) = history.rows("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM tries")
    return int(number)


def polled(history: History, times: int) -> None:
    """Wait until the guard has asked so often who is in the way."""
    seen: set[object] = set()

    def asked() -> bool:
        sql = "SELECT query_start FROM pg_stat_activity WHERE application_name LIKE 'interlocking on %'"
        seen.update(when for (when,) in history.rows(sql))
        return len(seen) > times

    wait_until(asked)


def test_nobody_queues_behind_an_upgrade_that_waits_for_a_reader(with_table: History) -> None:
    """Try after try while a transaction has the table; the others read it as if there were no upgrade."""
    with session(with_table.url, READ, "a report"), clients(with_table.url, READ, READ) as others:
        runner = with_table.start("upgrade", "head", long_transaction="1h")
        wait_until(lambda: tries(with_table) >= 15)
        assert ["one"] == with_table.heads
    assert runner.wait() == 0, runner.said

    assert [] == [failure for each in others for failure in each.failures]
    assert 1 == runner.said.count("a report")
    assert "AccessShareLock on a" in runner.said
    assert ["two"] == with_table.heads


def test_behind_plain_alembic_everybody_queues(with_table: History) -> None:
    """What the guard is for, and the proof that the clients of these tests would notice."""
    with_table.env(plain=True)
    with session(with_table.url, READ), clients(with_table.url, READ, longest="500ms") as (other,):
        runner = with_table.start("upgrade", "head")
        wait_until(lambda: other.failures)
    assert runner.wait() == 0, runner.said

    assert {"55P03"} == {failure.pgcode for failure in other.failures}


def test_no_try_is_made_while_a_long_transaction_has_the_table(with_table: History) -> None:
    """One try shows who is in the way and what it does; the next is made when that is over."""
    with session(with_table.url, READ):
        runner = with_table.start("upgrade", "head", long_transaction="1ms")
        polled(with_table, 5)
        assert 1 == tries(with_table)
    assert runner.wait() == 0, runner.said

    assert 2 == tries(with_table)
    assert "(2 tries, waited" in runner.said
    assert "; idle in transaction for " in runner.said


def test_a_long_query_in_the_way_is_named_with_what_it_runs(with_table: History) -> None:
    """To whoever reads the log it is the difference between waiting and asking somebody."""
    with session(with_table.url) as report:
        query = threading.Thread(target=_until_cancelled, args=(report, "SELECT pg_sleep(60) FROM a"))
        query.start()
        wait_until(lambda: with_table.rows("SELECT 1 FROM pg_locks WHERE relation = 'a'::regclass"))
        runner = with_table.start("upgrade", "head")
        wait_until(lambda: "waiting for a lock" in runner.said)
        with_table.rows(f"SELECT pg_cancel_backend({report.info.backend_pid})")
        query.join()
    assert runner.wait() == 0, runner.said

    assert "; active for " in runner.said
    assert "AccessShareLock on a: SELECT pg_sleep(60) FROM a" in runner.said


def _until_cancelled(connection, sql: str) -> None:
    with pytest.raises(psycopg2.errors.QueryCanceled):
        connection.cursor().execute(sql)


def test_writers_that_never_stop_are_got_past(with_table: History) -> None:
    """Their transactions are short, and between two of them there is room."""
    writes = [f"UPDATE a SET n = n + 1 WHERE id = {number}" for number in (1, 2, 3)]
    with clients(with_table.url, *writes) as writers:
        wait_until(lambda: all(each.done for each in writers))
        status, said = with_table.upgrade()
    assert 0 == status, said

    assert [] == [failure for each in writers for failure in each.failures]


def test_the_application_comes_out_of_a_deadlock_with_the_upgrade(history: History) -> None:
    """Each has what the other wants: the upgrade lets go, so that the server, which looks late, ends none of them."""
    _look_for_deadlocks_after(history, "1h")
    _two_tables(history, wait="", before="")
    application_waits = "SET lock_timeout = '2min'; LOCK TABLE b IN ACCESS SHARE MODE"
    with session(history.url, application_waits) as application:
        runner = history.start("upgrade", "head", long_transaction="1h")
        wait_until(lambda: tries(history) >= 2)
        for _ in range(5):
            application.cursor().execute("SELECT * FROM a")
        application.commit()
    assert runner.wait() == 0, runner.said

    assert ["two"] == history.heads


def test_a_deadlock_that_the_server_ended_is_tried_again(history: History) -> None:
    """It ends the upgrade's session, whose revision runs again from its top."""
    _two_tables(
        history,
        before="op.execute(\"SET LOCAL lock_timeout = '60s'; SET LOCAL deadlock_timeout = '10ms'\")",
        wait="""
        while first and not op.get_bind().exec_driver_sql(
            "SELECT 1 FROM pg_locks WHERE relation = 'a'::regclass AND NOT granted").first():
            pass
        """,
    )
    with session(history.url, "SET deadlock_timeout = '1h'; LOCK TABLE b IN ACCESS SHARE MODE") as application:
        runner = history.start("upgrade", "head")
        held = "SELECT 1 FROM pg_locks WHERE relation = 'a'::regclass AND mode = 'AccessExclusiveLock' AND granted"
        wait_until(lambda: history.rows(held))
        application.cursor().execute("SELECT * FROM a")  # waits for the upgrade, which waits for us
        application.rollback()
    assert runner.wait() == 0, runner.said

    assert (["two"], 2) == (history.heads, tries(history))


def _look_for_deadlocks_after(history: History, time: str) -> None:
    """Let the sessions that begin from now on wait so long for a lock before the server looks who blocks whom."""
    history.rows(f"ALTER DATABASE {parse(history.url).database} SET deadlock_timeout = '{time}'")


def _two_tables(history: History, *, before: str, wait: str) -> None:
    history.revision("one", 'op.execute("CREATE TABLE a (id int); CREATE TABLE b (id int); CREATE SEQUENCE tries")')
    assert history.upgrade()[0] == 0
    counted = "first = op.get_bind().exec_driver_sql(\"SELECT nextval('tries')\").scalar() == 1"
    alter = [f'op.execute("ALTER TABLE {name} ADD COLUMN x int")' for name in "ab"]
    history.revision("two", "\n".join([before, counted, alter[0], textwrap.dedent(wait), alter[1]]))


def test_patience_has_an_end(with_table: History) -> None:
    """The error names who was in the way, who is left alone; nothing was changed, exit 4."""
    with session(with_table.url, READ, "a report") as blocker:
        status, said = with_table.upgrade(patience="300ms")
        blocker.cursor().execute(READ)

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
    with session(with_table.url, READ):
        runner = with_table.start("upgrade", "head")
        wait_until(lambda: "waiting for a lock" in runner.said)
    assert runner.wait() == 0, runner.said

    assert [("note",)] == with_table.rows(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'a' AND column_name = 'note'"
    )


def test_a_database_that_another_program_moves_meanwhile_is_left_alone(with_table: History) -> None:
    """What was planned may be done already, and would be done twice."""
    with_table.revision("two", 'op.execute("ALTER TABLE a ADD COLUMN note text")')
    with session(with_table.url, READ):
        runner = with_table.start("upgrade", "head")
        wait_until(lambda: "waiting for a lock" in runner.said)
        with_table.rows("UPDATE alembic_version SET version_num = 'two'")
    assert runner.wait() == 3, runner.said

    assert "the database moved from one to two meanwhile" in runner.said
    assert [] == with_table.rows("SELECT 1 FROM information_schema.columns WHERE column_name = 'note'")


def test_a_blocker_is_ended_only_when_the_setting_says_so(with_table: History) -> None:
    """And only when its transaction is that old."""
    with session(with_table.url, READ, "a report") as blocker:
        status, said = with_table.upgrade(terminate_blockers="1h", patience="300ms")
        assert 4 == status, said
        blocker.cursor().execute(READ)
        status, said = with_table.upgrade(terminate_blockers="1ms")
        with pytest.raises(psycopg2.Error):
            blocker.cursor().execute("SELECT 1")

    assert 0 == status, said
    assert "ending its session, as terminate_blockers says" in said


def test_a_role_that_may_neither_see_nor_end_others_goes_on_trying(with_table: History, role: str) -> None:
    """Of another role's session it knows the name alone, and not that it is long."""
    name = parse(role).user
    with_table.rows(f"GRANT ALL ON alembic_version, tries TO {name}; ALTER TABLE a OWNER TO {name}")
    with session(with_table.url, READ, "a report"):
        runner = with_table.start("upgrade", "head", url=role, terminate_blockers="1ms")
        wait_until(lambda: tries(with_table) >= 3)
    assert runner.wait() == 0, runner.said

    assert "a report" in runner.said
    assert "prepared transaction" not in runner.said


@pytest.fixture
def vacuumed(with_table: History, server: Server) -> Iterator[History]:
    """A table that an autovacuum worker needs minutes for; it has begun."""
    server.execute(sql.SQL("ALTER SYSTEM SET autovacuum_naptime = '1s'"))
    server.execute(sql.SQL("SELECT pg_reload_conf()"))
    with_table.rows(
        "ALTER TABLE a SET (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0,"
        " autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, autovacuum_analyze_threshold = 1000000)"
    )
    with_table.rows("INSERT INTO a SELECT g, 0 FROM generate_series(4, 50000) g")
    with_table.rows("UPDATE a SET n = 1")
    wait_until(lambda: workers(with_table))
    yield with_table
    server.execute(sql.SQL("ALTER SYSTEM RESET autovacuum_naptime"))
    server.execute(sql.SQL("SELECT pg_reload_conf()"))


def workers(history: History) -> list[tuple]:
    return history.rows(
        "SELECT pid FROM pg_stat_activity JOIN pg_locks USING (pid)"
        " WHERE backend_type = 'autovacuum worker' AND relation = 'a'::regclass"
    )


def test_an_autovacuum_worker_in_the_way_is_told_apart(vacuumed: History) -> None:
    """It is waited for, or cancelled, or given one try that lasts until it yields: as the setting says."""
    _look_for_deadlocks_after(vacuumed, "1h")
    before = workers(vacuumed)
    waiting = vacuumed.start("upgrade", "head", patience="500ms")
    assert 4 == waiting.wait(), waiting.said
    assert "autovacuum worker" in waiting.said.partition("in the way")[2]
    assert before == workers(vacuumed)

    _look_for_deadlocks_after(vacuumed, "1s")
    longer = vacuumed.start("upgrade", "head", autovacuum="longer-try")
    assert 0 == longer.wait(), longer.said
    assert re.search(r"\((?!1 )\d+ tr", longer.said), longer.said

    wait_until(lambda: workers(vacuumed))
    vacuumed.revision("three", 'op.execute("ALTER TABLE a ADD COLUMN other text")')
    cancelling = vacuumed.start("upgrade", "head", autovacuum="cancel")
    assert 0 == cancelling.wait(), cancelling.said
    assert "cancelling autovacuum, as the setting says" in cancelling.said


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
