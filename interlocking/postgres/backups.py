"""The folder of backups: each a dump and, written last, a manifest that says what it holds.

A dump without a manifest is one that was not finished. The files hold production's rows: only their owner may
read them.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO

from interlocking.errors import CheckFailedError, UsageError

_SCHEMA = 1
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Backup:
    """What a manifest says.

    Args:
        name: of the dump without its ending, and how a person names it: `20261126T135901Z-wingman`.
        database: its name.
        source: the masked URL that it was taken from.
        taken: when, in UTC, ISO 8601.
        revisions: what the version table held, in the same snapshot as the rows.
        server: the server's version: `18.6`.
        program: the version of pg_dump that wrote it.
        tables: how many tables are in it.
        bytes: size of the file.
        sha256: of the file, hexadecimal.
    """

    name: str
    database: str
    source: str
    taken: str
    revisions: tuple[str, ...]
    server: str
    program: str
    tables: int
    bytes: int
    sha256: str

    @property
    def time(self) -> datetime:
        """When it was taken."""
        return datetime.fromisoformat(self.taken)


@dataclass(frozen=True, slots=True)
class Keep:
    """Which backups of a database are kept; the newest always is.

    Args:
        count: so many of the newest; None for any number.
        age: those taken no longer ago; None for any age.
    """

    count: int | None = None
    age: timedelta | None = None


class Backups:
    """One folder of backups.

    Args:
        folder: made when the first one is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def dump_path(self, name: str) -> Path:
        """Return where the dump of a backup is."""
        return self.folder / f"{name}.dump"

    def all(self, *, database: str = "") -> list[Backup]:
        """Return the finished backups, newest first, of one database or of all."""
        manifests = self.folder.glob("*.json") if self.folder.is_dir() else ()
        found = [backup for path in manifests if (backup := _read(path)) and self.dump_path(backup.name).exists()]
        return sorted((each for each in found if database in ("", each.database)), key=_age, reverse=True)

    def find(self, name: str) -> Backup:
        """Return the backup of that name, or the newest when it is empty.

        Raises:
            UsageError: there is none.
        """
        found = self.all()
        for each in found:
            if not name or each.name == name.removesuffix(".dump"):
                return each
        raise UsageError(
            f"there is no backup {name}" if name else "there is no backup yet",
            code="no-such-backup",
            why=f"the finished ones are in {self.folder}",
            next="invoke db.backups" if found else "invoke db.backup",
        )

    def check(self, backup: Backup) -> None:
        """Read the whole dump again and compare it with its checksum.

        Raises:
            CheckFailedError: it was changed or damaged.
        """
        path = self.dump_path(backup.name)
        with path.open("rb") as file:
            if file_digest(file, "sha256").hexdigest() == backup.sha256:
                return
        raise CheckFailedError(
            f"{path.name} is not what was written: its SHA-256 differs from its manifest's",
            code="backup-damaged",
            why="it was changed, cut short or damaged on the disk; nothing was restored",
            next="restore another one: invoke db.backups",
        )

    @contextmanager
    def unfinished(self, name: str) -> Iterator[BinaryIO]:
        """Open a file to write a dump into, owner's eyes only; what is not finished by the end is removed.

        What killed processes have left is removed first: the lock of an unfinished file ends with its writer.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self.folder.glob(".*.partial"):
            _remove_if_orphaned(left)
        path = self.folder / f".{name}.partial"
        with open(path, "xb", opener=_private) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                yield file
            finally:
                path.unlink(missing_ok=True)

    def finish(self, backup: Backup, partial: Path) -> None:
        """Give a complete dump its name and write its manifest, each safe on the disk before the next."""
        partial.rename(self.dump_path(backup.name))
        manifest = self.folder / f".{backup.name}.json.partial"
        with open(manifest, "w", encoding="utf-8", opener=_private) as file:
            json.dump({"schema": _SCHEMA, **asdict(backup)}, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        manifest.rename(self.folder / f"{backup.name}.json")
        _sync_folder(self.folder)

    def remove(self, backups: Iterable[Backup]) -> None:
        """Delete backups, manifest first: a dump without one is not offered."""
        for each in backups:
            (self.folder / f"{each.name}.json").unlink(missing_ok=True)
            self.dump_path(each.name).unlink(missing_ok=True)


def backup_name(database: str, taken: datetime) -> str:
    """Return a name that sorts by time and can be typed."""
    safe = "".join(letter if letter.isalnum() or letter in "_-" else "_" for letter in database)
    return f"{taken.strftime(_STAMP)}-{safe}"


def superfluous(backups: Sequence[Backup], keep: Keep, now: datetime | None = None) -> list[Backup]:
    """Return what `keep` does not cover, oldest last, judged for each database by itself.

    Args:
        backups: any, newest first.
        keep: what stays.
        now: the time that ages are counted from; None means now.
    """
    now = now or datetime.now(UTC)
    ranks: dict[str, int] = {}
    doomed = []
    for each in backups:
        rank = ranks[each.database] = ranks.get(each.database, 0) + 1
        too_many = keep.count is not None and rank > keep.count
        too_old = keep.age is not None and now - each.time > keep.age
        if rank > 1 and (too_many or too_old):
            doomed.append(each)
    return doomed


def _age(backup: Backup) -> tuple[str, str]:
    return (backup.taken, backup.name)


def _read(path: Path) -> Backup | None:
    """Read a manifest; None where the file is not one."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        values = json.loads(path.read_text(encoding="utf-8"))
        return Backup(**{name: values[name] for name in Backup.__slots__} | {"revisions": tuple(values["revisions"])})
    return None


def _remove_if_orphaned(path: Path) -> None:
    with suppress(OSError), path.open("rb") as file:  # held by a backup that runs, or gone meanwhile
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
