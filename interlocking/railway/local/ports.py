"""Free ports on 127.0.0.1, outside the range that systems lend to outgoing connections."""

from __future__ import annotations

import random
import socket

from interlocking.errors import UnavailableError

HOST = "127.0.0.1"
_RANGE = range(20000, 30000)
_TRIES = 200


def free_port() -> int:
    """Return a port on which nobody listens.

    Raises:
        UnavailableError: code `no-free-port`.
    """
    for port in random.sample(_RANGE, _TRIES):
        if _is_free(port):
            return port
    raise UnavailableError(
        f"no port from {_RANGE.start} to {_RANGE.stop - 1} is free on {HOST}",
        code="no-free-port",
        next="stop programs that listen there",
    )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
