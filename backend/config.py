"""What Wingman reads from its environment, checked once at start.

    DATABASE_URL      required: the PostgreSQL database
    FLASK_ENV         `production` (the default) or `development`
    FRONTEND_ORIGIN   origins, separated by commas, that a browser may call the API from

In development the variables may also stand in `.env` at the root of the project; the real
environment wins over that file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL

from backend.database_url import InvalidDatabaseUrlError, parse_database_url

_DOTENV = Path(__file__).resolve().parent.parent / ".env"
_ENVIRONMENTS = ("production", "development")
_VITE_ORIGINS = ("http://localhost:5173", "http://127.0.0.1:5173")
_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?", re.IGNORECASE)
_CONNECT_TIMEOUT_SECONDS = "3"


class ConfigurationError(Exception):
    """A setting is missing or malformed. The message names it and never holds a secret."""


@dataclass(frozen=True, slots=True)
class Config:
    """Wingman's settings.

    Args:
        database_url: the database, with its driver named.
        frontend_origins: origins allowed by CORS, such as `https://wingman.example`.
    """

    database_url: URL
    frontend_origins: tuple[str, ...] = ()

    def for_flask(self) -> dict[str, object]:
        """Return the settings under the names that Flask and its extensions read."""
        return {
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True, "connect_args": self._connect_args()},
        }

    def _connect_args(self) -> dict[str, str]:
        """Return libpq parameters; those that the URL itself names win.

        https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
        """
        ours = {"connect_timeout": _CONNECT_TIMEOUT_SECONDS, "application_name": "wingman"}
        return {name: value for name, value in ours.items() if name not in self.database_url.query}


def load_config(environ: Mapping[str, str] | None = None) -> Config:
    """Read the settings.

    Args:
        environ: variables to read; the process's own, with `.env` in development, when left out.

    Returns:
        The settings, all of them checked.

    Raises:
        ConfigurationError: a variable is missing or malformed.
    """
    variables = _process_variables() if environ is None else environ
    environment = _environment(variables.get("FLASK_ENV", ""))
    return Config(
        database_url=_database_url(variables.get("DATABASE_URL", "")),
        frontend_origins=_origins(variables.get("FRONTEND_ORIGIN", ""), environment=environment),
    )


def _process_variables() -> Mapping[str, str]:
    if os.environ.get("FLASK_ENV") == "production" or not _DOTENV.is_file():
        return os.environ
    from dotenv import dotenv_values  # noqa: PLC0415  # production does without it

    from_file = {name: value for name, value in dotenv_values(_DOTENV).items() if value is not None}
    return {**from_file, **os.environ}


def _environment(text: str) -> str:
    environment = text.strip() or "production"
    if environment not in _ENVIRONMENTS:
        raise ConfigurationError(f"FLASK_ENV is {environment!r}; it must be 'production' or 'development'.")
    return environment


def _database_url(text: str) -> URL:
    text = text.strip()
    if not text or text.startswith("embedded:"):
        raise ConfigurationError(
            "DATABASE_URL does not name a database. Run ./bin/onboard, or set DATABASE_URL to "
            "postgresql://user:password@host:port/database."
        )
    try:
        return parse_database_url(text)
    except InvalidDatabaseUrlError as error:
        raise ConfigurationError(f"DATABASE_URL {error}.") from None


def _origins(text: str, *, environment: str) -> tuple[str, ...]:
    origins = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    if not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise ConfigurationError(
            "FRONTEND_ORIGIN must hold origins such as https://wingman.example, with no path, separated by commas."
        )
    return origins or (_VITE_ORIGINS if environment == "development" else ())
