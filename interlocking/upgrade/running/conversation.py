"""The parent's side of a child: start it, ask, listen to what it reports and prints, let it go."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import interlocking
from interlocking.orphans import interrupt_with_us
from interlocking.process import Child, spawn
from interlocking.upgrade.running.channel import Channel, Message

_POLL_SECONDS = 0.2
_CHUNK = 65536
_TAIL = 10


class Conversation:
    """A running child; `said` holds the last lines that it printed.

    Args:
        child: the process.
        channel: our end of the private socket.
        output: the reading end of the pipe behind its standard output and error.
        mask: takes secrets out of whatever it says.
        on_event: receives every message that is no answer.
        on_line: receives every line that the project prints.
    """

    def __init__(
        self,
        child: Child,
        channel: Channel,
        output: int,
        *,
        mask: Callable[[str], str],
        on_event: Callable[[Message], None],
        on_line: Callable[[str], None],
    ) -> None:
        self._child = child
        self._channel = channel
        self._output = output
        self._mask = mask
        self._on_event = on_event
        self._on_line = on_line
        self._answers: list[Message] = []
        self._partial_line = b""
        self.said: list[str] = []

    def ask(self, request: Mapping[str, Any]) -> Message:
        """Send a request and wait for its answer."""
        self.tell(request)
        return self.hear()

    def tell(self, request: Mapping[str, Any]) -> None:
        """Send a request; `hear` waits for its answer."""
        with suppress(BrokenPipeError):  # a child that is gone says so in `hear`
            self._channel.send(request)

    def hear(self) -> Message:
        """Wait for an answer, reporting events and printed lines meanwhile.

        Returns:
            The answer; `{"ended": status, "said": [...]}` when the child ended without one.
        """
        with selectors.DefaultSelector() as selector:
            selector.register(self._channel, selectors.EVENT_READ, self._read_channel)
            selector.register(self._output, selectors.EVENT_READ, self._read_output)
            while not self._answers:
                ended = self._child.poll() is not None
                for key, _ in selector.select(0 if ended else _POLL_SECONDS):
                    if not key.data():
                        selector.unregister(key.fileobj)
                if ended and not self._answers and not self._read_channel():
                    self._answers.append({"ended": self._child.returncode, "said": self.said})
        self._read_output()
        self._say(self._partial_line)
        self._partial_line = b""
        return self._answers.pop(0)

    def interrupt(self) -> None:
        """Pass Ctrl-C on; the child rolls back and ends."""
        with suppress(ProcessLookupError):
            self._child.send_signal(signal.SIGINT)

    def _read_channel(self) -> bool:
        """Handle what has arrived; return False when nothing more will come."""
        received = self._channel.read()
        for raw in received or ():
            message = _masked(raw, self._mask)
            if "event" in message:
                self._on_event(message)
            else:
                self._answers.append(message)
        return received is not None

    def _read_output(self) -> bool:
        """Pass on what the project printed; return False when nothing more will come."""
        try:
            chunk = os.read(self._output, _CHUNK)
        except BlockingIOError:
            return True
        *lines, self._partial_line = (self._partial_line + chunk).split(b"\n")
        for line in lines:
            self._say(line)
        return bool(chunk)

    def _say(self, line: bytes) -> None:
        text = self._mask(line.decode(errors="replace").rstrip())
        if text:
            self.said = [*self.said, text][-_TAIL:]
            self._on_line(text)


@contextmanager
def converse(
    module: str,
    *,
    cwd: Path,
    env: Mapping[str, str],
    mask: Callable[[str], str],
    on_event: Callable[[Message], None],
    on_line: Callable[[str], None],
) -> Iterator[Conversation]:
    """Start `main()` of a module of ours in a child; leaving the block ends it.

    Args:
        module: the dotted name of the module.
        cwd: the project's root.
        env: its whole environment.
        mask: takes secrets out of whatever it says.
        on_event: receives every message that is no answer.
        on_line: receives every line that the project prints.
    """
    ours, theirs = socket.socketpair()
    output, their_output = os.pipe()
    os.set_blocking(output, False)
    ours.settimeout(_POLL_SECONDS)  # a daemon of the project may hold the other end open for ever
    argv = [sys.executable, "-c", _start(module), str(theirs.fileno())]
    try:
        with spawn(
            argv,
            cwd=cwd,
            env=env,
            stdout=their_output,
            stderr=their_output,
            pass_fds=[theirs.fileno()],
            preexec=interrupt_with_us,  # a killed parent can neither pass Ctrl-C on nor report: the child rolls back
        ) as child:
            theirs.close()
            os.close(their_output)
            yield Conversation(child, Channel(ours), output, mask=mask, on_event=on_event, on_line=on_line)
    finally:
        ours.close()
        os.close(output)


def _start(module: str) -> str:
    """Return the child's first line: this very package stays importable, after all that the project has."""
    home = str(Path(interlocking.__file__).parent.parent)
    return f"import sys; sys.path.append({home!r}); from {module} import main; main()"


def _masked(value: Any, mask: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list):
        return [_masked(item, mask) for item in value]
    if isinstance(value, dict):
        return {key: _masked(item, mask) for key, item in value.items()}
    return value
