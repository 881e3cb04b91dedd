"""Tiny migration projects, written to disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine must not fail a property, and every run of the suite tries the same examples.
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """An Alembic environment without revisions."""
    (tmp_path / "migrations" / "versions").mkdir(parents=True)
    (tmp_path / "migrations" / "env.py").touch()
    return tmp_path / "migrations"


@pytest.fixture
def write(migrations: Path) -> Callable[..., Path]:
    """Write one revision file and return its path."""

    def write_revision(name: str, down: object = None, *, folder: str = "versions", extra: str = "") -> Path:
        path = migrations / folder / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'"""Message of {name}"""\nrevision = {name!r}\ndown_revision = {down!r}\n{extra}\n')
        return path

    return write_revision
