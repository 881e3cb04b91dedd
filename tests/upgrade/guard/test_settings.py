"""The guard's settings: where they come from, and what is said about a bad one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from interlocking.environment import guard_layers
from interlocking.errors import UsageError
from interlocking.settings import Layer
from interlocking.upgrade.guarding.settings import NAMES, GuardSettings, resolve_guard
from tests.upgrade.guard.histories import History

DOCS = Path(__file__).parents[3] / "docs" / "settings.md"


def resolved(folder: Path, toml: str = "", **variables: str) -> GuardSettings:
    if toml:
        (folder / "pyproject.toml").write_text(f"[tool.interlocking.guard]\n{toml}\n")
    inside = folder / "migrations"
    inside.mkdir()
    return resolve_guard(guard_layers(inside, {f"INTERLOCKING_GUARD_{n.upper()}": v for n, v in variables.items()}))


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert GuardSettings() == resolved(tmp_path)


def test_the_documented_defaults_are_the_real_ones() -> None:
    table = DOCS.read_text().partition("## The guard\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|.*\| `?([^`|]+?)`? \|$", table, re.MULTILINE)
    values = {name: "" if default in ("none", "the first of the search path") else default for name, default in rows}

    assert NAMES == tuple(values)
    assert GuardSettings() == resolve_guard([Layer("the page", values)])


def test_a_variable_is_stronger_than_the_file_above_the_migrations(tmp_path: Path) -> None:
    settings = resolved(tmp_path, 'patience = "1h"\nlock_timeout = "7ms"\nautovacuum = "cancel"', patience="20s")

    assert (20.0, 0.007, "cancel") == (settings.patience, settings.lock_timeout, settings.autovacuum)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("patience = 15", r"patience in \[tool.interlocking.guard\] of pyproject.toml: 15 has no unit"),
        ('patience = "soon"', "patience in .*: 'soon' is not a duration"),
        ('lock_timeout = "0"', "lock_timeout in .*: 0 would mean to wait for ever"),
        ('autovacuum = "kill"', "autovacuum in .*: 'kill' is none of: wait, cancel, longer-try"),
        ('tolerate_newer_database = "perhaps"', "tolerate_newer_database in .*: 'perhaps' is neither true nor false"),
        ("audit_schema = 1", "audit_schema in .*: 1 is not a text"),
        ('patients = "15min"', r"pyproject.toml has a setting 'patients' of the guard that does not exist"),
        ('lock_timeout = "1s"', "lock_timeout of the guard is above lock_timeout_ceiling"),
    ],
)
def test_a_bad_value_is_named_with_its_key_and_its_origin(tmp_path: Path, toml: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        resolved(tmp_path, toml)


def test_a_misspelled_name_comes_with_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        resolved(tmp_path, patients="15min")

    assert "INTERLOCKING_GUARD_PATIENTS has a setting 'patients'" in refused.value.message
    assert "did you mean 'patience'?" == refused.value.next


def test_a_table_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.interlocking]\nguard = 5\n")
    with pytest.raises(UsageError, match="guard"):
        resolved(tmp_path)


def test_an_upgrade_with_a_bad_setting_changes_nothing(either: History) -> None:
    """Exit 2, in a sentence."""
    either.revision("one", 'op.execute("CREATE TABLE a (id int)")')
    status, said = either.upgrade(patience="soon")

    assert 2 == status, said
    assert "patience in INTERLOCKING_GUARD_PATIENCE: 'soon' is not a duration" in said
    assert "next: correct patience, or remove it to have the default" in said
    assert "Traceback" not in said
    assert [] == either.rows("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")
