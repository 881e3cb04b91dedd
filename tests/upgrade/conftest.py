"""What the tests of this room share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Server
from tests.upgrade.projects import Folder, plain_project


@pytest.fixture
def plain(tmp_path: Path) -> Folder:
    """An empty project without Flask."""
    return plain_project(tmp_path / "shop")


@pytest.fixture
def empty(server: Server) -> Iterator[str]:
    """The URL of an empty database, on each supported PostgreSQL."""
    url = server.make_database()
    yield url
    server.drop(url)
