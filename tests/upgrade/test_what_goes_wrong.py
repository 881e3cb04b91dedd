"""What is said when a revision, env.py or the application fails, and what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest

from interlocking.errors import (
    CheckFailedError,
    IncompleteError,
    InterlockingError,
    RefusedError,
    UnavailableError,
    UsageError,
)
from interlocking.postgres.url import parse
from interlocking.upgrade.running.runner import Alembic
from tests.servers import Server
from tests.upgrade.projects import Folder, flask_project, plain_project


def alembic(folder: Folder, url: str) -> Alembic:
    return Alembic(folder.load(url), parse(url))


def failure(work: Callable[[], object]) -> InterlockingError:
    with pytest.raises(InterlockingError) as caught:
        work()
    return caught.value


RAISING = {
    "a database error": (
        "op.execute('SELECT 1 / 0')",
        (
            CheckFailedError,
            "revision-failed",
            "bad failed in its upgrade: division by zero (migrations/versions/bad.py:14)",
        ),
    ),
    "an error in Python": (
        "None.upper()",
        (CheckFailedError, "revision-failed", "AttributeError: 'NoneType' object has no attribute 'upper'"),
    ),
    "sys.exit": ("sys.exit('enough')", (CheckFailedError, "revision-failed", "SystemExit: enough")),
    "os._exit": ("os._exit(0)", (CheckFailedError, "child-ended", "bad did not finish its upgrade")),
    "a crash": ("os.kill(os.getpid(), 11)", (CheckFailedError, "child-ended", "was killed by SIGSEGV")),
    "an extension that the server has not": (
        "op.execute('CREATE EXTENSION nothing_like_it')",
        (UnavailableError, "missing-extension", "no extension nothing_like_it"),
    ),
    "a statement timeout": (
        "op.execute('SET statement_timeout = 1'); op.execute('SELECT pg_sleep(5)')",
        (UnavailableError, "statement-timeout", "canceling statement"),
    ),
    "a missing privilege": (
        "op.execute('SET ROLE pg_monitor'); op.execute('CREATE TABLE public.t ()')",
        (UnavailableError, "permission-denied", "permission denied for schema public"),
    ),
    "a read-only transaction": (
        "op.execute('SET TRANSACTION READ ONLY'); op.execute('CREATE TABLE t ()')",
        (UnavailableError, "read-only-database", "read-only transaction"),
    ),
}


@pytest.mark.parametrize(("up", "expected"), RAISING.values(), ids=RAISING)
def test_the_failing_revision_is_named(
    plain: Folder, database: str, up: str, expected: tuple[type[InterlockingError], str, str]
) -> None:
    """With its line, and not the target of the step; nothing was changed, so the error is not a part-way one."""
    plain.table("a")
    plain.revision("bad", down="a", up=up)
    plain.table("target", down="bad")

    error = failure(alembic(plain, database).upgrade)

    kind, code, text = expected
    assert (kind, code) == (type(error), error.code)
    assert text in error.message
    assert "bad" in error.message


def test_a_deferred_constraint_fails_at_the_commit(plain: Folder, database: str) -> None:
    """The last statement of the revision is long past then."""
    plain.revision(
        "a",
        up="""
        op.execute("CREATE TABLE p (id int PRIMARY KEY)")
        op.execute("CREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED)")
        op.execute("INSERT INTO c VALUES (1)")
        """,
    )

    error = failure(alembic(plain, database).upgrade)

    assert "a failed when its transaction was committed" in error.message


def test_a_lock_that_cannot_be_had_is_no_fault_of_the_revision(plain: Folder, database: str) -> None:
    """Exit 4: try again later."""
    plain.table("a")
    alembic(plain, database).upgrade()
    plain.revision("b", down="a", up="op.execute(\"SET lock_timeout = '20ms'\"); op.execute('LOCK a')")
    other = psycopg2.connect(database)
    other.cursor().execute("LOCK a IN ACCESS SHARE MODE")

    error = failure(alembic(plain, database).upgrade)
    other.close()

    assert (UnavailableError, "lock-timeout") == (type(error), error.code)


def test_one_transaction_a_revision_keeps_what_came_before(tmp_path: Path, database: str) -> None:
    """Then it stopped part-way, and the error says where."""
    folder = plain_project(tmp_path, options=", transaction_per_migration=True")
    folder.table("a")
    folder.revision("bad", down="a", up="op.execute('SELECT 1 / 0')")

    error = failure(alembic(folder, database).upgrade)

    assert (IncompleteError, "revision-failed") == (type(error), error.code)
    assert "the database is at a" in error.why


def test_a_revision_that_committed_before_it_failed_is_told(plain: Folder, database: str) -> None:
    """The version table says base, and yet something was changed."""
    plain.revision(
        "a",
        up="""
        with op.get_context().autocommit_block():
            op.execute("CREATE TABLE half ()")
        op.execute("SELECT 1 / 0")
        """,
    )

    error = failure(alembic(plain, database).upgrade)

    assert IncompleteError is type(error)
    assert "a committed part of its work" in error.why


def test_an_irreversible_downgrade_is_told_from_a_broken_one(plain: Folder, database: str) -> None:
    """Its author said so with `raise`."""
    plain.revision("a", back="raise NotImplementedError('rows are gone')")
    alembic(plain, database).upgrade()

    error = failure(alembic(plain, database).downgrade)

    assert "irreversible" == error.code
    assert "a cannot be downgraded: NotImplementedError: rows are gone" in error.message


LOADING = {
    "a syntax error": ("def upgrade(:", "SyntaxError", "migrations/versions/bad.py:1"),
    "a missing module": ("import nothing_like_it", "No module named 'nothing_like_it'", "migrations/versions/bad.py:1"),
}


@pytest.mark.parametrize(("text", "said", "where"), LOADING.values(), ids=LOADING)
def test_a_file_that_cannot_be_loaded_is_named(plain: Folder, database: str, text: str, said: str, where: str) -> None:
    """Alembic runs every file before it does anything."""
    plain.table("a")
    (plain.versions / "bad.py").write_text(text)

    error = failure(alembic(plain, database).upgrade)

    assert (UsageError, "unloadable-file") == (type(error), error.code)
    assert said in error.message
    assert where in error.message


def test_an_unknown_target_is_a_wrong_value(plain: Folder, database: str) -> None:
    """Exit 2."""
    plain.table("a")

    error = failure(lambda: alembic(plain, database).upgrade("nope"))

    assert (UsageError, "revision-not-found") == (type(error), error.code)


def test_a_database_ahead_of_the_files_is_left_alone(plain: Folder, database: str) -> None:
    """Exit 3: other code migrated it."""
    plain.table("a")
    path = plain.table("newer", down="a")
    alembic(plain, database).upgrade()
    path.unlink()

    error = failure(alembic(plain, database).upgrade)

    assert (RefusedError, "revision-unknown-to-files") == (type(error), error.code)
    assert "newer" in error.message


def test_a_database_that_is_down_is_unavailable(plain: Folder) -> None:
    """Before any child is started."""
    assert UnavailableError is type(failure(alembic(plain, "postgresql://nobody@127.0.0.1:1/none").upgrade))


def test_a_project_without_migrations_is_told_what_is_missing(tmp_path: Path, database: str) -> None:
    """Not a traceback from Alembic."""
    error = failure(alembic(Folder(tmp_path), database).upgrade)

    assert "no-migrations" == error.code


def test_an_exception_in_env_is_reported_with_its_line(tmp_path: Path, database: str) -> None:
    """An exception outside any revision is env.py's own."""
    folder = plain_project(tmp_path, models="None.upper()")
    folder.table("a")

    error = failure(alembic(folder, database).upgrade)

    assert "env-failed" == error.code
    assert "migrations/env.py:6" in error.message


