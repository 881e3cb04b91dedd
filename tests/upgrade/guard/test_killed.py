"""`kill -9` before every statement of an upgrade that changes anything, on whatever connection; then a rerun."""

from __future__ import annotations

import pytest

from interlocking.postgres.catalog import take_snapshot
from interlocking.postgres.connect import connect
from interlocking.postgres.url import parse
from tests.servers import Server
from tests.upgrade.guard.histories import History

_SCARCE = """
import signal
import psycopg2.extensions

class Mortal(psycopg2.extensions.cursor):
    count = 0

    def execute(self, *arguments):
        if not str(arguments[0]).lstrip().startswith("SELECT"):  # before one of these it is as before the next of the others
            Mortal.count += 1
        if Mortal.count == int(os.environ["DIE_AT"]):
            os.kill(os.getpid(), signal.SIGKILL)
        super().execute(*arguments)

engine = create_engine(os.environ["TEST_URL"], connect_args={"cursor_factory": Mortal})

def die_at_commit(_connection):
    Mortal.count += 1
    if Mortal.count == int(os.environ["DIE_AT"]):
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(engine, "commit", die_at_commit)

"""
_EMPTY = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
_REPORT = "print('statements:', Mortal.count)"


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
def history(history: History) -> History:
    """A project whose runner ends before its statement number DIE_AT; a run to the end says how many there are."""
    history.env(before=_SCARCE)
    env = history.root / "migrations" / "env.py"
    env.write_text(f"{env.read_text()}\n{_REPORT}\n")
    five_revisions(history)
    return history


def test_a_rerun_brings_what_an_undisturbed_run_would_have(history: History, server: Server) -> None:
    """Wherever the first run was killed: the same schema, the same rows, each statement once."""
    history.rows(_EMPTY)
    status, said = history.upgrade(DIE_AT="0")
    assert 0 == status, said
    expected = state(history)
    total = int(said.partition("statements: ")[2].split()[0])
    assert total > 40

    for number in range(1, total, 1 if server.version == "18" else 5):
        history.rows(_EMPTY)
        killed, _ = history.upgrade(DIE_AT=str(number))
        status, said = history.upgrade(DIE_AT="0")
        assert (-9, 0) == (killed, status), (number, said)
        assert expected == state(history), (number, said)
