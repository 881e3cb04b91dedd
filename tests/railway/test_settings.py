"""`[tool.interlocking.railway]` and its variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlocking.environment import load_project
from interlocking.errors import UsageError
from interlocking.railway.settings import RailwaySettings, railway_settings, resolve_railway
from interlocking.settings import Layer


def settings(root: Path, table: str = "", **variables: str) -> RailwaySettings:
    (root / "pyproject.toml").write_text(f"[tool.interlocking.railway]\n{table}\n")
    return railway_settings(load_project(root, variables))


def test_production_is_meant_unless_another_environment_is_named(tmp_path: Path) -> None:
    """The default of every `--environment`."""
    assert "production" == settings(tmp_path).environment
    assert "staging" == settings(tmp_path, 'environment = "staging"').environment


def test_a_variable_is_stronger_than_the_file(tmp_path: Path) -> None:
    """One variable a setting."""
    found = settings(tmp_path, 'backend = "web"\ndeadline = "5min"', INTERLOCKING_RAILWAY_BACKEND="api")

    assert ("api", 300.0) == (found.backend, found.deadline)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("backened", "web", "did you mean 'backend'"),
        ("deadline", "600", "write a number with ms, s, min, h or d"),
        ("environment", " ", "which environment is meant"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(name: str, value: str, said: str) -> None:
    """With its name and where it was written."""
    with pytest.raises(UsageError) as caught:
        resolve_railway([Layer("the file", {name: value})])

    assert said in f"{caught.value.message} {caught.value.next}"
    assert "the file" in caught.value.message
