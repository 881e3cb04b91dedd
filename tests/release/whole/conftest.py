"""Shops whose platform is Local Railway."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from interlocking.postgres.url import DatabaseUrl
from tests.release.whole.shops import Shop, make_first_revision, open_shop
from tests.servers import Server


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory, postgres_server: Server) -> DatabaseUrl:
    """A database at the first revision, which shops copy."""
    return make_first_revision(tmp_path_factory.mktemp("first"), postgres_server)


@pytest.fixture
def shop(tmp_path: Path, postgres_server: Server, first: DatabaseUrl) -> Iterator[Shop]:
    """A shop at its first revision, committed; nothing is deployed, nothing is applied."""
    with open_shop(tmp_path, postgres_server, first) as opened:
        yield opened
