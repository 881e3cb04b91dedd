"""Wingman on a real PostgreSQL: databases are upgraded once a session and cloned for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from backend.database import db
from backend.seed import seed
from tests.backend.databases import libpq_url, wingman

MakeDatabase = Callable[..., str]


@pytest.fixture(scope="session")
def upgraded_template(make_database: MakeDatabase) -> str:
    """A database at head, to be cloned and never used."""
    url = make_database()
    with wingman(url).app_context():
        upgrade()
        db.engine.dispose()
    return url


@pytest.fixture(scope="session")
def seeded_template(make_database: MakeDatabase, upgraded_template: str) -> str:
    """A database at head with the sample rows, to be cloned and never used."""
    url = make_database(template=upgraded_template)
    with wingman(url).app_context():
        seed()
        db.engine.dispose()
    return url


@pytest.fixture
def empty_app(make_database: MakeDatabase, upgraded_template: str) -> Iterator[Flask]:
    """Wingman on a database at head with no sample rows."""
    yield from _running(make_database(template=upgraded_template))


@pytest.fixture
def app(make_database: MakeDatabase, seeded_template: str) -> Iterator[Flask]:
    """Wingman on a database of this test's own, with the sample rows."""
    yield from _running(make_database(template=seeded_template))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of `app`."""
    return app.test_client()


@pytest.fixture(scope="session")
def sample_app(make_database: MakeDatabase, seeded_template: str) -> Iterator[Flask]:
    """Wingman on sample rows that all tests share, which PostgreSQL keeps anyone from changing."""
    yield from _running(make_database(template=seeded_template, settings="default_transaction_read_only = on"))


@pytest.fixture
def reader(sample_app: Flask) -> FlaskClient:
    """A client for tests that write nothing: a database of one's own takes a fifth of a second."""
    return sample_app.test_client()


@pytest.fixture
def other_connection(app: Flask) -> Iterator[psycopg2.extensions.connection]:
    """A connection to the database of `app` that is not the application's."""
    connection = psycopg2.connect(libpq_url(app))
    yield connection
    connection.close()


def _running(url: str) -> Iterator[Flask]:
    app = wingman(url)
    yield app
    with app.app_context():
        db.engine.dispose()
