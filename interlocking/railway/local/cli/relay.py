"""The TCP relay behind `connect --tunnel-only`: a process of its own, as the ssh child of the real CLI is.

It ends on SIGINT, or by itself once the folder it was told is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from pathlib import Path

_CHUNK = 1 << 16
_LOOK_SECONDS = 1.0


async def serve(port: int, host: str, target_port: int, life: Path) -> None:
    """Relay 127.0.0.1:`port` to `host`:`target_port` until it is interrupted or `life` is gone.

    Raises:
        OSError: the port is in use.
    """

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            there = await asyncio.open_connection(host, target_port)
            await asyncio.gather(_pump(reader, there[1]), _pump(there[0], writer))
        writer.close()

    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stopped.set)
    async with await asyncio.start_server(handle, "127.0.0.1", port):
        while await asyncio.to_thread(life.is_dir) and not stopped.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), _LOOK_SECONDS)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()


if __name__ == "__main__":
    own_port, host, port, life = sys.argv[1:]
    asyncio.run(serve(int(own_port), host, int(port), Path(life)))
