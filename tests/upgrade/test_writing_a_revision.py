"""Autogenerate, merge and check: what is written, and what it says it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlocking.errors import InterlockingError, RefusedError
from interlocking.postgres.url import parse
from interlocking.upgrade.results import Drift
from interlocking.upgrade.running.runner import Alembic
from tests.upgrade.projects import Folder, flask_project, plain_project

MODEL = """
import sqlalchemy as sa
users = sa.Table("users", target_metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("email", sa.Text))
"""
FLASK_MODEL = """
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
"""


@pytest.fixture
def modelled(tmp_path: Path) -> Folder:
    """A project whose model has no migration yet."""
    return plain_project(tmp_path, models=MODEL)


def alembic(folder: Folder, url: str) -> Alembic:
    return Alembic(folder.load(url), parse(url))


def test_a_revision_is_written_under_the_given_id(modelled: Folder, database: str) -> None:
    """File and id are the same, and it applies."""
    written = alembic(modelled, database).write(message="first", revision_id="20250601_first")

    assert modelled.versions / "20250601_first.py" == written.path
    assert ["create table users (2 columns)"] == [operation.words for operation in written.upgrade]
    assert ["drop table users"] == [operation.words for operation in written.downgrade]
    assert written.upgrade[0].sql[0].startswith("CREATE TABLE users (")
    assert ("20250601_first",) == alembic(modelled, database).upgrade().after


def test_a_dry_run_writes_nothing(modelled: Folder, database: str) -> None:
    """And says the same."""
    written = alembic(modelled, database).write(message="first", revision_id="first", dry_run=True)

    assert ["create table users (2 columns)"] == [operation.words for operation in written.upgrade]
    assert written.path is None
    assert [] == list(modelled.versions.iterdir())


def test_nothing_changed_means_no_file(tmp_path: Path, database: str) -> None:
    """Also with Flask-Migrate's own hook in env.py."""
    folder = flask_project(tmp_path, models=FLASK_MODEL)
    alembic(folder, database).write(message="first", revision_id="first")
    alembic(folder, database).upgrade()

    written = alembic(folder, database).write(message="again", revision_id="again")

    assert (None, ()) == (written.path, written.upgrade)
    assert ["first.py"] == [path.name for path in folder.versions.glob("*.py")]


def test_an_empty_revision_is_written_whatever_the_models_say(modelled: Folder, database: str) -> None:
    """For a data migration."""
    written = alembic(modelled, database).write(message="rows", revision_id="rows", empty=True)

    assert modelled.versions / "rows.py" == written.path
    assert "users" not in written.path.read_text()


def test_a_database_behind_the_files_is_refused(modelled: Folder, database: str) -> None:
    """Autogenerate would write the pending changes a second time."""
    modelled.table("a")

    with pytest.raises(RefusedError) as caught:
        alembic(modelled, database).write(message="x", revision_id="x")

    assert "not-at-head" == caught.value.code


def test_several_heads_are_refused(modelled: Folder, database: str) -> None:
    """A revision has one parent unless it is a merge."""
    modelled.table("a")
    modelled.table("b")
    alembic(modelled, database).upgrade()

    with pytest.raises(RefusedError) as caught:
        alembic(modelled, database).write(message="x", revision_id="x")

    assert "several-heads" == caught.value.code
    assert "a" in caught.value.message


def test_a_merge_joins_the_heads(plain: Folder, database: str) -> None:
    """And applies."""
    plain.table("a")
    plain.table("b")

    written = alembic(plain, database).merge(revisions=("a", "b"), message="join", revision_id="joined")

    assert plain.versions / "joined.py" == written.path
    assert ("joined",) == alembic(plain, database).upgrade().after


def test_drift_is_what_the_models_have_more(modelled: Folder, database: str) -> None:
    """In the same words."""
    modelled.revision("a", up="op.execute('CREATE TABLE users (id serial PRIMARY KEY)')")
    alembic(modelled, database).upgrade()

    drift = alembic(modelled, database).check()

    assert ["add column users.email (TEXT)"] == [operation.words for operation in drift.operations]
    assert drift


def test_no_drift_is_false(modelled: Folder, database: str) -> None:
    """When models and migrations agree."""
    alembic(modelled, database).write(message="first", revision_id="first")
    alembic(modelled, database).upgrade()

    assert Drift(()) == alembic(modelled, database).check()
    assert not Drift(())


def test_the_revisions_are_those_that_alembic_loads(plain: Folder, database: str) -> None:
    """For a file whose variables cannot be read without running it."""
    plain.table("a")
    path = plain.table("b", down="a")
    path.write_text(path.read_text().replace("revision = 'b'", "revision = 'b'.lower()"))

    newest, oldest = alembic(plain, database).revisions()

    assert ("b", ("a",), path) == (newest.id, newest.down_revisions, newest.path)
    assert ("a", (), "a") == (oldest.id, oldest.down_revisions, oldest.message)


def test_a_broken_template_is_an_error_of_ours(modelled: Folder, database: str) -> None:
    """Mako's own traceback goes to a file; here is one line."""
    (modelled.root / "migrations" / "script.py.mako").write_text("${nothing_like_it.x}")

    with pytest.raises(InterlockingError, match="Template rendering failed"):
        alembic(modelled, database).write(message="x", revision_id="x")
