"""Ports for what a test starts: nobody else on this machine is given them meanwhile."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def reserved_port() -> Iterator[int]:
    """Keep a port of 127.0.0.1 until the end of the block, for one program that listens there, also again and again.

    A bound socket keeps everybody away who asks for any free port. Who asks for this very one gets it, because both
    sockets allow it (SO_REUSEADDR) and ours does not listen: socket(7).
    """
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        yield int(holder.getsockname()[1])
