"""What a temporary command says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from interlocking.environment import load_project
from interlocking.errors import UsageError
from interlocking.release.commands import Kind, migrate_command, migrates, with_migration

MIGRATE = "flask db upgrade"


@pytest.mark.parametrize(
    ("command", "kind", "shell", "expected"),
    [
        ("gunicorn -b 0.0.0.0:$PORT app", "start-command", True, "flask db upgrade && gunicorn -b 0.0.0.0:$PORT app"),
        ("a && b | c 2>&1", "start-command", True, "flask db upgrade && a && b | c 2>&1"),
        ("a || b", "start-command", True, "flask db upgrade && { a || b; }"),
        ("a; b;", "start-command", True, "flask db upgrade && { a; b; }"),
        ("a & b", "start-command", True, "flask db upgrade && { a & b; }"),
        ("a; b # c", "start-command", True, "flask db upgrade && { a; b # c\n }"),
        ("echo 'a; b' \"c || d\"", "start-command", True, "flask db upgrade && echo 'a; b' \"c || d\""),
        ("gunicorn app", "start-command", False, "/bin/sh -c 'flask db upgrade && gunicorn app'"),
        ("", "pre-deploy", True, "flask db upgrade"),
        ("./collect", "pre-deploy", True, "/bin/sh -c 'flask db upgrade && ./collect'"),
    ],
)
def test_the_migration_comes_first(command: str, kind: Kind, shell: bool, expected: str) -> None:
    """And what was there follows only when it succeeded."""
    assert expected == with_migration(command, MIGRATE, kind, shell=shell)


@pytest.mark.parametrize(
    "command", ["echo started", "false || echo started", "true; echo started", "echo started # x; y"]
)
@pytest.mark.parametrize("shell", [True, False])
def test_nothing_starts_after_a_failed_migration(command: str, shell: bool) -> None:
    """A real shell says so; after a migration that succeeded everything starts as before."""
    failed = with_migration(command, "false", "start-command", shell=shell)
    succeeded = with_migration(command, "true", "start-command", shell=shell)

    assert "" == _said(failed)
    assert "started\n" == _said(succeeded)


@pytest.mark.parametrize(
    "command",
    [
        "flask db upgrade",
        "flask db upgrade && gunicorn app",
        "python -m flask --app x db upgrade; gunicorn app",
        "sh -c 'alembic -c x.ini upgrade head && gunicorn app'",
        "invoke db.prod-upgrade --yes && gunicorn app",
        "python manage.py db upgrade",
    ],
)
def test_a_command_that_migrates_is_known(command: str) -> None:
    """So that it is never wrapped twice."""
    assert migrates(command)


@pytest.mark.parametrize(
    "command", ["", "gunicorn app", "flask run", "flask db current && ./upgrade", "alembic current"]
)
def test_a_command_that_does_not_migrate(command: str) -> None:
    """What only looks like it."""
    assert not migrates(command)


def test_an_open_quote_is_refused() -> None:
    """No shell could run it."""
    with pytest.raises(UsageError) as said:
        with_migration("gunicorn 'app", MIGRATE, "start-command", shell=True)

    assert "start-command-unreadable" == said.value.code


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ('app = "shop:application"', "flask db upgrade"),
        ('alembic_ini = "alembic.ini"', "alembic upgrade head"),
        ('alembic_ini = "db/my alembic.ini"', "alembic -c 'db/my alembic.ini' upgrade head"),
    ],
)
def test_the_project_says_how_it_migrates(tmp_path: Path, settings: str, expected: str) -> None:
    """With Flask-Migrate, or with Alembic alone."""
    (tmp_path / "pyproject.toml").write_text(f"[tool.interlocking]\n{settings}\n")

    assert expected == migrate_command(load_project(tmp_path, {}))


def _said(command: str) -> str:
    return subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False).stdout
