"""db.start, db.stop, db.url, db.shell: the embedded server and another one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from interlocking.postgres.embedded import EmbeddedServer
from interlocking.postgres.url import parse
from tests.tasks.projects import PASSWORD, TinyProject, plain_project


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[TinyProject]:
    """A project without DATABASE_URL; its server is stopped at the end."""
    project = plain_project(tmp_path, "", ["one"])
    yield project
    EmbeddedServer(project.root / ".interlocking").stop()


def test_the_embedded_servers_day(embedded: TinyProject) -> None:
    """Started by the first task that needs it, kept between tasks, revealed for scripts, stopped twice calmly."""
    embedded.invoke("db.upgrade").ok()

    started = embedded.invoke("db.start", "--json").ok().json
    shown = embedded.invoke("db.url").ok().out.strip()
    real = embedded.invoke("db.url", "--reveal").ok().out.strip()

    assert started["embedded"] is True
    assert ":***@127.0.0.1:" in shown
    assert embedded.sql("SELECT version_num FROM alembic_version", real) == [("one",)]
    assert parse(real).masked == shown == started["url"]
    assert "has stopped" in embedded.invoke("db.stop").ok().out
    assert "was not running" in embedded.invoke("db.stop").ok().out
    assert "one (head)" in embedded.invoke("db.current").ok().out


def test_its_url_in_dotenv_is_recognised_and_starts_it(embedded: TinyProject) -> None:
    """After onboarding `.env` names the real URL, and a stopped server is no obstacle."""
    url = embedded.invoke("db.url", "--reveal").ok().out.strip()
    embedded.write(".env", f"DATABASE_URL={url}\n")
    embedded.invoke("db.stop").ok()

    embedded.invoke("db.upgrade").ok()

    assert embedded.sql("SELECT version_num FROM alembic_version", url) == [("one",)]


def test_a_server_of_ones_own_is_only_checked_and_never_stopped(plain: TinyProject) -> None:
    """db.stop is about the embedded server alone."""
    started = plain.invoke("db.start", "--json").ok().json

    assert started["embedded"] is False
    assert "was not running" in plain.invoke("db.stop").ok().out
    assert plain.sql("SELECT 1") == [(1,)]
    assert not (plain.root / ".interlocking").exists()


def test_url_reveals_only_when_asked(plain: TinyProject) -> None:
    """Masked by default; the real one alone on stdout, percent-encoded, usable as it is."""
    assert PASSWORD not in plain.invoke("db.url").ok().out

    revealed = plain.invoke("db.url", "--reveal").ok()

    assert revealed.out == f"{plain.url}\n"
    assert revealed.err == ""


def test_shell_is_psql_on_the_target(upgraded: TinyProject) -> None:
    """It reads what is typed, and its status is the task's."""

    told = upgraded.invoke("db.shell", input="SELECT 'at ' || version_num FROM alembic_version;\n").ok()

    assert "at three" in told.out
    assert upgraded.invoke("db.shell", input="\\set ON_ERROR_STOP on\nSELECT 1/0;\n").code == 3


def test_the_shell_keeps_the_password_off_every_command_line(plain: TinyProject) -> None:
    """Every user of the machine can read /proc; the password travels in the environment."""
    with plain.running("db.shell", stdin=True) as child:
        assert child.stdin is not None
        child.stdin.write("\\echo ready\n")
        child.stdin.flush()
        assert child.stdout is not None
        assert "ready" in child.stdout.readline()

        lines = command_lines_of_session(child.pid)

    assert any("psql" in line for line in lines)
    assert not any(PASSWORD in line or "canary" in line for line in lines)


def command_lines_of_session(session: int) -> list[str]:
    """What `ps` shows of every process of a session."""
    lines = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                lines.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except (ProcessLookupError, FileNotFoundError):
            continue  # it ended while we looked
    return lines
