"""As whom the embedded server runs: root hands it to another user, because PostgreSQL refuses root."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from interlocking.errors import UnavailableError

_CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A system user.

    Args:
        user: numeric user id.
        group: numeric id of its primary group.
    """

    user: int
    group: int


def make_enterable(folder: Path) -> None:
    """Make a folder that every user can enter, whatever our umask; one that exists is left as it is."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)


def server_account(folder: Path) -> Account | None:
    """Return the user that runs the server when we are root, None when we run it ourselves.

    Args:
        folder: where its data is; once it exists its owner stays the one.

    Raises:
        UnavailableError: we are root, and there is neither a `postgres` nor a `nobody`.
    """
    if os.geteuid() != 0:
        return None
    if folder.exists() and folder.stat().st_uid != 0:
        status = folder.stat()
        return Account(status.st_uid, status.st_gid)
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise UnavailableError(
        "there is no system user that could run PostgreSQL",
        code="no-server-user",
        why="PostgreSQL refuses to run as root, and neither 'postgres' nor 'nobody' exists",
        next="create one (useradd --system postgres), run as another user, or set DATABASE_URL",
    )
