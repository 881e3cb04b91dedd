"""Projects on databases of their own, on each supported PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

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
