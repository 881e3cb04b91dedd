"""Who migrates, from where, and with which commit: found without starting a process."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REFERENCE = "ref: "
_LINK = "gitdir: "


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an upgrade is run.

    Args:
        actor: the person or the service: `alice`, or `railway web (production)`.
        host: the machine or container.
        commit: of the code, in full; None when it is not known.
    """

    actor: str
    host: str
    commit: str | None


def read_origin(folder: Path, variables: Mapping[str, str]) -> Origin:
    """Return where this process runs.

    Args:
        folder: anywhere in the working tree, such as the migrations folder.
        variables: the process environment. Railway's are described at
            https://docs.railway.com/reference/variables.
    """
    return Origin(
        actor=_actor(variables),
        host=os.uname().nodename,
        commit=git_commit(folder) or variables.get("RAILWAY_GIT_COMMIT_SHA") or None,
    )


def git_commit(folder: Path) -> str | None:
    """Return the commit that is checked out around `folder`, or None: no repository, or no commit yet.

    Source: https://git-scm.com/docs/gitrepository-layout.
    """
    mark = next((path for each in (folder, *folder.parents) if (path := each / ".git").exists()), None)
    if mark is None:
        return None
    home = mark if mark.is_dir() else mark.parent / _text(mark).removeprefix(_LINK)
    head = _text(home / "HEAD")
    found = _resolved(head.removeprefix(_REFERENCE), home) if head.startswith(_REFERENCE) else head
    return found if _COMMIT.fullmatch(found) else None


def _resolved(reference: str, home: Path) -> str:
    """Return the commit of a branch; a linked working tree has its branches in the main one's folder."""
    common = _text(home / "commondir")
    for place in (home, home / common) if common else (home,):
        if loose := _text(place / reference):
            return loose
        for line in _text(place / "packed-refs").splitlines():
            commit, _, name = line.partition(" ")
            if name == reference:
                return commit
    return ""


def _actor(variables: Mapping[str, str]) -> str:
    service = variables.get("RAILWAY_SERVICE_NAME")
    if service:
        return f"railway {service} ({variables.get('RAILWAY_ENVIRONMENT_NAME', 'unknown environment')})"
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run as a number that has no name
        return f"user {os.getuid()}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
