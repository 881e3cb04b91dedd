"""How scratch databases are named, locked and copied. Pure."""

from __future__ import annotations

import re
from zlib import crc32

MARK = "scratch database of interlocking"
_NAME = re.compile(r"interlocking_[a-z0-9_]{1,24}_\d{1,10}_[0-9a-f]{8}")
_HINT_LENGTH = 24
_LOCK_SPACE = 0x494C4B00  # "ILK": apart from the advisory locks of applications
_STRATEGY_SINCE = 150000


def scratch_name(hint: str, *, pid: int, token: str) -> str:
    """Return a name such as `interlocking_companion_4711_9f86d081`.

    Args:
        hint: any text that says what it is for.
        pid: of the process that owns it.
        token: 8 random hexadecimal digits.
    """
    slug = re.sub(r"[^a-z0-9]+", "_", hint.lower()).strip("_")[:_HINT_LENGTH] or "scratch"
    return f"interlocking_{slug}_{pid}_{token}"


def is_scratch_name(name: str) -> bool:
    """Whether `name` has the form that `scratch_name` gives."""
    return _NAME.fullmatch(name) is not None


def lock_key(name: str) -> int:
    """Return the advisory lock that the owner of a scratch database holds as long as it lives."""
    return (_LOCK_SPACE << 32) | crc32(name.encode())


def copy_clause(server_version: int, *, fsync: bool) -> str:
    """Return the STRATEGY clause with which CREATE DATABASE copies fastest; empty for the server's own.

    Measured with 60 small tables in memory: FILE_COPY 10 ms, WAL_LOG 16 ms. With fsync on, FILE_COPY waits
    for every file and two checkpoints, so the default (WAL_LOG) stays.

    Args:
        server_version: as libpq gives it; the clause exists since 15
            (https://www.postgresql.org/docs/15/sql-createdatabase.html).
        fsync: whether the server waits for the disk.
    """
    return " STRATEGY FILE_COPY" if server_version >= _STRATEGY_SINCE and not fsync else ""
