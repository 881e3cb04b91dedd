"""One running copy of a service: a shell that runs its command, and everything that this starts."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Literal

from interlocking.process import Child, spawn
from interlocking.railway.local.processes import Registry, catches, kill_group

Level = Literal["info", "error"]
Write = Callable[[str, Level], None]
_POLL_SECONDS = 0.01
_END = "\0end\n"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a container is made.

    Args:
        name: unique in its world.
        command: a shell line.
        folder: where it runs.
        environment: all its variables.
        write: takes each line of its output; what came from stderr is an `error`.
    """

    name: str
    command: str
    folder: Path
    environment: Mapping[str, str]
    write: Write


class Container:
    """A process group that begins with the recipe's command and ends with it, as a container does.

    Args:
        recipe: what runs.
        registry: where it writes itself down.
    """

    def __init__(self, recipe: Recipe, registry: Registry) -> None:
        self._recipe = recipe
        self._registry = registry
        self._stack = ExitStack()
        self._returncode: int | None = None
        self._outputs = stdout, stderr = _Output(recipe.write, "info"), _Output(recipe.write, "error")
        self._child: Child = self._stack.enter_context(
            spawn(
                registry.launcher(recipe.name, recipe.command),
                cwd=recipe.folder,
                env=recipe.environment,
                stdout=stdout.descriptor,
                stderr=stderr.descriptor,
                grace=0,
            )
        )

    @property
    def pid(self) -> int:
        """Of its first process."""
        return self._child.pid

    def returncode(self) -> int | None:
        """Return how its first process ended, or None while it runs; what it left behind is killed then."""
        if self._returncode is None and self._child.poll() is not None:
            self.kill()
        return self._returncode

    def wait(self, seconds: float) -> int | None:
        """Wait for its end; return how it ended, or None when it still runs."""
        deadline = time.monotonic() + seconds
        while self.returncode() is None and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        return self._returncode

    def ask_to_end(self) -> None:
        """Send SIGTERM to its first process alone, which ignores it unless it has a handler: as in a container."""
        if self.returncode() is None and catches(self.pid, signal.SIGTERM):
            self._child.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End all of it at once, unless it has ended, and pass on its last words."""
        if self._returncode is not None:
            return
        kill_group(self.pid)
        self._returncode = self._child.wait()
        self._stack.close()
        for output in self._outputs:
            output.finish()
        self._registry.leave(self._recipe.name)


class _Output:
    """A pipe whose lines a thread passes on."""

    def __init__(self, write: Write, level: Level) -> None:
        self._write, self._level = write, level
        self._source, self.descriptor = os.pipe()
        self._thread = Thread(target=self._copy, daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Wait until all that was said is passed on, but not for a process that has left the group and may say more."""
        with suppress(BrokenPipeError):  # nobody takes the lines any more
            os.write(self.descriptor, _END.encode())  # comes after everything
        os.close(self.descriptor)
        self._thread.join()

    def _copy(self) -> None:
        with os.fdopen(self._source, encoding="utf-8", errors="replace") as stream:
            for line in stream:
                said = line.removesuffix(_END)
                if said:
                    self._write(said.rstrip("\n"), self._level)
                if said != line:
                    return
