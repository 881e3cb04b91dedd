"""Batch mode that copies the table is judged as what it is, although nobody can ask a database what the table is like."""

from __future__ import annotations

import psycopg2
import pytest
import sqlalchemy as sa

from interlocking.review.finding import Finding
from interlocking.review.reviewing import review
from tests.review.projects import History, run_upgrades
from tests.servers import Server

_TABLE = 'op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.Text))\n'
_COPY_FROM = (
    ', copy_from=sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.Text))'
)
_BLOCK = 'with op.batch_alter_table("t", recreate="always"{}) as batch:\n    '
_ADD = 'batch.add_column(sa.Column("b", sa.Text), insert_after="id")\n'
_VIEW = 'op.execute("CREATE VIEW v AS SELECT a FROM t")\n'
_CHILD = 'op.create_table("child", sa.Column("t_id", sa.Integer, sa.ForeignKey("t.id")))\n'


def _found(history: History, before: str, body: str) -> list[Finding]:
    """Review a revision behind another one; both directions alike."""
    history.write("zero", before)
    history.write("one", body, down="zero")
    found = review(history.project, history.graph, ["one"])
    assert not found.unreadable
    return [each for each in found.findings if each.direction == "upgrade" and each.severity != "info"]


@pytest.mark.parametrize("copy_from", ["", _COPY_FROM], ids=["asked", "given"])
@pytest.mark.parametrize("change", [_ADD, "pass\n", 'batch.alter_column("a", server_default="x")\n'])
def test_it_is_found_on_the_line_of_the_block(history: History, copy_from: str, change: str) -> None:
    """Whatever stands in it."""
    found = _found(history, _TABLE, "op.execute('ANALYZE')\n" + _BLOCK.format(copy_from) + change)

    lines = (history.root / "migrations" / "versions" / "one.py").read_text().splitlines()
    assert [("batch-recreates-table", "t")] == [(each.id, each.table) for each in found]
    assert "batch_alter_table" in lines[found[0].line - 1]
    assert ("access exclusive", "reads and writes") == (found[0].lock.mode, found[0].lock.blocks)


def test_what_stands_in_the_block_is_judged_on_its_own_line(history: History) -> None:
    """As the changes of the table that they are."""
    found = _found(history, _TABLE, _BLOCK.format("") + _ADD + '    batch.drop_column("a")\n')

    lines = (history.root / "migrations" / "versions" / "one.py").read_text().splitlines()
    assert ["batch-recreates-table", "drop-column"] == [each.id for each in found]
    assert "drop_column" in lines[found[1].line - 1]


def test_a_column_that_the_copy_lacks_is_lost(history: History) -> None:
    """The table that is given says what there is afterwards."""
    found = _found(history, _TABLE, _BLOCK.format(_COPY_FROM) + 'batch.drop_column("a")\n')

    assert [("batch-recreates-table", ""), ("drop-column", "a")] == [(each.id, each.column) for each in found]


@pytest.mark.parametrize("copy_from", ["", _COPY_FROM], ids=["asked", "given"])
def test_the_table_is_no_new_one_afterwards(history: History, copy_from: str) -> None:
    """Its rows are the same, and the running code knows it."""
    after = 'op.create_index("ix", "t", ["a"])\nop.drop_column("t", "a")'
    found = _found(history, _TABLE, _BLOCK.format(copy_from) + _ADD + after)

    assert {"index-not-concurrent", "drop-column"} <= {each.id for each in found}


def test_its_keys_are_known_afterwards(history: History) -> None:
    """A primary key stays one, and an index an index."""
    before = _TABLE + 'op.create_index("ix", "t", ["a"], unique=True)\n'
    after = "with op.get_context().autocommit_block():\n    op.execute('CREATE INDEX CONCURRENTLY IF NOT EXISTS ix ON t (id)')"

    found = _found(history, before, _BLOCK.format("") + _ADD + after)

    assert "index-name-taken" in {each.id for each in found}


def test_a_table_of_the_same_release_is_in_nobodys_way(history: History) -> None:
    """It is empty."""
    found = _found(history, "op.execute('ANALYZE')", _TABLE + _BLOCK.format("") + _ADD)

    assert [] == [each.id for each in found]


@pytest.mark.parametrize("before", [_TABLE + _VIEW, _TABLE + _CHILD, _TABLE], ids=["view", "foreign key", "nothing"])
def test_what_depends_on_the_table_makes_it_fail(server: Server, history: History, before: str) -> None:
    """As the server says."""
    body = _BLOCK.format("") + _ADD
    url = server.make_database()
    try:
        run_upgrades(url, before)
        if before == _TABLE:
            run_upgrades(url, body)
        else:
            with pytest.raises(sa.exc.DBAPIError, match=r"depend|aborted"):
                run_upgrades(url, body)
    finally:
        server.drop(url)

    found = {each.id for each in _found(history, before, body)}

    assert found == {"batch-recreates-table", *(() if before == _TABLE else ("drop-refused",))}


def test_a_serial_column_begins_again_at_1(server: Server) -> None:
    """As the reason says: the copy has a sequence of its own, which has counted nothing."""
    url = server.make_database()
    try:
        run_upgrades(url, _TABLE + "op.execute(\"INSERT INTO t (a) VALUES ('x')\")\n" + _BLOCK.format("") + _ADD)
        connection = psycopg2.connect(url)
        with pytest.raises(psycopg2.errors.UniqueViolation), connection.cursor() as cursor:
            cursor.execute("INSERT INTO t (a) VALUES ('y')")
        connection.close()
    finally:
        server.drop(url)


def test_auto_never_copies_on_postgresql(history: History) -> None:
    """So nothing is to be said."""
    assert [] == _found(
        history, _TABLE, 'with op.batch_alter_table("t") as batch:\n    batch.add_column(sa.Column("b", sa.Text))'
    )
