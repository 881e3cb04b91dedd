"""Revisions that commit before their end: what has committed is never run again, and never forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlocking.postgres.url import parse
from interlocking.redaction import Secret
from tests.upgrade.guard.histories import History, session
from tests.waiting import wait_until

BLOCK = """
op.execute("CREATE TABLE a (id int); INSERT INTO a VALUES (1), (2)")
with op.get_context().autocommit_block():
    op.execute("CREATE INDEX CONCURRENTLY ix_a ON a (id)")
    op.execute("INSERT INTO a VALUES (3)")
{rest}
"""


def count(history: History) -> int:
    return history.rows("SELECT count(*) FROM a")[0][0]


def leftovers(history: History) -> list[tuple]:
    return history.rows("SELECT tablename FROM pg_tables WHERE tablename LIKE '%in_progress'")


def test_a_revision_that_fails_after_its_autocommit_block_is_resumed(history: History) -> None:
    """Its file is the same, only what it met was not."""
    history.revision("one", BLOCK.format(rest='op.execute("INSERT INTO needed VALUES (1)")'))

    status, said = history.upgrade()

    assert 5 == status, said
    assert "one is half applied" in said
    assert [] == history.heads
    history.rows("CREATE TABLE needed (id int)")
    status, said = history.upgrade()
    assert 0 == status, said
    assert "going on after 3 statements" in said
    assert (["one"], 3, []) == (history.heads, count(history), leftovers(history))


def test_what_another_connection_of_the_revision_does_is_not_recorded(history: History) -> None:
    """It commits by itself, and the revision that opens it does it again."""
    history.rows("CREATE TABLE noted (at timestamptz DEFAULT now())")
    other = 'with op.get_bind().engine.begin() as other: other.exec_driver_sql("INSERT INTO noted DEFAULT VALUES")\n'
    history.revision("one", other + BLOCK.format(rest='op.execute("INSERT INTO needed VALUES (1)")'))
    history.upgrade()
    history.rows("CREATE TABLE needed (id int)")

    status, said = history.upgrade()

    assert 0 == status, said
    assert "going on after 3 statements" in said
    assert [(2,)] == history.rows("SELECT count(*) FROM noted")


def test_what_a_savepoint_took_back_runs_again(history: History) -> None:
    """It was never committed, whatever became of the statements around it."""
    guarded = """
try:
    with op.get_bind().begin_nested():
        op.execute("CREATE TABLE extra (id int)")
        op.execute("INSERT INTO needed VALUES (1)")
except sa.exc.ProgrammingError:
    pass
"""
    history.revision("one", guarded + BLOCK.format(rest='op.execute("INSERT INTO needed VALUES (2)")'))
    history.upgrade()
    history.rows("CREATE TABLE needed (id int)")

    status, said = history.upgrade()

    assert 0 == status, said
    assert [(0,)] == history.rows("SELECT count(*) FROM extra")
    assert [(1,), (2,)] == history.rows("SELECT id FROM needed ORDER BY 1")


def test_a_statement_that_a_savepoint_took_back_is_told_from_the_same_one_after_it(history: History) -> None:
    """Of two INSERTs that are alike one has committed: the next run inserts no second row."""
    twice = """
op.execute("CREATE TABLE extra (id int)")
try:
    with op.get_bind().begin_nested():
        op.execute("INSERT INTO extra VALUES (1)")
        raise LookupError
except LookupError:
    op.execute("INSERT INTO extra VALUES (1)")
"""
    history.revision("one", twice + BLOCK.format(rest='op.execute("INSERT INTO needed VALUES (1)")'))
    history.upgrade()
    history.rows("CREATE TABLE needed (id int)")

    status, said = history.upgrade()

    assert 0 == status, said
    assert [(1,)] == history.rows("SELECT count(*) FROM extra")


def test_what_was_finished_by_hand_and_stamped_is_over(history: History) -> None:
    """Nobody goes on with it, and it is in nobody's way."""
    history.revision("one", BLOCK.format(rest='op.execute("INSERT INTO needed VALUES (1)")'))
    history.upgrade()
    assert 0 == history.run("stamp", "one")[0]
    history.revision("two", 'op.execute("CREATE TABLE b (id int)")')

    status, said = history.upgrade()

    assert (0, ["two"], []) == (status, history.heads, leftovers(history)), said


def test_a_lock_failure_after_the_block_is_tried_again_within_the_run(history: History) -> None:
    """The second try passes over what the first has committed."""
    history.rows("CREATE TABLE busy (id int)")
    history.revision("one", BLOCK.format(rest='op.execute("ALTER TABLE busy ADD COLUMN x int")'))
    with session(history.url, "SELECT * FROM busy"):
        runner = history.start("upgrade", "head")
        wait_until(lambda: "waiting for a lock" in runner.said)
    assert 0 == runner.wait(), runner.said

    assert (["one"], 3, []) == (history.heads, count(history), leftovers(history))


def test_an_edited_file_is_refused_with_what_is_already_there(history: History) -> None:
    """And with the two ways to go on."""
    history.revision("one", BLOCK.format(rest='op.execute("INSERT INTO needed VALUES (1)")'))
    history.upgrade()
    history.revision("one", BLOCK.format(rest='op.execute("SELECT 1")'))

    status, said = history.upgrade()

    assert 3 == status
    assert "its file was edited since" in said
    assert "committed: CREATE INDEX CONCURRENTLY ix_a ON a (id)" in said
    status, said = history.upgrade(changed_file="resume")
    assert (0, ["one"], 3) == (status, history.heads, count(history)), said


