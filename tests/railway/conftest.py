"""A shop of Local Railway whose `railway` is the one on PATH."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from interlocking.railway.local.platform import stop
from tests.railway.local.calls import Shop, make_shop

MakeShop = Callable[..., Shop]


@pytest.fixture
def new_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeShop]:
    """Make the shop of this test; nothing of it runs afterwards."""
    made: list[Shop] = []

    def make(*services: object, **changes: object) -> Shop:
        made.append(make_shop(tmp_path, *services, **changes))  # type: ignore[arg-type]  # handed through
        monkeypatch.setenv("PATH", f"{made[0].path}:{os.environ['PATH']}")
        return made[0]

    yield make
    for shop in made:
        stop(shop.world)


@pytest.fixture
def shop(new_shop: MakeShop) -> Shop:
    """A shop with a service `web` and a database, linked to its folder."""
    return new_shop()
