"""The SSH tunnel to a database: `railway connect --tunnel-only`, which tells all on stderr, password included."""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from interlocking.errors import UnavailableError
from interlocking.orphans import interrupt_with_us
from interlocking.postgres.url import DatabaseUrl, parse
from interlocking.process import DEVNULL, PIPE, Child, spawn
from interlocking.railway.calls import Caller, executable
from interlocking.railway.failures import explain
from interlocking.redaction import mask_url

_URL = re.compile(r"^\s+URL:\s+(?P<url>\S+)\s*$")
_OPEN_SECONDS = 60.0  # the CLI itself gives the tunnel 10 s, after a few requests


def tunnel_url(line: str) -> DatabaseUrl | None:
    """Return the database's URL when `line` is the one of the CLI's block that holds it."""
    found = _URL.match(line)
    return parse(found["url"]) if found else None


@contextmanager
def open_tunnel(
    caller: Caller, arguments: Sequence[str], *, learn: Callable[[Iterable[str]], None], seconds: float = _OPEN_SECONDS
) -> Iterator[DatabaseUrl]:
    """Open the tunnel; leaving the block closes it with SIGINT, because SIGTERM would leave its ssh running.

    So does our own death, whatever its cause, where the kernel can tell a child of it.

    Args:
        caller: how the CLI is started.
        arguments: `connect ...`.
        learn: told the password before anything else happens, so that it is masked wherever it may turn up.
        seconds: how long it may take to open.

    Yields:
        The database's URL at this end of the tunnel.

    Raises:
        UnavailableError: it did not open, or not in time.
    """
    argv, env = [executable(), *arguments], caller.environment()
    with spawn(argv, cwd=caller.root, env=env, stdout=DEVNULL, stderr=PIPE, preexec=interrupt_with_us) as child:
        assert child.stderr is not None  # noqa: S101 - asked for above
        url = _await_url(child, _lines_of(child.stderr), seconds)
        learn([url.password.reveal()])
        yield url


def _lines_of(stream: IO[str]) -> queue.Queue[str | None]:
    """Read a stream to its end in the background, so that the program never waits for a reader; None is the end."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in stream:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def _await_url(child: Child, lines: queue.Queue[str | None], seconds: float) -> DatabaseUrl:
    said: list[str] = []
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        try:
            line = lines.get(timeout=left)
        except queue.Empty:
            break
        if line is None:
            raise explain("".join(said), asked="connect --tunnel-only", status=child.wait()).error
        url = tunnel_url(line)
        if url is not None:
            return url
        if not line.startswith(" "):  # the block's own lines hold the password
            said.append(mask_url(line))
    raise UnavailableError(
        f"the tunnel to the database did not open within {seconds:g} s",
        code="tunnel-failed",
        why="it goes through ssh.railway.com, port 22",
        next="check that the network lets SSH out, or --via public",
    )
