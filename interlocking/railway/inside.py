"""A command inside the running container: `railway ssh`, believed only with a sentinel line.

The relay can end with status 0 and have run nothing (railwayapp/cli#1029), and ssh's own 255 looks like a
command's. So the command's status comes back in a line of its own, and without that line nothing is known.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from interlocking.errors import IncompleteError, InterlockingError, UnavailableError
from interlocking.process import Completed
from interlocking.railway.failures import explain
from interlocking.railway.results import Inside

_CONNECTION_FAILED = 255


def with_sentinel(command: Sequence[str], sentinel: str) -> str:
    """Return the shell line that runs `command` and then prints its status behind the sentinel.

    Args:
        command: program and arguments.
        sentinel: a word that cannot stand in the output by chance.
    """
    return f"{shlex.join(command)}; printf '\\n%s %s\\n' {sentinel} \"$?\""


def read_inside(completed: Completed, sentinel: str, *, command: Sequence[str]) -> Inside:
    """Return what the command did.

    Args:
        completed: how `railway ssh` ended.
        sentinel: the word of `with_sentinel`.
        command: program and arguments, for the error.

    Raises:
        UnavailableError: there was no connection, so nothing ran.
        IncompleteError: the sentinel is missing, so it is not known whether or how far it ran.
    """
    found = re.search(rf"\n?^{re.escape(sentinel)} (\d+)$\n?", completed.stdout, re.MULTILINE)
    if found:
        return Inside(int(found[1]), completed.stdout[: found.start()], completed.stderr)
    raise _unknown(completed, command)


def _unknown(completed: Completed, command: Sequence[str]) -> InterlockingError:
    if completed.returncode and not completed.stdout:
        failure = explain(completed.stderr, asked="ssh", status=completed.returncode)
        if completed.returncode != _CONNECTION_FAILED or failure.error.code != "railway-failed":
            return failure.error
        return UnavailableError(
            "the container cannot be reached through SSH",
            code="ssh-failed",
            why=failure.error.message,
            next="invoke deploy.status: a service that sleeps or crashed has no container; or --via public",
        )
    return IncompleteError(
        f"it is not known whether {shlex.join(command)} ran inside the container",
        code="ssh-unknown",
        why="the connection ended before the command's own status came back",
        next="look at its effect before doing it again: invoke db.prod-status",
    )
