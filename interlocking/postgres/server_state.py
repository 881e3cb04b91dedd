"""What must survive between two starts of the embedded server: its port and its password."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from interlocking.errors import UnavailableError
from interlocking.postgres.url import DatabaseUrl
from interlocking.redaction import Secret

USER = "interlocking"
HOST = "127.0.0.1"
# Below the range that Linux (32768) and macOS (49152) lend to outgoing connections: a port that `.env`
# names must still be free tomorrow.
_PORTS = range(20000, 30000)


@dataclass(frozen=True, slots=True)
class ServerState:
    """Port and password of one embedded server."""

    port: int
    password: Secret

    def url(self, database: str) -> DatabaseUrl:
        """Return the URL of one of its databases."""
        return DatabaseUrl(HOST, self.port, USER, self.password, database)


def new_state(home: Path) -> ServerState:
    """Choose a free port, the same one for the same project where possible, and a random password."""
    from secrets import token_hex  # noqa: PLC0415 - needed once in a project's life

    return ServerState(_free_port(crc32(os.fsencode(home))), Secret(token_hex(16)))


def load(path: Path) -> ServerState | None:
    """Read the state file; None when there is none.

    Raises:
        UnavailableError: code `state-damaged`.
        OSError: it may not be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        raw = json.loads(text)
        return ServerState(int(raw["port"]), Secret(str(raw["password"])))
    except (ValueError, KeyError, TypeError):
        raise UnavailableError(
            f"{path} does not hold the port and the password of the embedded server",
            code="state-damaged",
            next=f"rm {path}, then 'invoke db.start'; put the URL of 'invoke db.url --reveal' into .env",
        ) from None


def save(state: ServerState, path: Path) -> None:
    """Write the state file, mode 0600, so that it is either the old one or the new one after a crash."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    text = json.dumps({"port": state.port, "password": state.password.reveal()}, indent=2) + "\n"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _free_port(seed: int) -> int:
    for offset in range(len(_PORTS)):
        port = _PORTS[(seed + offset) % len(_PORTS)]
        if _is_free(port):
            return port
    raise UnavailableError(
        f"no port from {_PORTS.start} to {_PORTS.stop - 1} is free on {HOST}",
        code="no-free-port",
        next="stop programs that listen there, or set DATABASE_URL to another server",
    )


def _is_free(port: int) -> bool:
    import socket  # noqa: PLC0415 - only a start needs it

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as PostgreSQL does
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
