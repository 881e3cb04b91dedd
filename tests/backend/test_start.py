"""Starting as Railway does: the start command of railway.toml, in a shell, with PORT."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import tomllib
import urllib.error
import urllib.request

import pytest

from tests.backend.processes import ROOT, environment, run

SECRET = "s3cret-Pa55"
WRONG_URLS = ["", f"postgresql://wingman:{SECRET}@db.example:port/wingman", f"mysql://wingman:{SECRET}@db/wingman"]
DEADLINE_SECONDS = 30


@pytest.fixture(scope="module")
def deploy():
    """The deploy section of railway.toml."""
    return tomllib.loads((ROOT / "railway.toml").read_text())["deploy"]


@pytest.fixture
def port():
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return chosen.getsockname()[1]


def test_the_start_command_is_the_guides(deploy):
    """Migrations are no part of it."""
    assert deploy["startCommand"] == "gunicorn -w 4 -b 0.0.0.0:$PORT backend.wsgi:application"


def test_the_start_command_serves_health(deploy, port, make_database, upgraded_template, tmp_path):
    """Until its healthcheck says 200; then SIGTERM ends it with 0."""
    variables = environment(DATABASE_URL=make_database(template=upgraded_template), PORT=str(port))
    with (tmp_path / "log").open("wb") as log:
        # "exec", so that the signal reaches gunicorn whatever the shell is
        server = subprocess.Popen(
            ["sh", "-c", f"exec {deploy['startCommand']}"], cwd=ROOT, env=variables, stdout=log, stderr=log
        )
        try:
            health = _wait_for(f"http://127.0.0.1:{port}{deploy['healthcheckPath']}", server)
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
    """A copy of the application beside a .env file of its own; production does not look at it."""
    (tmp_path / "backend").symlink_to(ROOT / "backend")
    program = "import backend.config as c; c._DOTENV = c.Path('.env'); print(c.load_config().environment)"
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql:///wingman\nFLASK_ENV=production\n")

    development = run("python", "-c", program, cwd=tmp_path, FLASK_ENV="development")
    production = run("python", "-c", program, cwd=tmp_path)

    assert development.stdout.strip() == "development"
    assert "DATABASE_URL does not name a database" in production.stderr


def _assert_one_clear_message(output: str) -> None:
    assert output.startswith("Wingman cannot start: DATABASE_URL")
    assert output.count("\n") == 1
    assert SECRET not in output


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> dict[str, object]:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.load(answer)
        except urllib.error.URLError:
            time.sleep(0.05)
    raise AssertionError(f"no answer from {url}")
