"""What the engine of one deployment reads and writes of the world's state."""

from __future__ import annotations

import time
from typing import Literal

from interlocking.railway.local.container import Level, Write
from interlocking.railway.local.entities import SETTLED, Deployment
from interlocking.railway.local.state import State, World

LogKind = Literal["build", "deploy"]
_GONE = frozenset({"REMOVED", "REMOVING"})


class SupersededError(Exception):
    """Somebody else has taken the deployment down, or a newer one took its place while it was made."""


class Record:
    """The row of one deployment.

    Args:
        world: where it lives.
        identity: the deployment's id.
    """

    def __init__(self, world: World, identity: str) -> None:
        self.world = world
        self.identity = identity
        self._seen: tuple[int, int, int] | None = None

    def state(self) -> State:
        """Return the whole state as it is now."""
        return self.world.read()

    def read(self) -> Deployment:
        """Return the row as it is now."""
        return self.state().deployments[self.identity]

    def update(self, status: str | None = None, **fields: object) -> None:
        """Change the row.

        Args:
            status: the next one; None leaves it.
            fields: other fields of `Deployment`.

        Raises:
            SupersededError: it was removed meanwhile; nothing is changed.
        """
        with self.world.change() as state:
            self.change(state, status, **fields)

    def change(self, state: State, status: str | None = None, **fields: object) -> Deployment:
        """Change the row inside `World.change`: as `update`."""
        row = state.deployments[self.identity]
        if status and row.status in _GONE and status not in _GONE:
            raise SupersededError
        row.status = status or row.status
        for name, value in fields.items():
            setattr(row, name, value)
        return row

    def require_current(self) -> None:
        """Look whether the deployment still counts; costs nothing while nobody changes the state.

        Raises:
            SupersededError: it does not.
        """
        if self.has_news() and self.read().status in _GONE:
            raise SupersededError

    def has_news(self) -> bool:
        """Whether the state was, or may have been, written since the last time this was asked."""
        found = (self.world.folder / "world.json").stat()
        # The clock of a file system is coarse, so twice in a second the answer is yes in any case.
        mark = (found.st_mtime_ns, found.st_ino, int(time.monotonic() * 2))
        news, self._seen = mark != self._seen, mark
        return news

    def successor(self) -> Deployment | None:
        """Return a newer deployment that has taken the traffic over, if there is one.

        Raises:
            SupersededError: this one was removed.
        """
        state = self.state()
        mine = state.deployments[self.identity]
        if mine.status in _GONE:
            raise SupersededError
        for each in state.deployments_of(mine.environment, mine.service):
            if each.id == self.identity:
                break
            if each.status in SETTLED:
                return each
        return None

    def writer(self, kind: LogKind) -> Write:
        """Return what appends lines to one of the deployment's logs."""

        def write(line: str, level: Level) -> None:
            self.world.append_log(self.identity, kind, line, level=level)

        return write