APPLICATIONS = {
    "no such module": ("missing:app", "", "Could not import 'missing'"),
    "an exception at import": ("shop:app", "1 / 0", "division by zero (shop.py:13)"),
    "a missing import": ("shop:app", "import nothing_like_it", "No module named 'nothing_like_it'"),
    "sys.exit at import": ("shop:app", "raise SystemExit('DATABASE_URL is wrong')", "DATABASE_URL is wrong"),
    "no such application": ("shop:nobody", "", "nobody"),
}


@pytest.mark.parametrize(("app", "code", "said"), APPLICATIONS.values(), ids=APPLICATIONS)
def test_an_application_that_cannot_be_loaded_is_named(
    tmp_path: Path, database: str, app: str, code: str, said: str
) -> None:
    """Its last line and where it happened, not a traceback."""
    folder = flask_project(tmp_path, models=code)
    (tmp_path / "pyproject.toml").write_text(f'[tool.interlocking]\napp = "{app}"\n')

    error = failure(alembic(folder, database).upgrade)

    assert (UsageError, "app-import") == (type(error), error.code)
    assert said in error.message


def test_a_bare_url_with_sqlalchemy_two_one_is_explained(tmp_path: Path, database: str) -> None:
    """It means psycopg 3 there, which is not installed."""
    folder = flask_project(tmp_path, url="os.environ['DATABASE_URL']")
    folder.table("a")

    error = failure(alembic(folder, database).upgrade)

    assert "postgresql+psycopg2://" in error.next


def test_an_application_without_flask_migrate_is_told_what_is_missing(tmp_path: Path, database: str) -> None:
    """Alembic's configuration comes from that extension."""
    folder = flask_project(tmp_path)
    (tmp_path / "shop.py").write_text("from flask import Flask\napp = Flask(__name__)\n")

    error = failure(alembic(folder, database).upgrade)

    assert "no-flask-migrate" == error.code


def test_no_password_is_ever_shown(tmp_path: Path, postgres_server: Server) -> None:
    """Not in what is printed, not in an exception of SQLAlchemy, not in a traceback."""
    url = postgres_server.make_database()
    password = parse(url).password.reveal()
    folder = plain_project(tmp_path)
    folder.revision("a", up="print(os.environ['DATABASE_URL']); raise ValueError(os.environ['DATABASE_URL'])")
    heard: list[str] = []

    error = failure(Alembic(folder.load(url), parse(url), lambda event: heard.append(event.text)).upgrade)

    assert password
    assert password not in " ".join([*heard, error.message, error.why, error.next])
    assert "***" in error.message


def test_a_cycle_is_named(plain: Folder, database: str) -> None:
    """Alembic finds it when it sorts the files."""
    plain.table("a", down="b")
    plain.table("b", down="a")

    error = failure(alembic(plain, database).upgrade)

    assert (UsageError, "revision-cycle") == (type(error), error.code)


def test_a_revision_that_closes_every_descriptor_is_waited_for(plain: Folder, database: str) -> None:
    """Nobody answers then; the end of the process is the answer."""
    plain.revision("a", up="os.closerange(3, 256)")

    error = failure(alembic(plain, database).upgrade)

    assert "child-ended" == error.code
