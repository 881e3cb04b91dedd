"""A database that has the tables already, while no revision is recorded."""

from __future__ import annotations

import pytest

from tests.upgrade.guard.histories import History

TABLE = 'op.create_table("product", sa.Column("id", sa.Integer, primary_key=True))'


@pytest.fixture
def shop(history: History) -> History:
    history.revision("one", TABLE)
    history.revision("two", 'op.add_column("product", sa.Column("name", sa.Text))')
    return history


def test_the_first_revision_never_runs_into_what_exists(shop: History) -> None:
    """It is refused before anything runs, and says what to type."""
    shop.rows("CREATE TABLE product (id int)")

    status, said = shop.upgrade()

    assert 3 == status, said
    assert "no revision is recorded in this database, but it has product, which one would make" in said
    assert "invoke db.stamp" in said
    assert "flask db stamp REVISION" in said
    assert "already exists" in said
    assert [("product",)] == shop.rows("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")


def test_once_stamped_it_goes_on_from_there(shop: History) -> None:
    """As the sentence says."""
    shop.rows("CREATE TABLE product (id int)")
    assert 0 == shop.run("stamp", "one")[0]

    status, said = shop.upgrade()

    assert (0, ["two"]) == (status, shop.heads), said


def test_any_relation_of_the_name_is_in_the_way_of_a_table(shop: History) -> None:
    """PostgreSQL has one set of names for tables, views, indexes and sequences."""
    shop.rows("CREATE VIEW product AS SELECT 1")

    assert 3 == shop.upgrade()[0]


@pytest.mark.parametrize(
    "foreign", ["CREATE TABLE other (id int)", "CREATE SCHEMA s CREATE TABLE product (id int)"], ids=["table", "schema"]
)
def test_tables_of_others_are_nobodys_concern(shop: History, foreign: str) -> None:
    """Nor one of the same name in another schema."""
    shop.rows(foreign)

    assert 0 == shop.upgrade()[0]


def test_a_setting_lets_them_run_all_the_same(shop: History) -> None:
    """For a history that knows better than its files say; then PostgreSQL's own error is explained."""
    shop.rows("CREATE TABLE product (id int)")

    status, said = shop.upgrade(unstamped="run")

    assert 1 == status, said
    assert 'relation "product" already exists' in said
    assert "made by an older application or create_all()" in said


def test_a_first_revision_that_was_interrupted_goes_on(history: History) -> None:
    """What exists is its own work, and recorded as such."""
    history.revision(
        "one",
        f"""
        with op.get_context().autocommit_block():
            {TABLE}
        op.execute("SELECT 1 / (SELECT count(*) FROM fuse)")
        """,
    )
    history.rows("CREATE TABLE fuse ()")
    assert 5 == history.upgrade()[0]
    history.rows("INSERT INTO fuse DEFAULT VALUES")

    status, said = history.upgrade()

    assert (0, ["one"]) == (status, history.heads), said
