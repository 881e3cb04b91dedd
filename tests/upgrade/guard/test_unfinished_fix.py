"""A fix that was killed between two files: what stands in the folder is neither the old history nor the new."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from interlocking.process import run_fork
from interlocking.rewriting import Rewrite, put_back, rewrite
from tests.upgrade.guard.histories import History

_ONE = 'op.execute("CREATE TABLE one (id int)")'
_TWO = 'op.execute("CREATE TABLE two (id int)")'


def _die(history: History, *, when: str) -> None:
    """Put a new revision below `one`, and die when a file of that name is opened."""
    one = history.versions / "one.py"
    new = one.read_bytes().replace(b"down_revision = None", b"down_revision = 'zero'")
    zero = one.read_bytes().replace(b"'one'", b"'zero'").replace(b"TABLE one", b"TABLE zero")

    def fix() -> None:
        sys.addaudithook(lambda event, of: event == "open" and str(of[0]).endswith(when) and _kill())
        rewrite(
            history.root / ".interlocking",
            [Rewrite(one.with_name("zero.py"), None, zero), Rewrite(one, one.read_bytes(), new)],
        )

    assert -signal.SIGKILL == run_fork(fix)


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_half_written_history_is_never_run(either: History) -> None:
    """Whoever types the command learns which files it is about, and what to type."""
    either.revision("one", _ONE)
    _die(either, when=".one.py.new")

    status, said = either.upgrade()

    assert 3 == status, said
    assert "invoke db.review --fix has written only zero.py" in said
    assert "invoke db.upgrade" in said
    assert [] == either.rows("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")

    put_back(either.root / ".interlocking")
    status, said = either.upgrade()
    assert (0, ["one"]) == (status, either.heads), said


@pytest.mark.parametrize("argv", [("upgrade", "head", "--sql"), ("downgrade", "base"), ("stamp", "head")])
def test_nothing_is_made_of_it(history: History, argv: tuple[str, ...]) -> None:
    """No SQL for a person to run, no other move."""
    history.revision("zero", _TWO)
    history.revision("one", _ONE)
    assert 0 == history.upgrade()[0]
    (history.versions / "zero.py").unlink()
    history.revision("one", _ONE, down=None)
    _die(history, when=".one.py.new")

    status, said = history.run(*argv)

    assert 3 == status, said
    assert "has written only zero.py" in said


def test_who_only_looks_may(history: History) -> None:
    """It changes nothing."""
    history.revision("one", _ONE)
    _die(history, when=".one.py.new")

    status, said = history.run("current")

    assert 0 == status, said


@pytest.mark.parametrize("when", ["rewrite.json.new", ".zero.py.new"])
def test_a_fix_that_had_changed_nothing_yet_is_nobodys_concern(history: History, when: str) -> None:
    """The files are as they were."""
    history.revision("one", _ONE)
    _die(history, when=when)

    status, said = history.upgrade()

    assert (0, ["one"]) == (status, history.heads), said


def test_nor_is_one_whose_files_are_all_written(history: History) -> None:
    """Only its record is left."""
    history.revision("one", _ONE)
    _die(history, when=".one.py.new")
    one = history.versions / "one.py"
    one.write_bytes(one.read_bytes().replace(b"down_revision = None", b"down_revision = 'zero'"))

    status, said = history.upgrade()

    assert (0, ["one"]) == (status, history.heads), said


def test_a_damaged_record_is_said_to_be_one(history: History) -> None:
    """What it holds cannot be known."""
    history.revision("one", _ONE)
    (history.root / ".interlocking").mkdir()
    (history.root / ".interlocking" / "rewrite.json").write_text("[")

    status, said = history.upgrade()

    assert 5 == status, said
    assert "rewrite.json is damaged" in said
