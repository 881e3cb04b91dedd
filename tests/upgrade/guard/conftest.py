"""Projects on databases of their own, on each supported PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from interlocking.postgres.url import parse
from interlocking.redaction import Secret
from tests.servers import Server
from tests.upgrade.guard.flask_histories import FlaskHistory
from tests.upgrade.guard.histories import History

MakeHistory = Callable[..., History]


@pytest.fixture
def make_history(server: Server, tmp_path: Path) -> Iterator[MakeHistory]:
    """Make a project on a new database."""
    made: list[str] = []

    def make(url: str = "") -> History:
        made.append(url or server.make_database())
        return History(tmp_path / f"project-{len(made)}", made[-1])

    yield make
    for url in made:
        server.drop(url)


@pytest.fixture
def history(make_history: MakeHistory) -> History:
    """A project without revisions on an empty database."""
    return make_history()


@pytest.fixture(params=[History, FlaskHistory], ids=["alembic", "flask"])
def either(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> History:
    """A project of plain Alembic, and one of Flask-Migrate."""
    kind: type[History] = request.param
    return kind(tmp_path / "project", database)


@pytest.fixture
def role(history: History) -> Iterator[str]:
    """The URL of the history's database for a role that may read and write nothing yet."""
    name = "guest"
    history.rows(f"CREATE ROLE {name} LOGIN PASSWORD 'guest'")
    yield replace(parse(history.url), user=name, password=Secret(name)).libpq()
    history.rows(f"DROP OWNED BY {name}; DROP ROLE {name}")
