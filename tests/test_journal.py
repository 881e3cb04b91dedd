"""The journal survives a death at any byte, and lets one process at a time change anything."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from interlocking import durable
from interlocking.change import Change, Copy
from interlocking.errors import IncompleteError, UnavailableError
from interlocking.journal import Journal
from interlocking.process import run_fork

ORIGINAL = Copy(b"\xef\xbb\xbfgunicorn\r\n", {"mode": 0o640, "mtime_ns": 1_700_000_000_123_456_789})
SUBJECT = {"door": "file", "path": "railway.toml"}

CHANGES_OF_THE_DISK = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "fcntl.flock"}

HOLDER = """
import sys
from pathlib import Path
from interlocking.change import Copy
from interlocking.journal import Journal
with Journal(Path(sys.argv[1])).hold("deploy.with-migrations") as owner:
    journal = Journal(Path(sys.argv[1]))
    print("held", flush=True)
    sys.stdin.read()
"""

BEGINNER = """
import sys
from pathlib import Path
from interlocking.change import Copy
from interlocking.journal import Journal
journal = Journal(Path(sys.argv[1]))
with journal.hold("deploy.with-migrations"):
    journal.begin({"door": "file"}, Copy(b"original", {}), b"changed")
    print("begun", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / ".interlocking")


def begun(journal: Journal) -> Change:
    with journal.hold("deploy.temporary-start-command"):
        return journal.begin(SUBJECT, ORIGINAL, b"changed")


