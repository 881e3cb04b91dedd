"""Wingman on a real PostgreSQL: databases are upgraded once a session and cloned for each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count

import psycopg2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy.engine import make_url

from backend.database import db
from backend.seed import seed
from tests.backend.databases import execute, libpq_url, wingman
from tests.backend.postgres_server import PostgresServer, temporary_server

MakeDatabase = Callable[..., str]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server of TEST_DATABASE_URL, or one of our own."""
    url = os.environ.get("TEST_DATABASE_URL")
    if url:
        yield PostgresServer(admin_url=url)
        return
    with temporary_server() as server:
        yield server


@pytest.fixture(scope="session")
def make_database(postgres_server: PostgresServer) -> Iterator[MakeDatabase]:
    """Make databases, empty or copies of another, that are dropped at the end of the session."""
    admin = psycopg2.connect(postgres_server.admin_url)
    admin.autocommit = True
    names = (f"wingman_test_{os.getpid()}_{number}" for number in count())
    made: list[str] = []

    def make(*, template: str = "postgresql://postgres@/template1") -> str:
        made.append(next(names))
        with admin.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{made[-1]}" TEMPLATE "{make_url(template).database}"')
        url = make_url(postgres_server.admin_url).set(database=made[-1])
        return url.render_as_string(hide_password=False)

    yield make
    with admin.cursor() as cursor:
        for name in made:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    admin.close()


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
    url = make_database(template=seeded_template)
    execute(url, f'ALTER DATABASE "{make_url(url).database}" SET default_transaction_read_only = on')
    yield from _running(url)


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
