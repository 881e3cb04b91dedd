"""A browser, and Wingman served over a database of its own."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from psycopg2 import sql
from sqlalchemy.engine import URL, make_url

from tests.browser.database_server import DatabaseServer, run_database_server
from tests.browser.serving import FRONTEND, VITE, Site, flask, seed, serve_site

_EXPECT_WITHIN_MS = 15_000


def _what_is_missing() -> str | None:
    if _chromium() is None:
        return "the browser tests need Chromium: apt-get install chromium"
    if not (FRONTEND / "dist" / "index.html").is_file() or not VITE.is_file():
        return "the browser tests need the built frontend: ./bin/onboard"
    return None


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session", autouse=True)
def _requirements() -> None:
    """Skip from one place, so that the whole folder is one line of the report."""
    if missing := _what_is_missing():
        pytest.skip(missing)


@pytest.fixture(scope="session")
def browser(_requirements: None) -> Iterator[Browser]:
    expect.set_options(timeout=_EXPECT_WITHIN_MS)
    # Chromium refuses its sandbox to root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_chromium(), args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a visitor who was never here, in English and in UTC."""
    context = browser.new_context(locale="en-GB", timezone_id="UTC", reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def postgres_server(_requirements: None) -> Iterator[DatabaseServer]:
    with run_database_server() as server:
        yield server


@pytest.fixture(scope="session")
def _databases(postgres_server: DatabaseServer) -> Iterator[Callable[[str | None], str]]:
    """Make databases by name of their template, and drop them all at the end."""
    admin_url = make_url(postgres_server.admin_url).set(drivername="postgresql")
    made: list[str] = []

    def make(template: str | None) -> str:
        name = f"browser_{uuid.uuid4().hex[:12]}"
        _administer(admin_url, "CREATE DATABASE {} TEMPLATE {}", name, template or "template1")
        made.append(name)
        return admin_url.set(database=name).render_as_string(hide_password=False)

    yield make
    for name in made:
        _administer(admin_url, "DROP DATABASE {} WITH (FORCE)", name)


def _administer(admin_url: URL, statement: str, *names: str) -> None:
    connection = psycopg2.connect(admin_url.render_as_string(hide_password=False))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
    finally:
        connection.close()


@pytest.fixture(scope="session")
def make_seeded_database(_databases: Callable[[str | None], str]) -> Callable[[], str]:
    """Make copies of one database that was migrated and seeded once."""
    template = _databases(None)
    flask(template, "db", "upgrade")
    seed(template)
    return lambda: _databases(make_url(template).database)


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
