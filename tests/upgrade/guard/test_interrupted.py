"""Signals, lost connections, restarts: what became of the revision is known, and said."""

from __future__ import annotations

import signal

import pytest

from interlocking.postgres.cluster import start, stop
from tests.servers import Server, programs_of, temporary_server
from tests.upgrade.guard.histories import History
from tests.waiting import wait_until

SLEEP = 'op.execute("CREATE TABLE b (id int)")\nop.execute("SELECT pg_sleep(600)")'
SLEEPING = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600%' AND state = 'active'"
# Cuts the migrating connection before or after the COMMIT that records a revision.
_CUT = """
import psycopg2

def cut():
    killer = psycopg2.connect(engine.url.set(drivername="postgresql").render_as_string(hide_password=False))
    killer.autocommit = True
    killer.cursor().execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid IN"
                            " (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)"
                            " AND application_name = 'interlocking'")
    killer.close()

class Cut(psycopg2.extensions.connection):
    def commit(self):
        version = "{revision}"
        with self.cursor() as cursor:
            cursor.execute("SELECT to_regclass('alembic_version') IS NOT NULL")
            there = cursor.fetchone()[0]
            cursor.execute("SELECT version_num FROM alembic_version" if there else "SELECT ''")
            now = cursor.fetchone() or ("",)
        if now[0] == version and "{when}" == "before":
            cut()
        super().commit()
        if now[0] == version and "{when}" == "after":
            cut()
            self.cursor().execute("SELECT 1")

engine = create_engine(os.environ["TEST_URL"], connect_args={{"connection_factory": Cut}})
"""


@pytest.fixture
def two(history: History) -> History:
    """Two revisions, of which the second sleeps."""
    history.revision("one", 'op.execute("CREATE TABLE a (id int)")')
    history.revision("two", SLEEP)
    return history


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_statement_and_the_place_is_said(two: History, number: int) -> None:
    """At once, although the driver waits in C for the server."""
    runner = two.start("upgrade", "head")
    wait_until(lambda: two.rows(SLEEPING))
    runner.send(number)
    assert 128 + number == runner.wait(), runner.said

    assert "two was rolled back; the database is at one" in runner.said
    assert [] == two.rows(SLEEPING)
    assert ["one"] == two.heads
    assert [] == two.rows("SELECT 1 FROM pg_tables WHERE tablename = 'b'")


def test_a_signal_while_waiting_for_the_turn_changes_nothing(two: History) -> None:
    """There is nothing to undo."""
    first = two.start("upgrade", "head")
    wait_until(lambda: two.rows(SLEEPING))
    second = two.start("upgrade", "head")
    wait_until(lambda: "waiting for another upgrade" in second.said)
    second.send(signal.SIGTERM)
    assert 143 == second.wait()
    first.send(signal.SIGTERM)
    first.wait()

    assert "nothing was changed" in second.said


def test_a_session_that_is_ended_rolls_back(two: History) -> None:
    """By an administrator, or a failing network."""
    runner = two.start("upgrade", "head")
    wait_until(lambda: two.rows(SLEEPING))
    two.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600%' AND state = 'active'"
    )

    assert 5 == runner.wait()
    assert "the connection to the database was lost while two ran" in runner.said
    assert "two was rolled back; the database is at one" in runner.said


@pytest.mark.parametrize(
    ("when", "fate"),
    [
        ("before", "one was rolled back; the database is at base"),
        ("after", "one was committed; the database is at one"),
    ],
)
def test_a_connection_cut_around_the_commit_is_no_maybe(two: History, when: str, fate: str) -> None:
    """The version table is read on a new connection, after the old session is gone for certain."""
    two.env(before=_CUT.format(revision="one", when=when))

    status, said = two.upgrade()

    assert ({"before": 4, "after": 5}[when]) == status, said
    assert fate in said


