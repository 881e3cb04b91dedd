"""A network between the guard and its server, which fails on a condition."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from interlocking.postgres.url import parse

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""The message by which a driver ends a transaction: type, length, text.
https://www.postgresql.org/docs/current/protocol-message-formats.html"""


class Relay:
    """Passes bytes between clients and a server; the first connection that sends `marker` is cut at its COMMIT.

    Args:
        server: address of the server.
        marker: what arms it.
        forward: whether the COMMIT still reaches the server; its answer never comes back.
        close_server: whether the server notices: it does not when something in between drops what it should pass on.
        committed: is awaited before the cut, so that "after" means after.
    """

    def __init__(
        self,
        server: tuple[str, int],
        marker: bytes,
        *,
        forward: bool,
        close_server: bool,
        committed: Callable[[], None],
    ) -> None:
        self._server = server
        self._marker = marker
        self._forward = forward
        self._close_server = close_server
        self._committed = committed
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.cut = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        for each in (self._listener, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                self._open += [client, server]
                threading.Thread(target=self._up, args=(client, server), daemon=True).start()
                threading.Thread(target=self._down, args=(server, client), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        armed = False
        with suppress(OSError):
            while received := client.recv(65536):
                armed = armed or (not self.cut and self._marker in received)
                if armed and COMMIT in received:
                    self._break(received, client, server)
                    return
                server.sendall(received)
            server.shutdown(socket.SHUT_RDWR)

    def _break(self, received: bytes, client: socket.socket, server: socket.socket) -> None:
        self.cut = True
        if self._forward:
            server.sendall(received)
            self._committed()
        client.shutdown(socket.SHUT_RDWR)
        if self._close_server:
            server.shutdown(socket.SHUT_RDWR)

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while received := server.recv(65536):
                if not (self.cut and COMMITTED in received):
                    client.sendall(received)
            client.shutdown(socket.SHUT_RDWR)


COMMITTED = b"C\x00\x00\x00\x0bCOMMIT\x00"


@contextmanager
def relayed(
    url: str, *, marker: bytes, forward: bool, close_server: bool = True, committed: Callable[[], None] = lambda: None
) -> Iterator[tuple[str, Relay]]:
    """Yield the URL of a database through a relay."""
    direct = parse(url)
    relay = Relay(
        (direct.host or "", direct.port or 0), marker, forward=forward, close_server=close_server, committed=committed
    )
    try:
        yield replace(direct, port=relay.port).libpq(), relay
    finally:
        relay.close()
