"""Starting as Railway does: the start command of railway.toml, in a shell, with PORT."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import tomllib
import urllib.request

import pytest

from tests.backend.processes import ROOT, environment, run
from tests.ports import reserved_port
from tests.waiting import DEADLINE_SECONDS, wait_until

SECRET = "s3cret-Pa55"
WRONG_URLS = ["", f"postgresql://wingman:{SECRET}@db.example:port/wingman", f"mysql://wingman:{SECRET}@db/wingman"]
SHOW_CONFIG = """
from backend.config import load_config
config = load_config()
print(config.database_url.database, *config.frontend_origins)
"""


@pytest.fixture(scope="module")
def deploy():
    """The deploy section of railway.toml."""
    return tomllib.loads((ROOT / "railway.toml").read_text())["deploy"]


@pytest.fixture
def port():
    with reserved_port() as reserved:
        yield reserved


def test_the_start_command_is_the_guides(deploy):
    """Migrations are no part of it."""
    assert deploy["startCommand"] == "gunicorn -w 4 -b 0.0.0.0:$PORT backend.wsgi:application"


def test_the_start_command_serves_health(deploy, port, make_database, upgraded_template, tmp_path):
    """Until its healthcheck says 200; then SIGTERM ends it with 0."""
    variables = environment(DATABASE_URL=make_database(template=upgraded_template), PORT=str(port))
    log = tmp_path / "log"
    with log.open("wb") as output:
        # "exec", so that the signal reaches gunicorn whatever the shell is
        command = ["sh", "-c", f"exec {deploy['startCommand']}"]
        server = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=output, stderr=output)
    try:
        # A worker that is told to stop before it listens to signals is waited for by gunicorn: half a minute.
        wait_until(lambda: log.read_text().count("Booting worker") == 4)
        health = wait_until(lambda: _answer(f"http://127.0.0.1:{port}{deploy['healthcheckPath']}"))
    finally:
        server.send_signal(signal.SIGTERM)
        status = server.wait(timeout=DEADLINE_SECONDS)

    assert health["status"] == "ok"
    assert status == 0


@pytest.mark.parametrize("url", WRONG_URLS)
def test_gunicorn_stops_with_one_message(deploy, port, url):
    """No traceback, no password, no worker that is started again and again."""
    ended = run("sh", "-c", deploy["startCommand"], DATABASE_URL=url, PORT=str(port))

    assert ended.returncode != 0
    _assert_one_clear_message(ended.stdout + ended.stderr)


@pytest.mark.parametrize("url", WRONG_URLS)
def test_flask_stops_with_one_message(url):
    """The same message, before any migration is thought of."""
    ended = run("flask", "db", "current", DATABASE_URL=url)

    assert ended.returncode != 0
    _assert_one_clear_message(ended.stdout + ended.stderr)


def test_development_reads_dotenv_and_the_environment_wins(tmp_path):
    """A copy of the application, beside a .env file of its own."""
    shutil.copytree(ROOT / "backend", tmp_path / "backend")
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql:///written\nFRONTEND_ORIGIN=https://written.example\n")

    ended = run(
        "python", "-c", SHOW_CONFIG, cwd=tmp_path, FLASK_ENV="development", FRONTEND_ORIGIN="https://set.example"
    )

    assert ended.stdout.split() == ["written", "https://set.example"]


def test_production_does_not_read_dotenv(tmp_path):
    """A file that was left behind changes nothing there."""
    shutil.copytree(ROOT / "backend", tmp_path / "backend")
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql:///written\n")

    ended = run("python", "-c", SHOW_CONFIG, cwd=tmp_path)

    assert "DATABASE_URL does not name a database" in ended.stderr


def _assert_one_clear_message(output: str) -> None:
    assert output.startswith("Wingman cannot start: DATABASE_URL")
    assert output.count("\n") == 1
    assert SECRET not in output


def _answer(url: str) -> dict[str, object] | None:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)
    except OSError:
        return None
