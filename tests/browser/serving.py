"""Wingman as it runs in production: gunicorn over a real database, and the built frontend before it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ports import reserved_port
from tests.waiting import DEADLINE_SECONDS, wait_until

PROJECT = Path(__file__).resolve().parents[2]
FRONTEND = PROJECT / "frontend"
VITE = FRONTEND / "node_modules" / "vite" / "bin" / "vite.js"


@dataclass(slots=True)
class Service:
    """A process that listens on a port of its own, and can be stopped and started again on it."""

    argv: list[str]
    environment: dict[str, str]
    port: int
    cwd: Path = PROJECT
    end_with: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the process and wait until it answers HTTP, whatever the answer."""
        self.process = subprocess.Popen(
            self.argv,
            cwd=self.cwd,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._serves, lambda: f"{self.argv} does not answer")

    def stop(self) -> None:
        """End the process and wait until it is gone."""
        if self.process is not None:
            self.process.send_signal(self.end_with)
            self.process.wait(timeout=DEADLINE_SECONDS)
            self.process = None

    def _serves(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"{self.argv} ended with {self.process.returncode}"
        return _answers(self.url)


@dataclass(frozen=True, slots=True)
class Site:
    """One Wingman: its address for a browser, its backend, and the database under both."""

    url: str
    backend: Service
    database_url: str


@contextmanager
def serve_site(database_url: str) -> Iterator[Site]:
    """Serve the built frontend over a backend on the given database, until the block ends."""
    with reserved_port() as backend_port, reserved_port() as frontend_port:
        backend = _backend(database_url, backend_port)
        frontend = _frontend(backend.url, frontend_port)
        try:
            backend.start()
            frontend.start()
            yield Site(url=frontend.url, backend=backend, database_url=database_url)
        finally:
            frontend.stop()
            backend.stop()


def flask(database_url: str, *arguments: str) -> None:
    """Run a `flask` command of the backend on a database."""
    _run(database_url, ["-m", "flask", *arguments])


def seed(database_url: str) -> None:
    """Fill a migrated database with the sample rows."""
    program = "from backend import create_app, seed; create_app().app_context().push(); seed.seed()"
    _run(database_url, ["-c", program])


def _run(database_url: str, arguments: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env={**os.environ, **_backend_environment(database_url)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def _backend(database_url: str, port: int) -> Service:
    bind = f"127.0.0.1:{port}"
    argv = [sys.executable, "-m", "gunicorn", "-w", "2", "-b", bind, "backend.wsgi:application"]
    return Service(argv, _backend_environment(database_url), port)


def _frontend(backend_url: str, port: int) -> Service:
    argv = ["node", str(VITE), "preview", "--host", "127.0.0.1", "--port", str(port), "--strictPort"]
    # Asked politely it would wait 5 s for the connections that the browser keeps open.
    return Service(argv, {"VITE_PROXY_TARGET": backend_url}, port, cwd=FRONTEND, end_with=signal.SIGKILL)


def _backend_environment(database_url: str) -> dict[str, str]:
    return {"DATABASE_URL": database_url, "FLASK_APP": "backend.wsgi:application", "FLASK_ENV": "production"}


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return False
    return True
