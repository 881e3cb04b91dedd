"""onboard: from a fresh folder to a working one, and again without harm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from interlocking.postgres.embedded import EmbeddedServer
from tests.tasks.projects import TinyProject, flask_project


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[TinyProject]:
    """A Flask-Migrate project on the embedded server, with a .env.example and a frontend, before its first task."""
    project = flask_project(tmp_path / "shop", "")
    project.write(".env.example", "DATABASE_URL=embedded:\nFLASK_APP=shop:application\n")
    project.write("frontend/package.json", "{}")
    settings = (project.root / "pyproject.toml").read_text()
    project.write("pyproject.toml", settings + 'frontend = "frontend"\n')
    project.variables = {"PATH": str(tmp_path / "no-programs"), "CI": ""}
    yield project
    EmbeddedServer(project.root / ".interlocking").stop()


def test_a_fresh_folder_becomes_a_working_one(fresh: TinyProject) -> None:
    """.env with the real URL, the frontend skipped aloud without Node, upgraded, seeded, proven, and a next step."""
    ran = fresh.invoke("onboard").ok()

    dotenv = (fresh.root / ".env").read_text()
    assert "DATABASE_URL=postgresql://" in dotenv
    assert 0o600 == (fresh.root / ".env").stat().st_mode & 0o777
    assert "frontend skipped: Node is not installed" in ran.err
    for command in ("db.upgrade", "db.seed", "db.migrate --dry-run", "db.test-rollback --all", "db.status"):
        assert f"$ invoke {command}" in ran.err
    assert "this machine is ready" in ran.err


def test_a_second_run_keeps_what_is_there(fresh: TinyProject) -> None:
    """An edited .env most of all."""
    fresh.invoke("onboard").ok()
    edited = (fresh.root / ".env").read_text() + "MINE=1\n"
    fresh.write(".env", edited)

    ran = fresh.invoke("onboard").ok()

    assert edited == (fresh.root / ".env").read_text()
    assert "already at open_shop; nothing to do" in ran.out


def test_it_stops_at_the_first_step_that_says_no(fresh: TinyProject) -> None:
    """A downgrade that leaves something behind is shown, and the exit code tells."""
    fresh.revision("moody", "open_shop", upgrade="op.execute(\"CREATE TYPE mood AS ENUM ('good')\")", downgrade="pass")

    ran = fresh.invoke("onboard")

    assert 1 == ran.code, ran.describe()
    assert "type mood is left behind" in ran.out
    assert "this machine is ready" not in ran.err
