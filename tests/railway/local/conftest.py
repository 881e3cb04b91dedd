"""A fresh shop for each test, cheaply: no process runs in it until a test deploys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from interlocking.railway.local.platform import stop
from tests.railway.local.calls import Shop, make_shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A linked shop; nothing of it runs after the test."""
    made = make_shop(tmp_path)
    yield made
    stop(made.world)
