"""db.seed and db.reset: local databases only."""

from __future__ import annotations

import pytest

from tests.tasks.projects import TinyProject


def test_seed_calls_the_projects_function_inside_the_application(flask: TinyProject) -> None:
    """Twice gives the same rows."""
    flask.invoke("db.upgrade").ok()

    flask.invoke("db.seed", "db.seed").ok()

    assert flask.sql("SELECT name FROM shop") == [("corner",)]


def test_reset_starts_again(flask: TinyProject) -> None:
    """Everything is dropped, upgraded and seeded; also while someone is connected."""
    flask.invoke("db.upgrade").ok()
    flask.sql("CREATE TABLE leftover ()")

    again = flask.invoke("db.reset", "--yes").ok()

    assert "open_shop" in again.out
    assert flask.tables() == ["shop"]
    assert flask.sql("SELECT name FROM shop") == [("corner",)]
    assert flask.applied() == ["open_shop"]


def test_reset_asks_and_its_dry_run_touches_nothing(flask: TinyProject) -> None:
    """Nobody can answer here: exit 3."""
    flask.sql("CREATE TABLE kept ()")

    flask.invoke("db.reset").refused(3, "confirmation-required")
    planned = flask.invoke("db.reset", "--dry-run").ok()

    assert "drop the database" in planned.out
    assert "not reversible" in planned.out
    assert flask.tables() == ["kept"]


def test_the_maintenance_database_is_not_reset(flask: TinyProject) -> None:
    """Databases are dropped through it: exit 3."""
    maintenance = f"{flask.url.rpartition('/')[0]}/postgres"

    flask.invoke("db.reset", "--yes", DATABASE_URL=maintenance).refused(3, "maintenance-database")


@pytest.mark.parametrize("task", ["db.reset", "db.seed"])
def test_another_machine_is_refused_whatever_the_flags(flask: TinyProject, task: str) -> None:
    """`--yes` does not help: sample rows and empty databases belong on this machine."""
    flask.sql("CREATE TABLE kept ()")
    remote = flask.url.replace("127.0.0.1", "0.0.0.0")
    words = [task, "--yes"] if task == "db.reset" else [task]

    flask.invoke(*words, DATABASE_URL=remote).refused(3, "not-local")

    assert flask.tables() == ["kept"]


def test_a_project_without_a_seed_function_says_how_to_name_one(plain: TinyProject) -> None:
    """Exit 2."""
    assert "tool.interlocking" in plain.invoke("db.seed").refused(2, "no-seed").err


def test_a_seed_function_that_does_not_exist(flask: TinyProject) -> None:
    """Exit 2 names it."""
    assert "shop:sed" in flask.invoke("db.seed", INTERLOCKING_SEED="shop:sed").refused(2, "no-such-function").err


def test_an_environment_behind_a_local_address_is_refused(flask: TinyProject) -> None:
    """A tunnel to production looks like this machine; the mark inside the database does not."""
    name = flask.url.rpartition("/")[2]
    flask.sql(f"CREATE TABLE kept (); COMMENT ON DATABASE {name} IS '[interlocking environment: production]'")

    flask.invoke("db.reset", "--yes").refused(3, "marked-database")
    flask.invoke("db.upgrade").refused(3, "confirmation-required")

    assert flask.tables() == ["kept"]
