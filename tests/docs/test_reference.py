"""The tables of README and docs name what exists, all of it and nothing else."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from interlocking import namespace
from interlocking.railway.settings import RailwaySettings
from interlocking.review.lint_settings import LintSettings
from interlocking.settings import NAMES
from interlocking.upgrade.guarding import settings as guard_settings
from tests.docs.error_codes import met_codes
from tests.docs.pages import PAGES, REPOSITORY, blocks, first_cells

DOCS = REPOSITORY / "docs"
_TABLES = {"guard", "lint", "railway"}  # of settings
_BASES = (REPOSITORY, REPOSITORY / "interlocking")


def test_the_readme_lists_every_task() -> None:
    """As `invoke --list` does."""
    tasks = set(namespace(REPOSITORY).task_names)
    cells = re.findall(r"^\| ((?:`[a-z.-]+` ?)+)\|", (REPOSITORY / "README.md").read_text(), re.MULTILINE)
    listed = {name for cell in cells for name in re.findall(r"`([a-z.-]+)`", cell)}

    assert tasks == listed


def test_every_setting_is_documented() -> None:
    """The tables are the reference."""
    assert set(NAMES) - _TABLES == set(first_cells(DOCS / "settings.md", "Settings"))
    assert list(guard_settings.NAMES) == first_cells(DOCS / "settings.md", "The guard")
    assert [field.name for field in fields(LintSettings)] == first_cells(DOCS / "settings.md", "The review")


def test_every_setting_of_the_platform_is_documented() -> None:
    """On its own page."""
    assert {field.name for field in fields(RailwaySettings)} == set(first_cells(DOCS / "railway.md", "Settings"))


def test_every_error_code_is_explained() -> None:
    """Each that a person can meet, and none that was renamed."""
    rows = re.findall(r"^\| ((?:`[a-z-]+` ?)+)\|", (DOCS / "troubleshooting.md").read_text(), re.MULTILINE)

    assert {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)} == met_codes()


def test_the_guard_is_shown_as_wingman_has_it() -> None:
    """An env.py that somebody copies must be one that runs."""
    shown = ["\n".join(block.lines) for block in blocks((DOCS / "guard.md").read_text()) if block.language == "python"]

    assert any((REPOSITORY / "migrations" / "env.py").read_text().endswith(f"\n\n{text}\n") for text in shown)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Relative ones, to files of this repository."""
    targets = re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text())

    assert [] == [target for target in targets if not (page.parent / target).exists()]


def test_the_design_names_what_exists() -> None:
    """Files of the package or of the repository, and every module of the ground floor."""
    text = (DOCS / "design.md").read_text()
    files = set(re.findall(r"`([\w/.]+\.py)`", text))
    ground = {path.stem for path in (REPOSITORY / "interlocking").glob("*.py")} - {"__init__"}

    assert {"env.py"} == {file for file in files if not any((base / file).exists() for base in _BASES)}
    assert set() == {name for name in ground if f"`{name}`" not in text}


def test_the_changelog_keeps_its_form() -> None:
    """Keep a Changelog: versions, then kinds of change."""
    text = (REPOSITORY / "CHANGELOG.md").read_text()
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}

    assert "## [Unreleased]" in text
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= kinds
