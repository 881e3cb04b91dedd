"""An undisturbed run: what Alembic would have done, and one line a revision."""

from __future__ import annotations

from tests.upgrade.guard.histories import History


def two_tables(history: History) -> None:
    history.revision("one", 'op.create_table("a", sa.Column("id", sa.Integer, primary_key=True))', 'op.drop_table("a")')
    history.revision("two", 'op.create_table("b", sa.Column("id", sa.Integer, primary_key=True))', 'op.drop_table("b")')


def test_it_upgrades_and_downgrades(history: History) -> None:
    two_tables(history)

    status, said = history.upgrade()

    assert (0, ["two"]) == (status, history.heads), said
    assert "applied one in" in said
    assert "1 try" in said
    status, said = history.run("downgrade", "base")
    assert (0, []) == (status, history.heads), said
    assert [] == history.rows("SELECT 1 FROM pg_tables WHERE tablename IN ('a', 'b', 'alembic_version_in_progress')")
