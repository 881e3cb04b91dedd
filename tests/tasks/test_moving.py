"""db.upgrade, db.downgrade and db.stamp, as typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tasks.projects import TinyProject, plain_project


def test_upgrade_applies_what_is_pending_and_its_undo_takes_it_back(plain: TinyProject) -> None:
    """The printed command really undoes it, and a second upgrade is calm."""
    plain.invoke("db.upgrade", "-r", "one").ok()

    upgraded = plain.invoke("db.upgrade").ok()

    assert plain.applied() == ["three"]
    assert plain.tables() == ["one", "three", "two"]
    assert "[1/2] upgrade two" in upgraded.err
    assert "[2/2] upgrade three" in upgraded.err
    assert "three" in upgraded.out
    assert "nothing to do" in plain.invoke("db.upgrade").ok().out
    plain.invoke(*upgraded.undo).ok()
    assert plain.applied() == ["one"]
    assert plain.tables() == ["one"]


def test_downgrade_is_one_step_and_its_undo_takes_it_back(plain: TinyProject) -> None:
    """Never more than was asked for: base must be spelled."""
    plain.invoke("db.upgrade").ok()

    downgraded = plain.invoke("db.downgrade").ok()

    assert plain.applied() == ["two"]
    plain.invoke(*downgraded.undo).ok()
    assert plain.applied() == ["three"]
    everything = plain.invoke("db.downgrade", "-r", "base").ok()
    assert plain.applied() == []
    assert plain.tables() == []
    assert "nothing to do" in plain.invoke("db.downgrade", "--revision", "base").ok().out
    plain.invoke(*everything.undo).ok()
    assert plain.applied() == ["three"]
