"""Several files are written as one: all of them or none, whatever comes in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from interlocking.errors import IncompleteError, RefusedError, UnavailableError
from interlocking.process import run_fork
from interlocking.review.fixes.files import put_back_fixes, write_fixes
from interlocking.review.fixes.result import Fixes
from interlocking.rewriting import is_unfinished
from tests.review.fixes.proposing import proposed
from tests.review.projects import History

Hook = Callable[[str, tuple[object, ...]], None]

HOLDER = """
import fcntl, os, sys
fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""
CHANGES_OF_THE_DISK = {"os.mkdir", "os.rename", "os.remove", "fcntl.flock"}


@pytest.fixture
def risky(guarded: History) -> History:
    """One revision that becomes two, and one behind it that is put behind both."""
    guarded.write("one", 'op.create_check_constraint("ck", "orders", "total > 0")', "pass", down="shop")
    guarded.write("two", "pass", "pass", down="one")
    return guarded


def test_death_at_every_step_leaves_all_or_nothing(risky: History) -> None:
    """SIGKILL before each change of the disk: the next task puts back, and the same fix ends as an undisturbed one."""
    fixes, before = proposed(risky), _files(risky)
    done = {**before, **{each.path: each.after for each in fixes.files}}
    seen = set()
    for step in range(100):
        ended = run_fork(lambda: _write(risky, fixes, _dying_at(step)))  # noqa: B023 - called before the next round
        seen.add(_files(risky) in (before, done))
        put_back_fixes(risky.project)
        assert _files(risky) in (before, done)
        assert not is_unfinished(risky.project.home)
        if _files(risky) == before:
            write_fixes(risky.project, fixes)
        assert _files(risky) == done
        _restore(risky, before)
        if ended == 0:
            break
        assert -signal.SIGKILL == ended
    assert proposed(risky) == fixes
    assert ended == 0
    assert step > 10
    assert seen == {True, False}


def test_a_death_before_the_record_is_gone_undoes_nothing(risky: History) -> None:
    """All is written: the revision may have been edited or applied since."""
    fixes = proposed(risky)
    record = risky.project.home / "rewrite.json"
    assert -signal.SIGKILL == run_fork(lambda: _write(risky, fixes, _before_removing(record)))
    assert is_unfinished(risky.project.home)
    files = _files(risky)
    assert all(files[each.path] == each.after for each in fixes.files)

    assert put_back_fixes(risky.project) == ()

    assert files == _files(risky)
    assert not is_unfinished(risky.project.home)


