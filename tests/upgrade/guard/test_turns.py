"""One upgrade at a time, from however many places."""

from __future__ import annotations

import signal

import pytest

from tests.upgrade.guard.histories import History, session
from tests.waiting import wait_until

COUNTED = "op.execute(\"INSERT INTO ran VALUES ('{}')\")"


@pytest.fixture
def counting(history: History) -> History:
    """Three revisions that count how often each was run; the first makes the table."""
    history.revision("one", 'op.execute("CREATE TABLE ran (revision text)")\n' + COUNTED.format("one"))
    history.revision("two", COUNTED.format("two"))
    history.revision("three", COUNTED.format("three"))
    return history


@pytest.mark.parametrize("runners", [2, 10])
def test_each_revision_is_applied_exactly_once(counting: History, runners: int) -> None:
    """By whoever comes first; the others find nothing to do."""
    started = [counting.start("upgrade", "head") for _ in range(runners)]

    assert [0] * runners == [each.wait() for each in started], [each.said for each in started]
    assert [("one", 1), ("three", 1), ("two", 1)] == counting.rows(
        "SELECT revision, count(*) FROM ran GROUP BY 1 ORDER BY 1"
    )
    assert 3 == sum(each.said.count("] applied ") for each in started)
    assert ["three"] == counting.heads


SLOW = """
op.execute("CREATE TABLE ran (revision text)")
op.execute("SELECT pg_advisory_lock(1)")
"""


def test_the_second_runner_says_whom_it_waits_for_and_finds_nothing_left(history: History) -> None:
    """The first is held up by a lock of the test."""
    history.revision("one", "op.execute(\"SET LOCAL lock_timeout = '60s'\")\n" + SLOW)
    with session(history.url, "SELECT pg_advisory_lock(1)"):
        first = history.start("upgrade", "head")
        wait_until(lambda: history.rows("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
        second = history.start("upgrade", "head")
        wait_until(lambda: "waiting for another upgrade" in second.said)
        third = history.run("upgrade", "head", turn_wait="100ms")
    assert (0, 0) == (first.wait(), second.wait())

    assert "interlocking on" in second.said
    assert "since" in second.said
    assert "nothing is left to do: the database is at one" in second.said
    assert 4 == third[0]
    assert "another upgrade of this database did not end within 100 ms" in third[1]


def test_a_session_that_a_killed_runner_left_is_ended_first(history: History) -> None:
    """The server does not notice that its client is gone while it works, and would commit afterwards."""
    history.revision("one", 'op.execute("SET lock_timeout = \'60s\'")\nop.execute("SELECT pg_sleep(60)")')
    killed = history.start("upgrade", "head")
    wait_until(
        lambda: history.rows("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'")
    )
    killed.send(signal.SIGKILL)
    killed.wait()
    history.revision("one", 'op.execute("CREATE TABLE a ()")')

    status, said = history.upgrade()

    assert (0, ["one"]) == (status, history.heads), said
    assert "ending the session that an interrupted upgrade left behind" in said


def test_the_lock_survives_an_autocommit_block_and_reading_needs_no_turn(history: History) -> None:
    """`current` answers while an upgrade runs."""
    history.revision(
        "one",
        """
        op.execute("CREATE TABLE a (id int)")
        with op.get_context().autocommit_block():
            op.execute("CREATE INDEX CONCURRENTLY ix_a ON a (id)")
        op.execute("SET lock_timeout = '60s'")
        op.execute("SELECT pg_advisory_lock(1)")
        """,
    )
    with session(history.url, "SELECT pg_advisory_lock(1)"):
        first = history.start("upgrade", "head")
        wait_until(lambda: history.rows("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
        assert 0 == history.run("current")[0]
        second = history.run("upgrade", "head", turn_wait="1ms")
    assert 0 == first.wait(), first.said

    assert 4 == second[0]
