"""What a failed concurrent build leaves is found, dropped and built again; never taken for the real one."""

from __future__ import annotations

import pytest

from tests.upgrade.guard.histories import History, session
from tests.waiting import wait_until

TWINS = 'op.execute("CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1)")'
UNIQUE = """
with op.get_context().autocommit_block():
    op.execute("CREATE UNIQUE INDEX CONCURRENTLY {exists}ix_a ON a (id)")
"""


def indexes(history: History) -> list[tuple]:
    return history.rows(
        "SELECT c.relname::text, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = 'a'::regclass ORDER BY 1"
    )


@pytest.fixture
def twins(history: History) -> History:
    """A table with two equal rows, below a revision that wants them unique."""
    history.revision("one", TWINS)
    assert history.upgrade()[0] == 0
    return history


def leave_invalid(history: History) -> None:
    """What plain Alembic leaves."""
    history.revision("two", UNIQUE.format(exists=""))
    history.env(plain=True)
    assert history.upgrade()[0] != 0
    assert [("ix_a", False)] == indexes(history)
    history.env()


def test_a_failed_unique_build_leaves_nothing_and_is_not_recorded(twins: History) -> None:
    """The duplicates are named by the server; the next run, without them, succeeds."""
    twins.revision("two", UNIQUE.format(exists=""))

    status, said = twins.upgrade()

    assert 1 == status, said
    assert "dropping the invalid index" in said
    assert ([], ["one"]) == (indexes(twins), twins.heads)
    twins.rows("DELETE FROM a")
    assert 0 == twins.upgrade()[0]
    assert ([("ix_a", True)], ["two"]) == (indexes(twins), twins.heads)


@pytest.mark.parametrize("exists", ["", "IF NOT EXISTS "])
def test_the_invalid_index_of_an_earlier_run_is_replaced(twins: History, exists: str) -> None:
    """`IF NOT EXISTS` would silently take it for the real one."""
    leave_invalid(twins)
    twins.rows("DELETE FROM a")
    twins.revision("two", UNIQUE.format(exists=exists))

    status, said = twins.upgrade()

    assert (0, [("ix_a", True)], ["two"]) == (status, indexes(twins), twins.heads), said


def test_if_not_exists_in_a_transaction_does_not_hide_an_invalid_index(twins: History) -> None:
    """The revision is refused, with the name of the index."""
    leave_invalid(twins)
    twins.rows("DELETE FROM a")
    twins.revision("two", 'op.execute("CREATE UNIQUE INDEX IF NOT EXISTS ix_a ON a (id)")')

    status, said = twins.upgrade()

    assert (1, ["one"]) == (status, twins.heads)
    assert "two leaves index public.ix_a INVALID" in said


def test_a_revision_that_swallows_a_failed_build_is_not_recorded(twins: History) -> None:
    """It leaves no index at all, which is not what it says: its own business; but never an invalid one."""
    twins.revision(
        "two",
        "try:\n"
        + "\n".join(f"    {line}" for line in UNIQUE.format(exists="").strip().splitlines())
        + "\nexcept Exception:\n    pass",
    )

    twins.upgrade()

    assert [] == indexes(twins)


def test_what_a_failed_reindex_left_is_dropped(twins: History) -> None:
    """Its name ends in _ccnew."""
    twins.rows("CREATE INDEX ix_a ON a (id)")
    twins.rows("CREATE INDEX ix_a_ccnew ON a (id)")
    twins.rows("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_a_ccnew'::regclass")
    twins.revision(
        "two", 'with op.get_context().autocommit_block():\n    op.execute("REINDEX INDEX CONCURRENTLY ix_a")'
    )

    status, said = twins.upgrade()

    assert (0, [("ix_a", True)]) == (status, indexes(twins)), said


def test_a_concurrent_build_waits_for_old_transactions_without_a_time_out(twins: History) -> None:
    """Its waits block nobody; a time-out would leave an invalid index."""
    twins.rows("DELETE FROM a")
    twins.revision("two", UNIQUE.format(exists=""))
    with session(twins.url, "INSERT INTO a VALUES (5)"):
        runner = twins.start("upgrade", "head", statement_timeout="2s", lock_timeout="5ms")
        wait_until(lambda: twins.rows("SELECT 1 FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'"))
        twins.rows("SELECT pg_sleep(2.3)")
    assert 0 == runner.wait(), runner.said

    assert [("ix_a", True)] == indexes(twins)
    assert "1 try" in runner.said


