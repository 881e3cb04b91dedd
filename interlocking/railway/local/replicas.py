"""The replicas of one deployment: started together, restarted one by one, ended together.

Source: https://docs.railway.com/deployments/restart-policy
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from interlocking.railway.deploy_config import RestartPolicy
from interlocking.railway.local.container import Container

Status = Literal["RUNNING", "CRASHED", "EXITED", "REMOVED"]
_POLL_SECONDS = 0.02


@dataclass
class Replica:
    """One replica.

    Args:
        id: as `RAILWAY_REPLICA_ID` says.
        port: where it listens; the same after each restart.
        container: what runs, or ran last.
        status: Railway's word for it.
        restarts: how often it was started again.
    """

    id: str
    port: int
    container: Container
    status: Status = "RUNNING"
    restarts: int = 0


class Replicas:
    """All replicas of a deployment.

    Args:
        start: starts one: takes its id and port.
        policy: which ends are followed by a new start.
        max_retries: restarts of one replica.
    """

    def __init__(self, start: Callable[[str, int], Container], policy: RestartPolicy, max_retries: int) -> None:
        self._start = start
        self._policy = policy
        self._max_retries = max_retries
        self.all: list[Replica] = []

    def add(self, identity: str, port: int) -> None:
        """Start one more."""
        self.all.append(Replica(identity, port, self._start(identity, port)))

    def look(self) -> bool:
        """Start again what may be; return whether anything changed since the last look."""
        changed = False
        for each in self.all:
            returncode = each.container.returncode()
            if each.status == "RUNNING" and returncode is not None:
                self._ended(each, returncode)
                changed = True
        return changed

    @property
    def ports(self) -> tuple[int, ...]:
        """Where the running ones listen."""
        return tuple(each.port for each in self.all if each.status == "RUNNING")

    @property
    def ended(self) -> bool:
        """Whether none runs, nor will be started again."""
        return not self.ports

    @property
    def crashed(self) -> bool:
        """Whether they ended, and one of them not well."""
        return self.ended and any(each.status == "CRASHED" for each in self.all)

    def end(self, draining_s: float) -> None:
        """Ask all of them to end, and kill what still runs after `draining_s` seconds."""
        for each in self.all:
            each.container.ask_to_end()
        deadline = time.monotonic() + draining_s
        while time.monotonic() < deadline and any(each.container.returncode() is None for each in self.all):
            time.sleep(_POLL_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End all of them at once."""
        for each in self.all:
            each.container.kill()
            each.status = "REMOVED"

    def _ended(self, replica: Replica, returncode: int) -> None:
        again = self._policy == "ALWAYS" or (self._policy == "ON_FAILURE" and returncode != 0)
        if again and replica.restarts < self._max_retries:
            replica.restarts += 1
            replica.container = self._start(replica.id, replica.port)
        else:
            replica.status = "EXITED" if returncode == 0 else "CRASHED"
