"""Wingman on a database, and the database beside Wingman."""

from __future__ import annotations

from contextlib import closing

import psycopg2
from flask import Flask

from backend import create_app
from backend.config import Config
from backend.database import db
from backend.database_url import parse_database_url


def wingman(url: str) -> Flask:
    """Build the application for one database."""
    return create_app(Config(database_url=parse_database_url(url)))


def libpq_url(app: Flask) -> str:
    """Return the URL of the application's database as psycopg2 reads it."""
    with app.app_context():
        return db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def execute(url: str, sql: str) -> None:
    """Run statements one after the other, as psql would: they may begin and commit by themselves."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)


def column(url: str, sql: str) -> list[object]:
    """Return the first column of a query."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]
