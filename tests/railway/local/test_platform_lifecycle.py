"""A deployment's way from the upload to traffic, and what stops it on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.railway.local.platforms import Place, get, place, write_app


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path / "world") as running:
        yield running


def test_a_deployment_gets_traffic_at_a_stable_address(web: Place, tmp_path: Path) -> None:
    """The second one answers where the first one did."""
    first = web.deploy(write_app(tmp_path / "one", "return 'one'"))
    url = web.url

    assert ("SUCCESS", (200, "one")) == (web.status(first), get(url)), web.story(first)

    second = web.deploy(write_app(tmp_path / "two", "return 'two'"))

    assert ("SUCCESS", (200, "two")) == (web.status(second), get(url)), web.story(second)
    assert "REMOVED" == web.wait_for(first, "REMOVED")
