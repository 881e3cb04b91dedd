"""`kill -9`, Ctrl-C and SIGTERM at every statement of an upgrade that changes anything; then a rerun."""

from __future__ import annotations

import re
import signal

import pytest

from interlocking.postgres.catalog import take_snapshot
from interlocking.postgres.connect import connect
from interlocking.postgres.url import parse
from tests.servers import Server
from tests.upgrade.guard.histories import History, session
from tests.waiting import wait_until

_MORTAL = """
import re, signal
import psycopg2.extensions

class Mortal(psycopg2.extensions.cursor):
    count = 0

    def execute(self, sql, *arguments):
        # What reads, sets or begins changes nothing: before it the database is as before the next statement that does.
        if not re.match(r"\\s*(SELECT|SHOW|SET|BEGIN)", str(sql), re.IGNORECASE):
            reached()
        super().execute(sql, *arguments)

def reached(_connection=None):
    Mortal.count += 1
    if Mortal.count == int(os.environ["AT"]):
        os.kill(os.getpid(), int(os.environ["SIGNAL"]))

engine = create_engine(os.environ["TEST_URL"], connect_args={"cursor_factory": Mortal})
event.listen(engine, "commit", reached)
"""
_EMPTY = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
_REPORT = "print('statements:', Mortal.count)"
_CERTAIN = re.compile(
    r"^(?:.*(?:was rolled back|was committed|goes on after them); )?the database is at (\w+)$", re.MULTILINE
)


def five_revisions(history: History) -> None:
    """Everything that commits in its own way."""
    history.revision(
        "one",
        'op.execute("CREATE TABLE a (id int PRIMARY KEY, n int)")\nop.execute("INSERT INTO a SELECT g, g FROM generate_series(1, 20) g")',
    )
    history.revision(
        "two",
        """
        op.execute("CREATE TYPE mood AS ENUM ('sad')")
        with op.get_context().autocommit_block():
            op.execute("ALTER TYPE mood ADD VALUE 'happy'")
            op.execute("CREATE INDEX CONCURRENTLY ix_a_n ON a (n)")
            op.execute("INSERT INTO a VALUES (21, 21)")
        op.execute("ALTER TABLE a ADD COLUMN feeling mood DEFAULT 'happy'")
        """,
    )
    history.revision(
        "three",
        'op.execute("UPDATE a SET n = n + 100")\nop.get_bind().commit()\nop.execute("UPDATE a SET n = n + 100 WHERE id = 1")',
    )
    history.revision(
        "four",
        'op.execute("INSERT INTO a VALUES (22, 22)")\nop.execute("COMMIT")\nop.execute("INSERT INTO a VALUES (23, 23)")',
    )
    history.revision(
        "five",
        """
        with op.get_context().autocommit_block():
            op.execute("DROP INDEX CONCURRENTLY ix_a_n")
            op.execute("CREATE UNIQUE INDEX CONCURRENTLY ux_a ON a (id, n)")
        """,
    )


def state(history: History) -> tuple[object, ...]:
    """The schema, the rows and the version."""
    with connect(parse(history.url)) as connection:
        schema = take_snapshot(connection, ignore=["public.interlocking_audit"])
    return schema, history.rows("SELECT * FROM a ORDER BY id"), history.heads


@pytest.fixture
def mortal(history: History) -> History:
    """A project whose runner sends itself SIGNAL before its statement number AT; a run to the end says how many there are."""
    history.settings.update(AT="0", SIGNAL=str(int(signal.SIGKILL)))
    history.env(before=_MORTAL)
    env = history.root / "migrations" / "env.py"
    env.write_text(f"{env.read_text()}\n{_REPORT}\n")
    five_revisions(history)
    return history


def undisturbed(history: History) -> tuple[tuple[object, ...], int]:
    """What a run to the end brings, and how many statements it has."""
    history.rows(_EMPTY)
    status, said = history.upgrade()
    assert 0 == status, said
    total = int(said.partition("statements: ")[2].split()[0])
    assert total > 50
    return state(history), total


def test_a_rerun_after_kill_brings_what_an_undisturbed_run_would_have(mortal: History, server: Server) -> None:
    """Wherever the first run was killed: the same schema, the same rows, each statement once."""
    expected, total = undisturbed(mortal)

    for number in range(1, total + 1, 1 if server.version == "18" else 2):
        mortal.rows(_EMPTY)
        killed, _ = mortal.upgrade(AT=str(number))
        status, said = mortal.upgrade()
        assert (-signal.SIGKILL, 0) == (killed, status), (number, said)
        assert expected == state(mortal), (number, said)


def test_an_interrupted_run_knows_where_it_stands(mortal: History, server: Server) -> None:
    """Wherever it was interrupted: what it says is what the version table holds, and a rerun brings the rest."""
    expected, total = undisturbed(mortal)
    turn = 5  # from here on it is the guard that hears the signal

    for number in range(turn + (server.version == "15"), total + 1, 5):
        sent = signal.SIGINT if number % 2 else signal.SIGTERM
        mortal.rows(_EMPTY)
        ended, said = mortal.upgrade(AT=str(number), SIGNAL=str(int(sent)))
        where = mortal.heads if mortal.rows("SELECT to_regclass('alembic_version')") != [(None,)] else []
        told = _CERTAIN.findall(said) or ["base"] * said.count("nothing was changed")
        assert (128 + sent, where or ["base"]) == (ended, told), (number, said)
        status, said = mortal.upgrade()
        assert (0, expected) == (status, state(mortal)), (number, said)


def test_a_runner_killed_while_an_index_is_built(history: History) -> None:
    """The server would go on building for a client that is gone: the next runner ends that, and builds it anew."""
    history.revision("one", 'op.execute("CREATE TABLE a (id int)")')
    history.upgrade()
    history.revision(
        "two",
        """
        with op.get_context().autocommit_block():
            op.execute("CREATE INDEX CONCURRENTLY ix_a ON a (id)")
        """,
    )
    with session(history.url, "INSERT INTO a VALUES (1)"):
        first = history.start("upgrade", "head")
        wait_until(lambda: history.rows("SELECT 1 FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'"))
        first.send(signal.SIGKILL)
        assert -signal.SIGKILL == first.wait()
        second = history.start("upgrade", "head")
        wait_until(lambda: "dropping the invalid index" in second.said)
    assert 0 == second.wait(), second.said

    assert "ending the session that an interrupted upgrade left behind" in second.said
    assert [(True,)] == history.rows("SELECT indisvalid FROM pg_index WHERE indrelid = 'a'::regclass")
    assert ["two"] == history.heads
