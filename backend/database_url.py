"""From the URL that a platform hands out to the one that SQLAlchemy needs."""

from __future__ import annotations

import psycopg2
from psycopg2.extensions import parse_dsn
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

_DRIVER = "postgresql+psycopg2"
_LARGEST_PORT = 65_535


class InvalidDatabaseUrlError(ValueError):
    """What is wrong with a URL, as the rest of a sentence about it; quotes nothing that may be secret."""


def parse_database_url(text: str) -> URL:
    """Read a PostgreSQL URL and name its driver.

    Railway hands out `postgresql://`, older services `postgres://`. SQLAlchemy 2.1 would read the first
    as psycopg 3 and does not know the second, so both become `postgresql+psycopg2://`.

    Args:
        text: the URL, as a person or a platform wrote it.

    Returns:
        The same address with the driver named.

    Raises:
        InvalidDatabaseUrlError: it is not a URL, not PostgreSQL, or names no database.
    """
    url = _parse(text)
    if url.drivername not in ("postgres", "postgresql", _DRIVER):
        raise InvalidDatabaseUrlError(f"must start with postgresql://, not {url.drivername}://")
    if not url.database:
        raise InvalidDatabaseUrlError("names no database: it must end in /database")
    if url.port is not None and not 0 < url.port <= _LARGEST_PORT:
        raise InvalidDatabaseUrlError(f"has a port that is not between 1 and {_LARGEST_PORT}")
    _check_with_libpq(url)
    return url.set(drivername=_DRIVER)


def _parse(text: str) -> URL:
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        raise InvalidDatabaseUrlError("is malformed: expected postgresql://user:password@host:port/database") from None


def _check_with_libpq(url: URL) -> None:
    """Let libpq read the URL now: a parameter it does not know would fail at the first query instead."""
    try:
        parse_dsn(url.set(drivername="postgresql").render_as_string(hide_password=False))
    except psycopg2.ProgrammingError:
        raise InvalidDatabaseUrlError("holds a parameter that PostgreSQL's client does not know") from None