def test_one_that_is_at_work_is_waited_for(risky: History) -> None:
    """What looks unfinished to a second terminal may only take its time."""
    fixes, before = proposed(risky), _files(risky)
    assert -signal.SIGKILL == run_fork(lambda: _write(risky, fixes, _before_writing(_in_order(fixes)[-1], _die)))
    begun, home = _files(risky), risky.project.home
    with (
        subprocess.Popen([sys.executable, "-c", HOLDER, home], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder,
        ThreadPoolExecutor() as pool,
    ):
        assert holder.stdout
        assert holder.stdin
        holder.stdout.readline()
        put_back = pool.submit(put_back_fixes, risky.project)
        while f"-> FLOCK  ADVISORY  WRITE {os.getpid()} " not in Path("/proc/locks").read_text():
            assert not put_back.done()
        assert _files(risky) == begun
        holder.stdin.close()
        assert len(put_back.result()) == 2
    assert _files(risky) == before


def test_a_file_that_was_edited_meanwhile_is_not_overwritten(risky: History) -> None:
    """Nothing is written, not even the other files."""
    fixes, path = proposed(risky), risky.graph.revisions["one"].path
    path.write_text(path.read_text() + "# mine\n")
    files = _files(risky)

    with pytest.raises(RefusedError, match="changed meanwhile"):
        write_fixes(risky.project, fixes)

    assert files == _files(risky)


def test_what_was_edited_after_a_death_is_not_put_back(risky: History) -> None:
    """The rest is."""
    fixes, before = proposed(risky), _files(risky)
    new, again, last = _in_order(fixes)
    assert -signal.SIGKILL == run_fork(lambda: _write(risky, fixes, _before_writing(last, _die)))
    again.write_text(again.read_text() + "# mine\n")
    mine = again.read_bytes()

    assert put_back_fixes(risky.project) == (new,)
    assert _files(risky) == {**before, again: mine}


def test_a_file_that_cannot_be_written_leaves_all_as_they_were(risky: History) -> None:
    """The new revision, which was there already, goes again."""
    fixes = proposed(risky)
    before = _files(risky)
    beside = risky.graph.revisions["one"].path.with_name(".one.py.new")
    beside.mkdir()

    with pytest.raises(UnavailableError, match=r"\.one\.py\.new cannot be written"):
        write_fixes(risky.project, fixes)

    beside.rmdir()
    assert before == _files(risky)
    assert not is_unfinished(risky.project.home)


def test_what_cannot_be_put_back_either_is_left_to_the_next_task(risky: History) -> None:
    """Exit 5, and nothing is forgotten; the next task needs nothing but the way free."""
    fixes, before = proposed(risky), _files(risky)
    new, again, last = _in_order(fixes)
    besides = [path.with_name(f".{path.name}.new") for path in (again, last)]

    assert run_fork(lambda: _stuck(risky, fixes, besides)) == 0

    assert _files(risky) != before
    with pytest.raises(IncompleteError) as failed:
        put_back_fixes(risky.project)
    assert (failed.value.code, failed.value.exit_code) == ("fix-not-put-back", 5)
    for each in besides:
        each.rmdir()
    assert put_back_fixes(risky.project) == (new, again)
    assert _files(risky) == before


def test_a_damaged_record_is_not_believed(risky: History) -> None:
    """A person has to look."""
    fixes = proposed(risky)
    assert -signal.SIGKILL == run_fork(lambda: _write(risky, fixes, _before_writing(_in_order(fixes)[-1], _die)))
    record, files = risky.project.home / "rewrite.json", _files(risky)
    record.write_bytes(record.read_bytes()[:-9])

    with pytest.raises(IncompleteError, match="is damaged"):
        put_back_fixes(risky.project)

    assert _files(risky) == files


def _in_order(fixes: Fixes) -> list[Path]:
    """The new file, the one that is put behind it, and the one that was found fault with: as they are written."""
    paths = {each.change: each.path for each in fixes.files}
    assert list(paths) == ["rewritten", "written", "re-pointed"]
    return [paths["written"], paths["re-pointed"], paths["rewritten"]]


def _files(history: History) -> dict[Path, bytes]:
    """Every revision file, and what else is in their folder, except folders."""
    return {path: path.read_bytes() for path in (history.root / "migrations" / "versions").iterdir() if path.is_file()}


def _restore(history: History, files: dict[Path, bytes]) -> None:
    for path in _files(history):
        path.unlink()
    for path, data in files.items():
        path.write_bytes(data)


def _write(history: History, fixes: Fixes, hook: Hook) -> None:
    """Write, and let something happen in between."""
    sys.addaudithook(hook)
    write_fixes(history.project, fixes)


def _stuck(history: History, fixes: Fixes, besides: list[Path]) -> None:
    """Write, while folders come to stand where the last two files are prepared."""
    sys.addaudithook(_before_writing(_in_order(fixes)[-1], lambda: [each.mkdir() for each in besides]))
    with pytest.raises(IncompleteError):
        write_fixes(history.project, fixes)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _dying_at(step: int) -> Hook:
    """Die, without any clean-up, at the n-th change of the disk."""
    left = step

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in CHANGES_OF_THE_DISK or (event == "open" and _writes(arguments)):
            left -= 1
            if left < 0:
                _die()

    return count


def _before_writing(path: Path, what: Callable[[], object]) -> Hook:
    """Do something once, when the new content of a file is about to be prepared."""
    beside, done = str(path.with_name(f".{path.name}.new")), False

    def look(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal done
        if event == "open" and str(arguments[0]) == beside and not done:
            done = True
            what()

    return look


def _before_removing(path: Path) -> Hook:
    def look(event: str, arguments: tuple[object, ...]) -> None:
        if event == "os.remove" and str(arguments[0]) == str(path):
            _die()

    return look


def _writes(arguments: tuple[object, ...]) -> bool:
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))
