"""Projects of every kind: with and without Flask, with a version table elsewhere, and those that are refused."""

from __future__ import annotations

from pathlib import Path

import psycopg2
import pytest

from interlocking.errors import RefusedError, UsageError
from tests.rehearsal.conftest import Try
from tests.servers import Server
from tests.upgrade.projects import ENV_PY, Folder, flask_project, plain_project

WITH_SCHEMA = ENV_PY.replace(
    "        context.configure(connection",
    "        connection.exec_driver_sql('CREATE SCHEMA IF NOT EXISTS marks')\n"
    "        connection.commit()\n"
    "        context.configure(connection",
)


def test_a_flask_project_comes_through(tmp_path: Path, try_out_everywhere: Try) -> None:
    """With Flask-Migrate's own env.py."""
    folder = flask_project(tmp_path)
    folder.table("a")
    folder.table("b", down="a")

    assert try_out_everywhere(folder).ok


def test_the_version_table_may_stand_in_a_schema_of_its_own(tmp_path: Path, try_out: Try) -> None:
    """Which env.py makes; neither the schema nor the table is taken for something left behind."""
    folder = plain_project(tmp_path, env=WITH_SCHEMA, options=", version_table='v', version_table_schema='marks'")
    folder.table("a")
    folder.revision("b", down="a", up="pass", back="op.execute(\"INSERT INTO marks.v VALUES ('stray')\")")

    trip = try_out(folder)

    assert [True, False] == [each.ok for each in trip.revisions]
    assert "version" == trip.revisions[1].differences[0].kind


def test_objects_in_other_schemas_are_seen(tmp_path: Path, try_out: Try) -> None:
    """And named with their schema."""
    folder = plain_project(tmp_path, options=", include_schemas=True")
    folder.revision("a", up="op.execute('CREATE SCHEMA shop'); op.execute('CREATE TABLE shop.t ()')")
    folder.revision("b", down="a", up="op.execute('CREATE TABLE shop.u ()')")

    _, b = try_out(folder).revisions

    assert ["shop.u"] == [each.name for each in b.differences]


def test_one_transaction_a_revision_is_no_difference(tmp_path: Path, try_out: Try) -> None:
    """Such an env.py does not keep the version table of a run without revisions."""
    folder = plain_project(tmp_path, options=", transaction_per_migration=True")
    folder.table("a")
    folder.table("b", down="a")

    assert try_out(folder).ok


def test_modules_beside_env_are_loaded_once_and_found(tmp_path: Path, try_out: Try) -> None:
    """As env.py found them: also through a path that it added by itself."""
    models = "import sys; sys.path.insert(0, __file__ + '/../lib'); import models_of_shop"
    folder = plain_project(tmp_path, models=models)
    library = folder.root / "migrations" / "lib"
    library.mkdir()
    (library / "models_of_shop.py").write_text(f"open({str(tmp_path / 'loads')!r}, 'a').write('loaded ')\n")
    (folder.root / "migrations" / "env.py").write_text(
        (folder.root / "migrations" / "env.py").read_text().replace("__file__ + '/../lib'", repr(str(library)))
    )
    folder.table("a")
    folder.table("b", down="a")

    assert try_out(folder).ok
    assert 2 == (tmp_path / "loads").read_text().count("loaded")


def test_an_env_with_a_url_of_its_own_is_refused(tmp_path: Path, postgres_server: Server, try_out: Try) -> None:
    """Before anything ran anywhere."""
    elsewhere = postgres_server.make_database()
    folder = plain_project(tmp_path, url=repr(elsewhere.replace("postgresql:", "postgresql+psycopg2:")))
    folder.table("a")

    with pytest.raises(RefusedError) as caught:
        try_out(folder)

    assert "other-database" == caught.value.code
    connection = psycopg2.connect(elsewhere)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('alembic_version')")
        assert (None,) == cursor.fetchone()
    connection.close()


def test_a_file_that_cannot_be_loaded_is_named(plain: Folder, try_out: Try) -> None:
    """No revision can be tried then: Alembic loads all of them or none."""
    plain.table("a")
    (plain.versions / "b.py").write_text("revision = 'b'\ndown_revision = 'a'\ndef upgrade(:\n")

    with pytest.raises(UsageError, match=r"SyntaxError: .* \(migrations/versions/b.py:3\)"):
        try_out(plain)


def test_a_missing_extension_is_explained(plain: Folder, try_out: Try) -> None:
    """The revision fails; the sentence says what to do."""
    plain.revision("a", up="op.execute('CREATE EXTENSION pgcrypto')")

    (trip,) = try_out(plain).revisions

    assert "pgcrypto" in (trip.error or "")
    assert "DATABASE_URL" in (trip.error or "")


def test_no_password_is_in_a_result(plain: Folder, postgres_server: Server, try_out: Try) -> None:
    """Whatever a revision puts into its exception."""
    plain.revision("a", up="pass", back="None[os.environ['DATABASE_URL']]")

    (trip,) = try_out(plain).revisions

    assert postgres_server.url.password.reveal() not in str(trip)
