"""db.upgrade and db.stamp on a database with tables and without a recorded revision."""

from __future__ import annotations

from tests.tasks.projects import TinyProject

ONE, TWO, EXTRA = (f"CREATE TABLE {name} (id integer PRIMARY KEY)" for name in ("one", "two", "extra"))


def _made(plain: TinyProject, *tables: str) -> None:
    for sql in tables:
        plain.sql(sql)


def test_an_upgrade_names_the_revision_and_the_stamp_that_it_offers_works(plain: TinyProject) -> None:
    """From refusal to head by typing what it says."""
    _made(plain, ONE, TWO)

    ran = plain.invoke("db.upgrade")

    ran.refused(3, "unstamped-database")
    assert "the database stands exactly at two" in ran.err
    assert "invoke db.stamp -r two; then invoke db.upgrade" in ran.err
    plain.invoke("db.stamp", "-r", "two").ok()
    plain.invoke("db.upgrade").ok()
    assert ["three"] == plain.applied()


def test_a_stamp_without_a_revision_says_where_the_database_stands(plain: TinyProject) -> None:
    """Nearest, with what differs, when it is not exactly anywhere."""
    _made(plain, ONE, EXTRA)

    ran = plain.invoke("db.stamp")

    ran.refused(3, "unstamped-database")
    assert "stands nearest to one, with 1 difference" in ran.err
    assert "- table extra is there and no revision up to it makes it" in ran.err
    assert "invoke db.stamp -r one" in ran.err
    assert ["extra", "one"] == plain.tables()


def test_a_dry_run_says_the_same(plain: TinyProject) -> None:
    """A plan that cannot be carried out is none."""
    _made(plain, ONE)

    plain.invoke("db.upgrade", "--dry-run").refused(3, "unstamped-database")


def test_the_tables_of_others_do_not_stop_an_upgrade(plain: TinyProject) -> None:
    """Nothing of what the revisions make is there."""
    _made(plain, EXTRA)

    plain.invoke("db.upgrade").ok()

    assert ["three"] == plain.applied()
