"""Upgrade, downgrade and stamp on a real database."""

from __future__ import annotations

from pathlib import Path

import psycopg2
import pytest

from interlocking.plan import Event
from interlocking.postgres.url import parse
from interlocking.upgrade.running.runner import Alembic
from tests.upgrade.projects import FROM_ENVIRONMENT, Folder, flask_project, plain_project


def alembic(folder: Folder, url: str, heard: list[Event] | None = None) -> Alembic:
    return Alembic(folder.load(url), parse(url), (heard if heard is not None else []).append)


def tables(url: str) -> set[str]:
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found = {name for (name,) in cursor.fetchall()}
    connection.close()
    return found


def test_an_upgrade_says_where_the_database_was_and_is(plain: Folder, empty: str) -> None:
    """Both ends and every step, in order."""
    plain.table("a")
    plain.table("b", down="a")

    moved = alembic(plain, empty).upgrade()

    assert ((), ("b",)) == (moved.before, moved.after)
    assert [("a", "upgrade"), ("b", "upgrade")] == [(step.revision, step.direction) for step in moved.steps]
    assert {"a", "b", "alembic_version"} == tables(empty)


def test_a_downgrade_undoes_one_step(plain: Folder, database: str) -> None:
    """Without an argument it is the last one."""
    plain.table("a")
    plain.table("b", down="a")
    alembic(plain, database).upgrade()

    moved = alembic(plain, database).downgrade()

    assert (("b",), ("a",)) == (moved.before, moved.after)
    assert {"a", "alembic_version"} == tables(database)


def test_a_stamp_runs_nothing(plain: Folder, database: str) -> None:
    """Only the version table changes."""
    plain.table("a")

    moved = alembic(plain, database).stamp("a")

    assert (("a",), ()) == (moved.after, moved.steps)
    assert {"alembic_version"} == tables(database)


def test_a_purging_stamp_forgets_a_revision_without_a_file(plain: Folder, database: str) -> None:
    """Alembic alone refuses to leave a place that it does not know."""
    plain.table("a")
    path = plain.table("lost", down="a")
    alembic(plain, database).upgrade()
    path.unlink()

    moved = alembic(plain, database).stamp("a", purge=True)

    assert ("a",) == moved.after


def test_every_revision_is_heard_of_as_it_runs(plain: Folder, database: str) -> None:
    """Started and done, counted, with the time it took."""
    plain.table("a")
    plain.table("b", down="a")
    heard: list[Event] = []

    alembic(plain, database, heard).upgrade()

    assert [("started", "upgrade a", (1, 2)), ("done", "upgrade a", (1, 2))] == [
        (event.kind, event.text, event.position) for event in heard[:2]
    ]
    assert heard[3].seconds is not None


def test_what_a_revision_prints_is_a_note_and_spoils_nothing(
    plain: Folder, database: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Standard output belongs to the result of the task."""
    plain.revision("a", up="print('half done'); os.write(1, b'{not json'); os.write(2, b'woe')")
    heard: list[Event] = []

    alembic(plain, database, heard).upgrade()

    notes = " ".join(event.text for event in heard if event.kind == "note")
    assert all(word in notes for word in ("half done", "{not json", "woe"))
    assert ("", "") == capfd.readouterr()


def test_the_application_gives_the_database_with_flask(tmp_path: Path, empty: str) -> None:
    """Flask-Migrate's own env.py, its configuration and the application's context."""
    folder = flask_project(tmp_path)
    folder.table("a")

    assert ("a",) == alembic(folder, empty).upgrade().after


def test_a_factory_is_an_application_too(tmp_path: Path, database: str) -> None:
    """`module:create_app()` as the flask command takes it."""
    folder = flask_project(tmp_path)
    (tmp_path / "factory.py").write_text("def create_app():\n    from shop import app\n    return app\n")
    (tmp_path / "pyproject.toml").write_text('[tool.interlocking]\napp = "factory:create_app()"\n')
    folder.table("a")

    assert ("a",) == alembic(folder, database).upgrade().after


def test_a_percent_sign_in_the_url_survives_the_ini_file(plain: Folder, database: str) -> None:
    """ConfigParser would take it for an interpolation."""
    plain.table("a")
    url = f"{database}?application_name=50%25%20off"

    assert ("a",) == Alembic(plain.load(url), parse(url)).upgrade().after


def test_env_may_read_the_environment_instead(tmp_path: Path, database: str) -> None:
    """DATABASE_URL of the child is the intended one, whatever ours is."""
    folder = plain_project(tmp_path, models="import os", url=FROM_ENVIRONMENT)
    folder.table("a")
    project = folder.load("postgresql://nobody@127.0.0.1:1/elsewhere")

    assert ("a",) == Alembic(project, parse(database)).upgrade().after


def test_the_version_table_may_stand_elsewhere(tmp_path: Path, database: str) -> None:
    """Where the database stands is read from the table that env.py configured."""
    folder = plain_project(tmp_path, options=", version_table='marks'")
    folder.table("a")

    assert ("a",) == alembic(folder, database).upgrade().after
    assert {"a", "marks"} == tables(database)


def test_an_autocommit_block_works_beside_the_proof(plain: Folder, database: str) -> None:
    """The proof must not leave a transaction behind: CREATE INDEX CONCURRENTLY refuses to run in one."""
    plain.table("a")
    plain.revision(
        "b",
        down="a",
        up="""
        with op.get_context().autocommit_block():
            op.execute("CREATE INDEX CONCURRENTLY a_name ON a (name)")
        """,
    )

    assert ("b",) == alembic(plain, database).upgrade().after


@pytest.mark.parametrize("options", ["", ", transaction_per_migration=True"], ids=["one transaction", "one each"])
def test_a_revision_that_commits_by_itself_is_not_forgotten(tmp_path: Path, database: str, options: str) -> None:
    """Plain Alembic would leave the version table as it was, and say nothing; nor is what follows lost."""
    folder = plain_project(tmp_path, options=options)
    folder.table("a")
    folder.revision("b", down="a", up="op.execute('CREATE TABLE b ()'); op.get_bind().commit()")
    folder.table("c", down="b")
    heard: list[Event] = []

    assert ("b",) == alembic(folder, database, heard).upgrade("b").after
    assert ("c",) == alembic(folder, database).upgrade().after
    assert "b commits by itself" in " ".join(event.text for event in heard if event.kind == "note")


def test_several_heads_are_all_applied(plain: Folder, database: str) -> None:
    """`heads` is the default."""
    plain.table("a")
    plain.table("left", down="a")
    plain.table("right", down="a")

    assert ("left", "right") == alembic(plain, database).upgrade().after


def test_threads_and_pools_of_the_project_do_not_keep_the_child(tmp_path: Path, database: str) -> None:
    """A scheduler that the application starts would otherwise run for ever."""
    folder = flask_project(tmp_path, models="import threading; threading.Thread(target=threading.Event().wait).start()")
    folder.table("a")

    assert ("a",) == alembic(folder, database).upgrade().after