@contextmanager
def running(script: str, home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has said its first line."""
    with subprocess.Popen(
        [sys.executable, "-c", script, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        assert child.stdout.readline().strip()
        try:
            yield child
        finally:
            child.kill()


def test_nothing_is_pending_at_first(journal: Journal, tmp_path: Path) -> None:
    """And asking makes no folder."""
    assert not journal.pending
    assert () == journal.changes()
    assert [] == list(tmp_path.iterdir())


def test_the_original_is_kept_until_the_change_is_closed(journal: Journal) -> None:
    """Bytes and attributes; afterwards only the story is left."""
    change = begun(journal)

    assert (change,) == journal.changes()
    assert ORIGINAL == journal.original(change)
    assert b"changed" == journal.changed(change)
    with journal.hold("deploy.revert-start-command"):
        journal.advance(change, "reverted", "put back")
    assert not journal.pending
    assert ["owned", "reverted"] == [event["state"] for event in journal.history()]


def test_a_change_is_told_from_its_owner(journal: Journal) -> None:
    """Owned while this process lives, held when a person was given it."""
    change = begun(journal)
    assert not change.is_orphaned

    with journal.hold("deploy.temporary-start-command"):
        journal.advance(change, "held", "until deploy.revert-start-command")

    (held,) = journal.changes()
    assert ("held", "until deploy.revert-start-command") == (held.state, held.note)


def test_the_second_process_is_refused(journal: Journal, tmp_path: Path) -> None:
    """With who and since when; and not for longer than the first one lives."""
    with running(HOLDER, tmp_path / ".interlocking") as child:
        with (
            pytest.raises(
                UnavailableError, match=rf"deploy.with-migrations \(process {child.pid} on .*, since 2"
            ) as said,
            journal.hold("deploy.temporary-start-command"),
        ):
            pytest.fail("two at once")
        assert "override-busy" == said.value.code
        child.kill()
        child.wait()
        with journal.hold("deploy.temporary-start-command"):
            pass


def test_one_process_holds_it_again(journal: Journal) -> None:
    """A release holds it, and so does each of its steps."""
    with journal.hold("deploy.with-migrations") as outer, journal.hold("deploy.temporary-start-command") as inner:
        assert outer == inner


def test_a_killed_owner_leaves_an_orphan(journal: Journal, tmp_path: Path) -> None:
    """While it lives it owns its change; nobody can mistake a later process of the same number for it."""
    with running(BEGINNER, tmp_path / ".interlocking") as child:
        (change,) = journal.changes()
        assert not change.is_orphaned
        child.kill()
        child.wait()

    (change,) = journal.changes()
    assert change.is_orphaned
    assert b"original" == journal.original(change).data


def test_death_at_every_step(tmp_path: Path) -> None:
    """Either the whole record is there, or nothing is; the next one to hold the journal sweeps the rest away."""
    found = set()
    for step in range(200):
        journal = Journal(tmp_path / str(step))
        ended = run_fork(lambda: _begin_and_close(journal, dies_at=step))  # noqa: B023 - called before the next round
        left = journal.changes()
        assert all(change.is_orphaned and b"original" == journal.original(change).data for change in left)
        found.add(len(left))
        with journal.hold("test"):
            for change in left:
                journal.advance(change, "reverted")
        assert not journal.pending
        if ended == 0:
            break
        assert -signal.SIGKILL == ended
    assert 0 == ended
    assert {0, 1} == found
    assert step > 10


def _begin_and_close(journal: Journal, *, dies_at: int) -> None:
    """Record a change and close it, and die, without any clean-up, at the n-th change of the disk."""
    left = dies_at

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        flags = arguments[2] if event == "open" else 0
        if event in CHANGES_OF_THE_DISK or (isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    with journal.hold("victim"):
        journal.advance(journal.begin({"door": "file"}, Copy(b"original", {"mode": 420}), b"changed"), "reverted")


def test_a_torn_last_line_is_no_line(journal: Journal, tmp_path: Path) -> None:
    """Torn at every byte: the state is the one before, and the next line is whole."""
    change = begun(journal)
    events = tmp_path / ".interlocking" / "journal" / "events.jsonl"
    with journal.hold("deploy.temporary-start-command"):
        before = events.read_bytes()
        journal.advance(change, "held", "Zürich")
    last = events.read_bytes().removeprefix(before)

    for length in range(len(last) - 1):
        events.write_bytes(before + last[:length])
        assert ["owned"] == [each.state for each in journal.changes()], length
        with journal.hold("test"):
            journal.advance(change, "conflict", "edited")
        assert ["conflict"] == [each.state for each in journal.changes()], length


def test_a_damaged_copy_is_not_put_back(journal: Journal, tmp_path: Path) -> None:
    """The checksum tells."""
    change = begun(journal)
    path = tmp_path / ".interlocking" / "journal" / "open" / change.id / "original"
    path.write_bytes(b"something else")

    with pytest.raises(IncompleteError, match="is damaged") as said:
        journal.original(change)

    assert "journal-damaged" == said.value.code


def test_only_its_owner_may_read_it(journal: Journal, tmp_path: Path) -> None:
    """A start command can hold a password."""
    begun(journal)
    folder = tmp_path / ".interlocking" / "journal"

    assert {0o600} == {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}
    assert 0o700 == folder.stat().st_mode & 0o777


def test_secrets_are_masked(tmp_path: Path) -> None:
    """In every line that is kept for good."""
    journal = Journal(tmp_path, mask=lambda text: text.replace("canary", "***"))
    with journal.hold("deploy canary"):
        change = journal.begin({"path": "canary"}, ORIGINAL, b"")
        journal.advance(change, "reverted", "canary")
        journal.note("deploy.with-migrations", "canary")

    assert "canary" not in (tmp_path / "journal" / "events.jsonl").read_text()


def test_a_journal_that_cannot_be_written_stops_everything(tmp_path: Path) -> None:
    """Before anything is changed."""
    home = tmp_path / ".interlocking"
    home.write_text("a file where the folder should be")

    with pytest.raises(UnavailableError) as said, Journal(home).hold("test"):
        pytest.fail("it was held")

    assert "journal-not-writable" == said.value.code


def test_a_written_file_has_its_mode_whatever_the_umask(tmp_path: Path) -> None:
    """The original's mode is the original's."""
    before = os.umask(0o077)
    try:
        durable.write_file(tmp_path / "file", b"x", mode=0o664)
    finally:
        os.umask(before)

    assert 0o664 == (tmp_path / "file").stat().st_mode & 0o777


def test_events_are_json(journal: Journal, tmp_path: Path) -> None:
    """One object a line, for whoever wants to know later."""
    begun(journal)
    lines = (tmp_path / ".interlocking" / "journal" / "events.jsonl").read_text().splitlines()

    assert [dict(each) for each in journal.history()] == [json.loads(line) for line in lines]
