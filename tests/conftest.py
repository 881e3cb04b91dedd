"""What every test stands on: an environment without surprises, and a real PostgreSQL."""

from __future__ import annotations

import compileall
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.servers import Server, programs_of, temporary_server

# A test fails because of the code, not because the machine was busy during an example, or by chance.
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

MakeDatabase = Callable[..., str]

_REPOSITORY = Path(__file__).parent.parent

_SURPRISES = re.compile(
    r"CI|NO_COLOR|CLICOLOR(?:_FORCE)?|FORCE_COLOR|PY_COLORS|COLORTERM|COLUMNS|LINES|GITHUB_.*|RAILWAY_.*|"
    r"DATABASE_(?:PUBLIC_)?URL|PG[A-Z]+|INTERLOCKING_.*|INVOKE_.*|FLASK_.*|FRONTEND_ORIGIN|PORT|"
    r"CLAUDECODE|CURSOR_AGENT|(?:CODEX|GEMINI|COPILOT)_.*"
)


def pytest_configure(config: pytest.Config) -> None:
    """Drop what fixtures of the whole session must not see either; compile what thousands of processes will import.

    Where PYTHONDONTWRITEBYTECODE is set, as it is in many containers, each of them would compile it anew.
    """
    for name in _surprises():
        del os.environ[name]
    if not hasattr(config, "workerinput"):  # once, before the workers of pytest-xdist begin
        for folder in ("interlocking", "backend", "benchmarks"):
            compileall.compile_dir(_REPOSITORY / folder, quiet=1)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the machine, nor of an earlier test, decides about a test."""
    for name in _surprises():
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """PostgreSQL 18 from the wheel; one server per worker of pytest-xdist."""
    with temporary_server() as server:
        yield server


@pytest.fixture(scope="session", params=["18", "15"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Each supported PostgreSQL that this machine has."""
    if request.param == "18":
        yield request.getfixturevalue("postgres_server")
        return
    with temporary_server(programs_of("15"), version="15") as running:
        yield running


@pytest.fixture(scope="session")
def make_database(postgres_server: Server) -> MakeDatabase:
    """Make a database on PostgreSQL 18, empty or a copy of another: see `Server.make_database`."""
    return postgres_server.make_database


@pytest.fixture
def database(postgres_server: Server) -> Iterator[str]:
    """The URL of an empty database of this test's own, on PostgreSQL 18."""
    url = postgres_server.make_database()
    yield url
    postgres_server.drop(url)


def _surprises() -> list[str]:
    return [name for name in os.environ if _SURPRISES.fullmatch(name)]
