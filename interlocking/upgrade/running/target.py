"""What a child must know: the project on disk and the database that is meant."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """One project and the one database its env.py may touch.

    Args:
        root: the project's root, absolute.
        app: a Flask application as `module:name`; empty when Alembic is reached through `ini`.
        ini: the ini file, absolute.
        migrations: the Flask-Migrate folder, absolute.
        url: the database as SQLAlchemy wants it, driver named, with its password.
        masked_url: the same, as it may be shown.
        identity: what proves that a connection leads to the intended database.
        embedded: whether that is on the suite's own server.
    """

    root: Path
    app: str
    ini: Path
    migrations: Path
    url: str = field(repr=False)
    masked_url: str
    identity: dict[str, Any]
    embedded: bool

    def message(self) -> dict[str, Any]:
        """Return the target as a channel carries it."""
        return {name: str(value) if isinstance(value, Path) else value for name, value in asdict(self).items()}

    @classmethod
    def from_message(cls, values: dict[str, Any]) -> Target:
        """Return the target that `message` described."""
        paths = {name: Path(values[name]) for name in ("root", "ini", "migrations")}
        return cls(**{**values, **paths})
