"""What a temporary command says: the migration, then whatever was there. Pure text."""

from __future__ import annotations

import re
import shlex
from typing import get_args

from interlocking.environment import Project
from interlocking.errors import UsageError
from interlocking.railway.settings import OverrideKind

Kind = OverrideKind
KINDS: tuple[Kind, ...] = get_args(Kind)
KEYS: dict[Kind, str] = {"start-command": "startCommand", "pre-deploy": "preDeployCommand"}

_MIGRATES = re.compile(
    r"\bflask\b[^&|;]*\bdb\s+upgrade\b"
    r"|\balembic\b[^&|;]*\bupgrade\b"
    r"|\binv(?:oke)?\b[^&|;]*\bdb\.(?:prod-)?upgrade\b"
    r"|\bmanage(?:\.py)?\s+db\s+upgrade\b"
)
_LIST_OPERATORS = frozenset({"||", ";", "&"})


def words(kind: str) -> str:
    """Return a kind for a person: `start command`, `pre-deploy command`."""
    return "start command" if kind == "start-command" else f"{kind} command"


def migrate_command(project: Project) -> str:
    """Return what upgrades the database inside the service: Flask-Migrate's command, or Alembic's own."""
    return shlex.join([*migration_tool(project), "upgrade", *([] if project.uses_flask else ["head"])])


def migration_tool(project: Project) -> tuple[str, ...]:
    """Return the words in front of `upgrade`, `current` and the like, as they are typed inside the service."""
    if project.uses_flask:
        return ("flask", "db")
    ini = project.alembic_ini.relative_to(project.root).as_posix()
    return ("alembic",) if ini == "alembic.ini" else ("alembic", "-c", ini)


def migrates(command: str) -> bool:
    """Return whether a command upgrades a database, also inside `sh -c '...'`."""
    return bool(_MIGRATES.search(command))


def with_migration(command: str, migrate: str, kind: Kind, *, shell: bool) -> str:
    """Return a command that migrates first, and goes on with `command` only when that succeeded.

    Args:
        command: what stands there now; empty: nothing, which only a pre-deploy command may be.
        migrate: what upgrades the database.
        kind: a chained pre-deploy command is wrapped in a shell, because what follows `&&` has been seen to be
            ignored without one (railwayapp/docs#1104).
        shell: whether the platform runs the command in a shell; the image of a Dockerfile runs it without.

    Raises:
        UsageError: code `start-command-unreadable`: quotes are left open, so no shell could run it.
    """
    if not command:
        return migrate
    chained = f"{migrate} && {_as_one(command)}"
    return chained if shell and kind == "start-command" else f"/bin/sh -c {shlex.quote(chained)}"


def _as_one(command: str) -> str:
    """Group a list of commands: in `migrate && a || b`, b would also run when the migration fails."""
    if not _LIST_OPERATORS & _operators(command) and "\n" not in command.strip():
        return command
    inner = command.strip()
    end = "\n" if "#" in inner or "\n" in inner else "" if inner.endswith((";", "&")) else ";"
    return f"{{ {inner}{end} }}"


def _operators(command: str) -> set[str]:
    words = shlex.shlex(command, posix=True, punctuation_chars=True)
    words.commenters = ""
    try:
        return set(words)
    except ValueError as error:
        raise UsageError(
            f"the command that is configured now cannot be read: {error}",
            code="start-command-unreadable",
            why="no shell could run it, with or without a migration before it",
            next="correct the start command first",
        ) from error