def test_a_validation_has_no_statement_time_out(history: History) -> None:
    """It lets readers and writers pass; other statements keep theirs."""
    history.rows("CREATE TABLE a (id int); INSERT INTO a SELECT g FROM generate_series(1, 5) g")
    history.rows("CREATE FUNCTION slow(int) RETURNS bool LANGUAGE sql AS 'SELECT pg_sleep(0.3) IS NOT NULL'")
    history.rows("ALTER TABLE a ADD CONSTRAINT c CHECK (slow(id)) NOT VALID")
    history.revision("one", 'op.execute("ALTER TABLE a VALIDATE CONSTRAINT c")')
    history.revision("two", 'op.execute("SELECT pg_sleep(60)")')

    status, said = history.upgrade(statement_timeout="1s")

    assert (5, ["one"]) == (status, history.heads), said
    assert "statement timeout" in said


def test_a_constraint_that_was_to_be_validated_must_be_valid(history: History) -> None:
    """Also when the revision swallows the failure."""
    history.rows("CREATE TABLE a (id int); INSERT INTO a VALUES (1)")
    history.rows("ALTER TABLE a ADD CONSTRAINT c CHECK (id > 1) NOT VALID")
    history.revision(
        "one",
        """
        try:
            with op.get_bind().begin_nested():
                op.execute("ALTER TABLE a VALIDATE CONSTRAINT c")
        except sa.exc.IntegrityError:
            pass
        """,
    )

    status, said = history.upgrade()

    assert 1 == status
    assert "constraint c of a INVALID" in said


def test_a_partitioned_index_may_wait_for_its_partitions(history: History) -> None:
    """ON ONLY makes it invalid on purpose, until the last partition's index is attached."""
    history.rows("CREATE TABLE a (id int) PARTITION BY RANGE (id); CREATE TABLE p PARTITION OF a DEFAULT")
    history.revision("one", 'op.execute("CREATE INDEX ix_a ON ONLY a (id)")')

    status, said = history.upgrade()

    assert (0, [("ix_a", False)]) == (status, indexes(history)), said


def test_an_index_that_postgresql_names_is_found_when_its_build_fails(twins: History) -> None:
    """By what is new among the table's invalid ones; another's is left alone."""
    twins.rows("CREATE INDEX of_others ON a (id)")
    twins.rows("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'of_others'::regclass")
    twins.revision("two", UNIQUE.format(exists="").replace("ix_a ", ""))

    status, said = twins.upgrade()

    assert 1 == status, said
    assert "dropping the invalid index public.a_id_idx" in said
    assert ([("of_others", False)], ["one"]) == (indexes(twins), twins.heads)
    twins.rows("DELETE FROM a")
    assert 0 == twins.upgrade()[0]
    assert [("a_id_idx", True), ("of_others", False)] == indexes(twins)


def test_a_partition_is_detached_while_its_table_is_read(history: History) -> None:
    """Its waits block nobody; a time-out would leave it half detached."""
    history.rows(
        "CREATE TABLE a (id int) PARTITION BY RANGE (id); CREATE TABLE p PARTITION OF a FOR VALUES FROM (1) TO (9)"
    )
    history.revision(
        "one",
        """
        with op.get_context().autocommit_block():
            op.execute("ALTER TABLE a DETACH PARTITION p CONCURRENTLY")
        """,
    )
    with session(history.url, "SELECT * FROM a"):
        runner = history.start("upgrade", "head")
        wait_until(lambda: history.rows("SELECT 1 FROM pg_inherits WHERE inhdetachpending"))
        history.rows("SELECT pg_sleep(0.2)")
    assert 0 == runner.wait(), runner.said

    assert [] == history.rows("SELECT 1 FROM pg_inherits")
    assert "1 try" in runner.said