def test_what_is_recorded_can_be_forgotten(history: History) -> None:
    """After undoing it by hand."""
    history.revision("one", BLOCK.format(rest='op.execute("INSERT INTO needed VALUES (1)")'))
    history.upgrade()
    history.rows("DROP TABLE a")
    history.revision("one", BLOCK.format(rest='op.execute("SELECT 1")'))

    status, said = history.upgrade(changed_file="forget")

    assert (0, ["one"], 3) == (status, history.heads, count(history)), said


@pytest.mark.parametrize(
    "commit",
    [
        "op.get_bind().commit()",
        'op.execute("COMMIT")',
        'op.execute("COMMIT")\nop.execute("BEGIN")',
        "op.get_bind().connection.commit()",
        'op.get_bind().connection.cursor().execute("COMMIT")',
        "from sqlalchemy.orm import Session\nSession(bind=op.get_bind()).commit()",
        "with sa.orm.Session(bind=op.get_bind()) as own, own.begin():\n    own.execute(sa.text('SELECT 1'))",
    ],
)
def test_a_revision_that_commits_by_itself_keeps_its_version_row(history: History, commit: str) -> None:
    """Alembic alone loses it, or fails."""
    history.revision("one", f'op.execute("CREATE TABLE a (id int)")\n{commit}\nop.execute("INSERT INTO a VALUES (1)")')
    history.revision("two", 'op.execute("INSERT INTO a VALUES (2)")')

    status, said = history.upgrade()

    assert (0, ["two"], 2, []) == (status, history.heads, count(history), leftovers(history)), said


@pytest.mark.parametrize("commit", ["op.get_bind().commit()", 'op.execute("COMMIT")'])
def test_a_revision_that_commits_by_itself_and_fails_is_resumed(history: History, commit: str) -> None:
    """What came before its commit is not run again."""
    history.revision(
        "one",
        f'op.execute("CREATE TABLE a (id int)")\nop.execute("INSERT INTO a VALUES (1)")\n{commit}\n'
        'op.execute("INSERT INTO a VALUES (2)")\nop.execute("INSERT INTO needed VALUES (1)")',
    )
    status, said = history.upgrade()
    assert 5 == status, said
    history.rows("CREATE TABLE needed (id int)")

    status, said = history.upgrade()

    assert (0, ["one"], 2) == (status, history.heads, count(history)), said


def test_a_loop_of_batches_goes_on_where_it_stopped(history: History) -> None:
    """The number of rows that a batch touched is what it was."""
    history.rows("CREATE TABLE a (id int, done bool); INSERT INTO a SELECT g, false FROM generate_series(1, 25) g")
    history.revision(
        "one",
        """
        bind = op.get_bind()
        batch = "UPDATE a SET done = true WHERE id IN (SELECT id FROM a WHERE NOT done LIMIT 10)"
        rounds = 0
        while bind.execute(sa.text(batch)).rowcount == 10:
            bind.commit()
            rounds += 1
            if rounds == 1:
                op.execute("UPDATE needed SET id = 1")
        """,
    )
    assert 5 == history.upgrade()[0]
    history.rows("CREATE TABLE needed (id int)")

    status, said = history.upgrade()

    assert (0, [(25,)]) == (status, history.rows("SELECT count(*) FROM a WHERE done")), said


def test_other_values_in_a_committed_insert_are_refused(history: History) -> None:
    """They would be in the table twice."""
    history.revision(
        "one",
        """
        import uuid
        op.execute("CREATE TABLE a (id text)")
        op.get_bind().execute(sa.text("INSERT INTO a VALUES (:id)"), {"id": str(uuid.uuid4())})
        op.get_bind().commit()
        op.execute("INSERT INTO needed VALUES (1)")
        """,
    )
    assert 5 == history.upgrade()[0]

    status, said = history.upgrade()

    assert "has committed this statement with other values: INSERT INTO a" in said
    assert 5 == status
    assert 1 == count(history)


def test_a_role_that_may_not_create_tables_is_warned_once_and_goes_on(history: History, server) -> None:
    """Within the run the guard remembers without a table."""
    role = history.url.rpartition("/")[2] + "_role"
    history.rows(
        f"CREATE TABLE a (id int); CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);"
        f"CREATE ROLE {role} LOGIN PASSWORD 'x'; GRANT SELECT, INSERT, UPDATE, DELETE ON a, alembic_version TO {role};"
        f"REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    )
    history.revision(
        "one",
        'op.execute("INSERT INTO a VALUES (1)")\nop.get_bind().commit()\nop.execute("INSERT INTO a VALUES (2)")\nop.get_bind().commit()',
    )
    url = replace(parse(history.url), user=role, password=Secret("x")).libpq()
    status, said = history.run("upgrade", "head", url=url)

    assert (0, ["one"], 2) == (status, history.heads, count(history)), said
    assert 1 == said.count("may not create a table")
    history.rows(f"DROP OWNED BY {role}; DROP ROLE {role}")
