"""The state of Local Railway: one folder holds the whole world.

`world.json` is the document; whoever changes it holds the lock of `world.lock` and replaces the file
atomically, so the CLI, the engines and a test see one truth. Beside it: `journal.jsonl` (every call of
the CLI), `deployments/ID/` (snapshot and logs), `bin/railway` (the executable).
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from interlocking.railway.local.entities import (
    Backup,
    Deployment,
    Environment,
    Instance,
    Json,
    Link,
    Project,
    Service,
    Token,
    Trap,
    User,
)
from interlocking.railway.local.traps import TRAPS

CONFIG_AS_CODE_ENDS = datetime(2026, 12, 1, tzinfo=UTC)


@dataclass
class State:
    """The document.

    Args:
        clock_ahead: seconds that the world's clock is ahead of this machine's (negative: behind).
        instances: by `environment id/service id`.
        deployments: by id, oldest first.
        links: by absolute directory.
        created_projects: names of projects that `up` made because nothing was linked.
    """

    project: Project
    clock_ahead: float = 0.0
    user: User = field(default_factory=User)
    environments: dict[str, Environment] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    deployments: dict[str, Deployment] = field(default_factory=dict)
    backups: list[Backup] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    ssh_key: bool = True
    links: dict[str, Link] = field(default_factory=dict)
    traps: dict[str, Trap] = field(default_factory=dict)
    created_projects: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        """Return the time of the world's clock."""
        return datetime.now(UTC) + timedelta(seconds=self.clock_ahead)

    def stamp(self) -> str:
        """Return `now` as the API writes it: RFC 3339 with milliseconds and Z."""
        return stamp(self.now())

    def instance(self, environment: str, service: str) -> Instance:
        """Return a service as it is in an environment (ids).

        Raises:
            KeyError: the service does not exist there.
        """
        return self.instances[f"{environment}/{service}"]

    def deployments_of(self, environment: str, service: str) -> list[Deployment]:
        """Return the deployments of a service in an environment (ids), newest first."""
        mine = [
            each for each in self.deployments.values() if (each.environment, each.service) == (environment, service)
        ]
        return mine[::-1]

    def reads_config_file(self, instance: Instance) -> bool:
        """Return whether Railway reads `railway.toml` for this service on this day."""
        return instance.reads_config_file and self.now() < CONFIG_AS_CODE_ENDS

    def trap(self, name: str) -> Any:  # noqa: ANN401 - a trap's value is JSON
        """Return the value of a trap that is set, else None; counts down one that fires a limited number of times.

        Inside `World.change`, otherwise the countdown is lost.
        """
        trap = self.traps.get(name)
        if trap is None or trap.times == 0:
            return None
        if trap.times is not None:
            trap.times -= 1
        return trap.value


class World:
    """The door to one state folder.

    Args:
        folder: made by `create_world`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ahead: float | None = None

    def read(self) -> State:
        """Return the state as it is now; changes to the result go nowhere."""
        return _decode(json.loads((self.folder / "world.json").read_text(encoding="utf-8")))

    @contextmanager
    def change(self) -> Iterator[State]:
        """Hold the lock, yield the state, and write it when the block ends without an error."""
        with self._locked():
            state = self.read()
            yield state
            self.write(state)

    def write(self, state: State) -> None:
        """Replace the document. Only `create_world` calls it without the lock."""
        draft = self.folder / f"world.{os.getpid()}.draft"
        draft.write_text(json.dumps(asdict(state), indent=1), encoding="utf-8")
        draft.replace(self.folder / "world.json")

    def trap(self, name: str, value: Any = True, *, times: int | None = None) -> None:  # noqa: ANN401, FBT002 - JSON
        """Set a trap: see `traps.py` for the names and values.

        Args:
            name: one of `traps.TRAPS`.
            value: its variant.
            times: how often it fires; always when None.

        Raises:
            KeyError: there is no such trap.
        """
        if name not in TRAPS:
            raise KeyError(name)
        with self.change() as state:
            state.traps[name] = Trap(value, times)

    def folder_of(self, deployment: str) -> Path:
        """Return the folder of a deployment's snapshot and logs; it exists once the deployment does."""
        return self.folder / "deployments" / deployment

    def append_log(self, deployment: str, kind: str, message: str, *, level: str = "info") -> None:
        """Add one line to a log of a deployment.

        Args:
            deployment: its id.
            kind: `build` or `deploy`.
            message: one line.
            level: Railway labels what came from stderr `error`.
        """
        line = {"message": message, "timestamp": _nanoseconds(self._now()), "level": level}
        with (self.folder_of(deployment) / f"{kind}.log").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def log(self, deployment: str, kind: str) -> list[Json]:
        """Return the lines of a log, oldest first; empty when there is none."""
        path = self.folder_of(deployment) / f"{kind}.log"
        if not path.is_file():
            return []
        whole, newline, _unfinished = path.read_text(encoding="utf-8").rpartition("\n")
        return [json.loads(line) for line in whole.split(newline)] if newline else []

    def _now(self) -> datetime:
        if self._ahead is None:  # an engine writes thousands of lines: it asks once
            self._ahead = self.read().clock_ahead
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.folder / "world.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def stamp(moment: datetime) -> str:
    """Return a moment as the API writes it: RFC 3339 with milliseconds and Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def new_id() -> str:
    """Return a random UUID (version 4), without importing a module for it."""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _nanoseconds(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


def _decode(document: Json) -> State:
    rows: Json = dict(document)
    rows["project"] = Project(**document["project"])
    rows["user"] = User(**document["user"])
    for name, kind in _TABLES.items():
        rows[name] = {key: kind(**row) for key, row in document[name].items()}
    rows["backups"] = [Backup(**row) for row in document["backups"]]
    rows["tokens"] = [Token(**row) for row in document["tokens"]]
    return State(**rows)


_TABLES: dict[str, type] = {
    "environments": Environment,
    "services": Service,
    "instances": Instance,
    "deployments": Deployment,
    "links": Link,
    "traps": Trap,
}
