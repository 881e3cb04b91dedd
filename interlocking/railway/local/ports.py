"""Free ports on 127.0.0.1, outside the range that systems lend to outgoing connections."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

from interlocking.errors import UnavailableError

HOST = "127.0.0.1"
_RANGE = range(20000, 30000)
_TRIES = 200


def free_port() -> int:
    """Return a port on which nobody listens, and which nobody else was given a moment ago to listen there soon.

    Raises:
        UnavailableError: code `no-free-port`.
    """
    for _ in range(_TRIES):
        port = _next()
        if _is_free(port):
            return port
    raise UnavailableError(
        f"no port from {_RANGE.start} to {_RANGE.stop - 1} is free on {HOST}",
        code="no-free-port",
        next="stop programs that listen there",
    )


def _next() -> int:
    """Take turns with all processes of this user: each is given the port after the one that was given last."""
    path = Path(tempfile.gettempdir()) / f"interlocking-ports-{os.getuid()}"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "r+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        last = file.read()
        port = int(last) + 1 if last.isdecimal() else random.choice(_RANGE)  # noqa: S311 - no secret
        port = port if port in _RANGE else _RANGE.start
        file.seek(0)
        file.write(f"{port}")
        file.truncate()
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
