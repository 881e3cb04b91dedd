"""What was changed for a while, and must be undone: on the disk before anything is touched.

A change exists while its folder does: `.interlocking/journal/open/<id>/` holds the original bytes, the
changed ones and a record of both. The folder is complete before it gets its name, and loses its name before
it is deleted, so a death at any byte leaves either all of it or nothing. What happened to the change since is
told by `events.jsonl`, which is only ever appended to; its last line may be torn.

One process at a time may change anything: `Journal.hold` is the lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from interlocking import durable
from interlocking import journal_failures as failures
from interlocking.change import OPEN, Change, Copy, State, is_pending
from interlocking.owner import Owner, now, read_owner, this_process
from interlocking.redaction import mask_url


class Journal:
    """The journal of one project.

    Args:
        home: the project's `.interlocking`; made when first needed.
        mask: hides secrets in every line that is written.
    """

    def __init__(self, home: Path, mask: Callable[[str], str] = mask_url) -> None:
        self._home = home
        self._open = home / OPEN
        self._folder = self._open.parent
        self._mask = mask
        self._owner: Owner | None = None

    @property
    def pending(self) -> bool:
        """Whether anything may have to be undone; costs one look at the disk."""
        return is_pending(self._home)

    @contextmanager
    def hold(self, task: str) -> Iterator[Owner]:
        """Keep every other process from changing anything; inside another `hold` of this journal, do nothing.

        Raises:
            UnavailableError: another process holds it, or the folder cannot be written; nothing was changed.
        """
        if self._owner is not None:
            yield self._owner
            return
        owner = this_process(task)
        descriptor = self._locked(owner)
        try:
            self._owner = owner
            self._sweep()
            yield owner
        finally:
            self._owner = None
            os.close(descriptor)

    def changes(self) -> tuple[Change, ...]:
        """Return the open changes, oldest first."""
        if not self.pending:
            return ()
        last = self._last_events()
        found = (self._read(id_, last.get(id_, {})) for id_ in self._ids())
        return tuple(change for change in found if change.state != "reverted")

    def begin(self, subject: Mapping[str, str], original: Copy, changed: bytes) -> Change:
        """Record a change that is about to be made; when this returns, the original is safe.

        Args:
            subject: what will be changed.
            original: as it is now.
            changed: as it will be.

        Raises:
            UnavailableError: it cannot be written; nothing was changed.
        """
        owner = self._held_by()
        change = Change(f"{owner.since.replace(':', '').split('+')[0]}-{secrets.token_hex(3)}", subject, owner)
        with self._writable():
            made = self._open / f".{change.id}.new"
            made.mkdir(parents=True, mode=0o700)
            durable.write_file(made / "original", original.data)
            durable.write_file(made / "changed", changed)
            durable.write_file(made / "record.json", _record(change, original, changed))
            durable.sync_folder(made)
            durable.sync_folder(self._folder)
            durable.move(made, self._open / change.id)
            self._append(change, "owned", subject=dict(subject), owner=asdict(owner))
        return change

    def advance(self, change: Change, state: State, note: str = "") -> Change:
        """Record what became of a change; `reverted` closes it.

        Raises:
            UnavailableError: it cannot be written; the change keeps the state that it had.
        """
        self._held_by()
        with self._writable():
            self._append(change, state, note=note)
            if state == "reverted":
                self._sweep()
        return Change(change.id, change.subject, change.owner, state, note)

    def original(self, change: Change) -> Copy:
        """Return what must be put back.

        Raises:
            IncompleteError: the copy is damaged.
        """
        record = self._record_of(change.id)
        return Copy(self._checked(change, "original", record), record["attributes"])

    def changed(self, change: Change) -> bytes:
        """Return what was put in its place.

        Raises:
            IncompleteError: the copy is damaged.
        """
        return self._checked(change, "changed", self._record_of(change.id))

    def note(self, task: str, text: str) -> None:
        """Write down that something else happened.

        Raises:
            UnavailableError: it cannot be written.
        """
        with self._writable():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._write({"at": now(), "task": task, "note": text})

    def history(self) -> tuple[Mapping[str, Any], ...]:
        """Return every event, oldest first; a torn line is none."""
        try:
            lines = (self._folder / "events.jsonl").read_bytes().splitlines()
        except FileNotFoundError:
            return ()
        return tuple(event for line in lines if (event := _parsed(line)) is not None)

    def _locked(self, owner: Owner) -> int:
        """Return the descriptor that holds the lock; the file says who has it, for the one who is refused."""
        with self._writable():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = self._folder / "lock"
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise failures.busy(_who(path)) from None
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(asdict(owner)).encode(), 0)
        return descriptor

    def _held_by(self) -> Owner:
        if self._owner is None:
            raise RuntimeError("a change of the journal needs its lock: use hold()")
        return self._owner

    def _sweep(self) -> None:
        """Delete what is closed or half-made, and the folder of the open changes with the last of them."""
        if not self.pending:
            return
        last = self._last_events()
        for id_ in self._ids():
            if last.get(id_, {}).get("state") == "reverted":
                durable.move(self._open / id_, self._open / f".{id_}.gone")
        for folder in self._open.glob(".*"):
            shutil.rmtree(folder)
        with suppress(OSError):  # not empty
            self._open.rmdir()

    def _last_events(self) -> dict[str, Mapping[str, Any]]:
        return {event["change"]: event for event in self.history() if "change" in event}

    def _ids(self) -> list[str]:
        try:
            return sorted(path.name for path in self._open.iterdir() if not path.name.startswith("."))
        except FileNotFoundError:  # another process has just closed the last one
            return []

    def _read(self, id_: str, last: Mapping[str, Any]) -> Change:
        record = self._record_of(id_)
        owner = read_owner(record["owner"])
        return Change(id_, record["subject"], owner, last.get("state", "owned"), last.get("note", ""))

    def _record_of(self, id_: str) -> dict[str, Any]:
        try:
            record: dict[str, Any] = json.loads((self._open / id_ / "record.json").read_bytes())
        except (OSError, ValueError) as error:
            raise failures.damaged(self._open / id_) from error
        return record

    def _checked(self, change: Change, name: str, record: Mapping[str, Any]) -> bytes:
        path = self._open / change.id / name
        try:
            data = path.read_bytes()
        except OSError as error:
            raise failures.damaged(path) from error
        if _checksum(data) != record["checksums"][name]:
            raise failures.damaged(path)
        return data

    def _append(self, change: Change, state: State, **facts: object) -> None:
        self._write({"at": now(), "change": change.id, "state": state, **facts})

    def _write(self, event: Mapping[str, object]) -> None:
        line = self._mask(json.dumps(event, ensure_ascii=False))
        durable.append_line(self._folder / "events.jsonl", line.encode())

    @contextmanager
    def _writable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise failures.not_writable(self._folder, error) from error


def _record(change: Change, original: Copy, changed: bytes) -> bytes:
    record = {
        "subject": dict(change.subject),
        "owner": asdict(change.owner),
        "attributes": dict(original.attributes),
        "checksums": {"original": _checksum(original.data), "changed": _checksum(changed)},
    }
    return json.dumps(record, indent=2).encode()


def _checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def _who(lock: Path) -> str:
    try:
        return read_owner(json.loads(lock.read_bytes())).described
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
