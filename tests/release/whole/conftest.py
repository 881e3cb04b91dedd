"""Shops whose platform is Local Railway."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.release.whole.shops import Shop, open_shop
from tests.servers import Server


@pytest.fixture
def shop(tmp_path: Path, postgres_server: Server) -> Iterator[Shop]:
    """A shop at its first revision, committed; nothing is deployed, nothing is applied."""
    with open_shop(tmp_path, postgres_server) as opened:
        yield opened
