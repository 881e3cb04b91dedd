"""A browser, and Wingman served over a database of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.serving import FRONTEND, VITE, Site, flask, seed, serve_site
from tests.waiting import DEADLINE_SECONDS


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark this folder's tests; where they cannot run, one skipped test speaks for all of them."""
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.browser)
    if ours and (missing := _what_is_missing()):
        ours[0].add_marker(pytest.mark.skip(reason=missing))
        config.hook.pytest_deselected(items=ours[1:])
        items[:] = [item for item in items if item not in ours[1:]]


def _what_is_missing() -> str | None:
    if _chromium() is None:
        return "the browser tests need Chromium: apt-get install chromium"
    if not (FRONTEND / "dist" / "index.html").is_file() or not VITE.is_file() or shutil.which("node") is None:
        return "the browser tests need Node and the built frontend: ./bin/onboard"
    return None


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=DEADLINE_SECONDS * 1000)
    # Chromium refuses its sandbox to root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=_chromium(), args=arguments, timeout=DEADLINE_SECONDS * 1000
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a visitor who was never here, in English and in UTC."""
    context = browser.new_context(locale="en-GB", timezone_id="UTC", reduced_motion="reduce")
    context.set_default_timeout(DEADLINE_SECONDS * 1000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def make_seeded_database(make_database: Callable[..., str]) -> Callable[[], str]:
    """Make copies of one database that was migrated and seeded once."""
    template = make_database()
    flask(template, "db", "upgrade")
    seed(template)
    return lambda: make_database(template=template)


@pytest.fixture(scope="session")
def site(make_seeded_database: Callable[[], str]) -> Iterator[Site]:
    """A Wingman shared by the journeys that leave it running; each keeps to rows of its own."""
    with serve_site(make_seeded_database()) as served:
        yield served


@pytest.fixture
def own_site(make_seeded_database: Callable[[], str]) -> Iterator[Site]:
    """A Wingman for one test, which may break it."""
    with serve_site(make_seeded_database()) as served:
        yield served
