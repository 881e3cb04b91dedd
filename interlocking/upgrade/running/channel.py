"""Messages between a task and the child that runs Alembic: one JSON object a line on a socket.

A revision may print, close or redirect the standard streams; nobody but this module writes here.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from typing import Any

Message = dict[str, Any]
_CHUNK = 65536


class Channel:
    """One end of the socket pair.

    Args:
        end: the socket; closed by `close`.
    """

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._buffer = b""

    def fileno(self) -> int:
        """Return the descriptor, so that a selector can wait for it."""
        return self._socket.fileno()

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one message; what JSON does not know is sent as its text.

        Raises:
            BrokenPipeError: nobody listens any more.
        """
        self._socket.sendall(json.dumps(message, default=str).encode() + b"\n")

    def messages(self) -> Iterator[Message]:
        """Yield each message until the other side closes."""
        while True:
            received = self.read()
            if received is None:
                return
            yield from received

    def read(self) -> list[Message] | None:
        """Wait for bytes and return the messages they complete.

        Returns:
            None once the other side has closed, or when nothing came within the socket's timeout.
        """
        try:
            chunk = self._socket.recv(_CHUNK)
        except (ConnectionResetError, TimeoutError):
            return None
        if not chunk:
            return None
        *lines, self._buffer = (self._buffer + chunk).split(b"\n")
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        """Close this end."""
        self._socket.close()


def adopt(descriptor: int) -> Channel:
    """Return the child's end, from the descriptor it inherited; its own children inherit it no further."""
    end = socket.socket(fileno=descriptor)
    end.set_inheritable(False)
    return Channel(end)
