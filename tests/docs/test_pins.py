"""The pinned dependencies are reproducible, name no registry, and agree with each other."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import REPOSITORY

FILES = ("constraints.txt", "requirements.txt")
_PIN = re.compile(r"^([a-z0-9-]+)==([^ ;\\]+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(_PIN.findall((REPOSITORY / name).read_text()))


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_pinned_with_hashes(name: str) -> None:
    """`pip install --require-hashes` takes nothing else."""
    text = (REPOSITORY / name).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())

    assert [] == [entry.splitlines()[0] for entry in entries if not _PIN.match(entry) or "--hash=sha256:" not in entry]


@pytest.mark.parametrize("name", [*FILES, "frontend/package-lock.json", "frontend/.npmrc", "pyproject.toml"])
def test_no_registry_is_named(name: str) -> None:
    """Whoever installs decides where from."""
    assert not re.search(r"--(extra-)?index-url|registry\s*=|\"resolved\"", (REPOSITORY / name).read_text())


def test_production_runs_what_was_tested() -> None:
    """Every pin of Wingman's is the one that development has."""
    development = pins("constraints.txt")

    assert pins("requirements.txt").items() <= development.items()
