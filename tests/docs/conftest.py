"""The flag that brings the shown output up to date."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--rewrite-docs`; seen only when this folder is named: `pytest tests/docs --rewrite-docs`."""
    parser.addoption("--rewrite-docs", action="store_true", help="show what the commands print now, in README and docs")


@pytest.fixture
def rewrite(request: pytest.FixtureRequest) -> bool:
    """Whether pages are to be brought up to date instead of judged."""
    return bool(request.config.getoption("--rewrite-docs", default=False))