def test_a_connection_cut_after_the_last_commit_is_no_failure(history: History) -> None:
    """All that was asked for is done."""
    history.revision("one", 'op.execute("CREATE TABLE a (id int)")')
    history.env(before=_CUT.format(revision="one", when="after"))

    status, said = history.upgrade()

    assert (0, ["one"]) == (status, history.heads), said
    assert "had been committed: all is done" in said


@pytest.mark.parametrize("version", ["18", "15"])
def test_a_server_that_restarts_in_the_middle_is_waited_for(version: str, tmp_path) -> None:
    """And asked what it has committed; the rerun reaches the head."""
    with temporary_server(programs_of(version), version=version) as server:
        history = restartable(server, tmp_path)
        runner = history.start("upgrade", "head", reconnect="10min")
        wait_until(lambda: history.rows(SLEEPING))
        stop(server.cluster)
        wait_until(lambda: "the server does not answer" in runner.said)
        start(server.cluster)

        assert 5 == runner.wait(), runner.said
        assert "two was rolled back; the database is at one" in runner.said
        history.revision("two", 'op.execute("CREATE TABLE b (id int)")')
        assert 0 == history.upgrade()[0]
        assert ["two"] == history.heads


def restartable(server: Server, folder) -> History:
    history = History(folder / "project", server.make_database())
    history.revision("one", 'op.execute("CREATE TABLE a (id int)")')
    history.revision("two", SLEEP)
    return history


def test_a_server_that_stays_away_is_said_to(two: History) -> None:
    """Nobody can know then; the error says what to ask when it is back."""
    two.env(
        before=_CUT.format(revision="one", when="before")
        + """
_connect = engine.pool.recreate
class Away(Exception):
    pass
def refuse(*_):
    if os.path.exists("away"):
        raise psycopg2.OperationalError("connection refused")
event.listen(engine, "do_connect", refuse)
_cut = cut
def cut():
    _cut()
    open("away", "w").close()
"""
    )

    status, said = two.upgrade(reconnect="200ms")

    assert 4 == status, said
    assert "the server did not come back within 200 ms" in said


def test_a_user_who_may_only_read_is_told_so(two: History) -> None:
    """Nothing was changed, exit 4."""
    url = two.url + "?options=-c%20default_transaction_read_only%3Don"

    status, said = two.run("upgrade", "head", url=url)

    assert 4 == status, said
    assert "read-only transaction" in said
    assert "Traceback" not in said


def test_a_mistake_in_a_revision_is_shown_with_its_line(two: History) -> None:
    """What came before stays, and the place is said."""
    two.revision("two", 'op.execute("CREATE TABLE b (id int)")\nraise KeyError("oops")')

    status, said = two.upgrade()

    assert 5 == status
    assert "two failed in its upgrade: KeyError: 'oops' (two.py:13)" in said
    assert "Traceback" in said
    assert "two was rolled back; the database is at one" in said


def test_an_answer_of_the_database_needs_no_traceback(two: History) -> None:
    """The sentence of the server and the line say it all."""
    two.revision("two", 'op.execute("CREATE TABLE a (id int)")')

    status, said = two.upgrade()

    assert 5 == status
    assert 'relation "a" already exists (two.py:12)' in said
    assert "Traceback" not in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("way", ["contextlib.nullcontext()", "op.get_bind().begin_nested()"])
def test_a_revision_that_swallows_the_signal_is_not_committed(two: History, number: int, way: str) -> None:
    """Nor is the failure taken for one of its own."""
    two.revision(
        "two",
        f"""
        import contextlib
        op.execute("CREATE TABLE b (id int)")
        try:
            with {way}:
                op.execute("SELECT pg_sleep(600)")
        except BaseException:
            pass
        op.execute("CREATE TABLE c (id int)")
        """,
    )
    runner = two.start("upgrade", "head")
    wait_until(lambda: two.rows(SLEEPING))
    runner.send(number)

    assert 128 + number == runner.wait(), runner.said
    assert "two was rolled back; the database is at one" in runner.said
    assert (["one"], []) == (two.heads, two.rows("SELECT 1 FROM pg_tables WHERE tablename IN ('b', 'c')"))
