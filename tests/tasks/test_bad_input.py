"""What a project can get wrong: exit code, error id, and nothing lost."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from psycopg2 import sql

from interlocking.postgres.url import parse
from tests.servers import Server
from tests.tasks.projects import ALEMBIC_INI, NO_MODELS, TinyProject, plain_project


def _without_migrations(project: TinyProject) -> None:
    shutil.rmtree(project.root / "migrations")


def _syntax_error(project: TinyProject) -> None:
    (project.versions / "three.py").write_text('revision = "three"\ndown_revision = "two"\ndef upgrade(:\n')


def _two_files_with_one_id(project: TinyProject) -> None:
    shutil.copy(project.versions / "three.py", project.versions / "again.py")


def _missing_parent(project: TinyProject) -> None:
    project.table_revision("four", "tree")


def _no_parent_named(project: TinyProject) -> None:
    (project.versions / "three.py").write_text('revision = "three"\n')


def _cycle(project: TinyProject) -> None:
    project.table_revision("one", "three")


@pytest.mark.parametrize(
    ("break_it", "code", "says"),
    [
        (_without_migrations, "migrations-not-found", "migrations"),
        (_syntax_error, "revision-syntax-error", "three.py"),
        (_two_files_with_one_id, "revision-id-duplicate", "again.py"),
        (_missing_parent, "revision-parent-missing", "tree"),
        (_no_parent_named, "down-revision-missing", "three.py"),
        (_cycle, "revision-cycle", "one"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_broken_revision_files(
    plain: TinyProject, break_it: Callable[[TinyProject], None], code: str, says: str
) -> None:
    """A wrong file of the project is exit 2, with its name or the id; on stdout it is one JSON object."""
    break_it(plain)
    before = plain.files()

    refused = plain.invoke("db.upgrade", "--json").refused(2, code)

    assert says in refused.err
    assert refused.json["error"]["code"] == code
    assert says in refused.json["error"]["message"]
    assert {"why", "next"} <= refused.json["error"].keys()
    assert "next: " in refused.err
    assert plain.files() == before
    assert plain.applied() == []


@pytest.mark.parametrize("words", [["db.upgrade"], ["db.current", "--json"]], ids=" ".join)
def test_a_database_that_is_down(plain: TinyProject, words: list[str]) -> None:
    """Exit 4 names the place."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    refused = plain.invoke(*words, DATABASE_URL=_at_port(plain.url, port)).refused(4, "connection-refused")

    assert f"127.0.0.1:{port}" in refused.err


def test_a_wrong_password(plain: TinyProject) -> None:
    """Neither the wrong one nor the right one is shown."""
    refused = plain.invoke("db.upgrade", DATABASE_URL=plain.url.replace(":canary", ":wrong-canary")).refused(
        4, "password-refused"
    )

    assert "wrong-canary" not in refused.text


def test_a_database_that_does_not_exist(plain: TinyProject) -> None:
    """It is not made in silence: the name may be misspelled."""
    plain.invoke("db.upgrade", DATABASE_URL=f"{plain.url}x").refused(4, "database-missing")


@pytest.mark.parametrize("text", ["nonsense", "mysql://a:canary-p4ssw%25rd@h/d", "postgresql://a:canary-p4ssw%rd@:x/"])
def test_a_malformed_database_url(plain: TinyProject, text: str) -> None:
    """Exit 2 without repeating it: there is a password inside."""
    plain.invoke("db.upgrade", DATABASE_URL=text).refused(2, "bad-database-url")


def test_a_read_only_database(plain: TinyProject, postgres_server: Server) -> None:
    """Reading works; writing is exit 4 and says why."""
    name = sql.Identifier(parse(plain.url).database)
    postgres_server.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))

    plain.invoke("db.status").ok()
    refused = plain.invoke("db.upgrade")

    assert refused.code == 4, refused.describe()
    assert "read-only" in refused.err


def test_a_database_ahead_of_the_files(upgraded: TinyProject) -> None:
    """Code older than its database moves nothing; the status says so, exit 0."""
    (upgraded.versions / "three.py").unlink()

    for words in (["db.upgrade"], ["db.migrate", "-m", "x"], ["db.check"]):
        upgraded.invoke(*words).refused(3, "code-older-than-database")
    assert "the files do not know three" in upgraded.invoke("db.status").ok().out
    assert upgraded.invoke("db.current", "--json").ok().json["current"] == ["three"]
    assert upgraded.applied() == ["three"]


def test_a_stamp_forgets_what_the_files_do_not_know(upgraded: TinyProject) -> None:
    """The way out that the refusal names."""
    (upgraded.versions / "three.py").unlink()

    stamped = upgraded.invoke("db.stamp", "-r", "two").ok()

    assert "forget three" in stamped.err
    assert upgraded.applied() == ["two"]


def test_not_a_git_repository_is_no_obstacle(plain: TinyProject) -> None:
    """Only doctor minds."""
    assert not (plain.root / ".git").exists()
    plain.invoke("db.upgrade", "db.status").ok()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[tool.interlocking\n", "bad-pyproject"),
        ('[tool.interlocking]\nalembic_inny = "x"\n', "unknown-setting"),
        ("[tool.interlocking]\nmigrations = 3\n", "bad-setting"),
    ],
)
def test_wrong_settings(plain: TinyProject, text: str, code: str) -> None:
    """Exit 2, and the key or the line is named."""
    plain.write("pyproject.toml", text)

    plain.invoke("db.status").refused(2, code)


def test_an_own_url_in_env_py_is_refused(tmp_path: Path, make_url: Callable[[], str]) -> None:
    """Before anything runs: both databases and all files stay as they are; exit 3 names both."""
    intended, other = make_url(), make_url()
    project = plain_project(tmp_path, intended, ["one"], models=NO_MODELS)
    environment = (tmp_path / "migrations/env.py").read_text()
    own = f"url = {other.replace('postgresql', 'postgresql+psycopg2', 1)!r}"
    project.write(
        "migrations/env.py", environment.replace('url = context.config.get_main_option("sqlalchemy.url")', own)
    )
    before = project.files()

    for words in (["db.upgrade"], ["db.stamp", "-r", "one"], ["db.test-rollback", "--all"]):
        refused = project.invoke(*words).refused(3, "other-database")
        assert other.rpartition("/")[2] in refused.err
    assert project.files() == before
    for database in (intended, other):
        assert project.sql("SELECT count(*) FROM pg_class WHERE relname IN ('one', 'alembic_version')", database) == [
            (0,)
        ]


def test_an_ini_without_a_usable_url_is_fine(plain: TinyProject) -> None:
    """The placeholder that `alembic init` writes is replaced by the intended database."""
    assert "driver://" in ALEMBIC_INI
    plain.invoke("db.upgrade").ok()


def _at_port(url: str, port: int) -> str:
    return url.replace(f":{parse(url).port}/", f":{port}/")
