"""Files that survive a power failure: what a function here has returned from is on the disk.

A rename is atomic, but only the folder's own fsync makes it last
(https://lwn.net/Articles/457667/, "Ensuring data reaches disk").
"""

from __future__ import annotations

import os
from pathlib import Path


def write_file(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write a new file, or overwrite one that nobody relies on yet.

    Args:
        path: its folder exists.
        data: all of its bytes.
        mode: its permissions, whatever the umask.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def append_line(path: Path, data: bytes) -> None:
    """Append one line; a line that an earlier death left unfinished is ended first.

    Args:
        path: made when it is missing, readable by its owner alone.
        data: without a line break.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        file.write(b"\n" * torn + data + b"\n")
        os.fsync(descriptor)


def move(source: Path, target: Path) -> None:
    """Give a file or folder another name in the same file system, replacing a file of that name."""
    source.replace(target)
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
