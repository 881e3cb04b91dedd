"""Several files changed as one: all of them or, whenever a death comes, none.

What they hold and shall hold is first kept in `.interlocking/rewrite.json`, on the disk. The last file decides: until
it has its new content the others are put back, by this process or by the next task; from then on all is done, and only
the record is left to remove.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from interlocking.durable import move, sync_folder, write_file
from interlocking.errors import IncompleteError, RefusedError

RECORD = "rewrite.json"


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One file.

    Args:
        path: its folder exists.
        before: its bytes; None for a new file.
        after: its bytes afterwards.
    """

    path: Path
    before: bytes | None
    after: bytes

    @property
    def stands(self) -> bytes | None:
        """What the file holds now."""
        return self.path.read_bytes() if self.path.exists() else None


def rewrite(home: Path, files: Sequence[Rewrite]) -> None:
    """Change all files, or none.

    Args:
        home: the project's `.interlocking`.
        files: at least one, in the order in which they are written.

    Raises:
        RefusedError: a file does not hold any more what it held before; nothing was written.
        OSError: one cannot be written; the others are as they were, unless `is_unfinished`.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(home):
        _finish(home)
        _require_unchanged(files)
        _keep(home, files)
        try:
            for each in files:
                _write(each.path, each.after)
        finally:
            _finish(home)


def is_unfinished(home: Path) -> bool:
    """Say whether a rewrite was interrupted, or is going on just now; costs one look at the disk.

    Args:
        home: the project's `.interlocking`.
    """
    return (home / RECORD).exists()


def half_written(home: Path) -> tuple[Path, ...]:
    """Return the files that have their new content while others that belong to them have not; nothing is changed.

    Args:
        home: the project's `.interlocking`.

    Raises:
        IncompleteError: the record cannot be read.
    """
    return tuple(each.path for each in _half_written(_kept(home))) if is_unfinished(home) else ()


def _half_written(files: Sequence[Rewrite]) -> list[Rewrite]:
    return [each for each in files if each.stands == each.after] if files[-1].stands == files[-1].before else []


def put_back(home: Path) -> tuple[Path, ...]:
    """Put back what a dead process left unfinished; one that is at work is waited for.

    Args:
        home: the project's `.interlocking`.

    Returns:
        The files that are as they were again.

    Raises:
        IncompleteError: the record cannot be read.
        OSError: a file cannot be written.
    """
    with _alone(home):
        return _finish(home)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Keep others from rewriting; the lock ends with the process, and needs no file of its own."""
    descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _require_unchanged(files: Sequence[Rewrite]) -> None:
    for each in files:
        if each.stands != each.before:
            raise RefusedError(
                f"{each.path.name} was changed meanwhile",
                code="changed-meanwhile",
                why="what was shown was made for the file as it was; nothing was written",
                next="type the same command again",
            )


def _write(path: Path, data: bytes) -> None:
    """Write beside, then rename: whoever reads it finds the old content or the new."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    write_file(_beside(path), data, mode=mode)
    move(_beside(path), path)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _finish(home: Path) -> tuple[Path, ...]:
    """Put files back, unless the last one is written, and remove the record; what somebody edited since stays."""
    if not is_unfinished(home):
        return ()
    files = _kept(home)
    undone = _half_written(files)
    for each in reversed(undone):
        if each.before is None:
            each.path.unlink()
            sync_folder(each.path.parent)
        else:
            _write(each.path, each.before)
    for each in files:
        if _beside(each.path).is_file():
            _beside(each.path).unlink()
    (home / RECORD).unlink()
    sync_folder(home)
    return tuple(each.path for each in undone)


def _keep(home: Path, files: Sequence[Rewrite]) -> None:
    """Put the record on the disk; paths are from its own folder, so that a project may be moved."""
    record = [[os.path.relpath(each.path, home), _text(each.before), _text(each.after)] for each in files]
    beside = home / f"{RECORD}.new"
    write_file(beside, json.dumps(record).encode())
    move(beside, home / RECORD)


def _kept(home: Path) -> list[Rewrite]:
    path = home / RECORD
    try:
        record = json.loads(path.read_bytes())
        return [Rewrite(_path(home, name), _bytes(before), _bytes(after) or b"") for name, before, after in record]
    except ValueError as error:
        raise IncompleteError(
            f"{path} is damaged, so what an interrupted task had begun to write cannot be put back from it",
            code="journal-damaged",
            why="it holds what stood in the files; nothing was overwritten",
            next=f"put the files back from version control, then delete {path}",
        ) from error


def _path(home: Path, name: str) -> Path:
    return Path(os.path.normpath(home / name))


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
