"""Worlds whose `railway` is called as a program calls it: by name on PATH, with closed stdin and separate streams."""

from __future__ import annotations

import codecs
import json
import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interlocking.railway.local import deployments
from interlocking.railway.local.creation import ACCOUNT_TOKEN, ServiceSpec, create_world, install, postgres
from interlocking.railway.local.entities import Deployment, Instance
from interlocking.railway.local.state import State, World
from tests.waiting import DEADLINE_SECONDS

DATABASE = "postgresql://ada:canary-password@127.0.0.1:5999/shop"
WEB = ServiceSpec("web", {"DATABASE_URL": "${{Postgres.DATABASE_URL}}", "FLASK_ENV": "production"})


@dataclass(frozen=True)
class Answer:
    """What a call left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)

    @property
    def failure(self) -> tuple[int, str, str]:
        """Exit code, stdout, and stderr without its final newline."""
        return self.code, self.out, self.err.rstrip("\n")


@dataclass
class Shop:
    """A project with a service `web` and a database, called from a folder."""

    world: World
    folder: Path
    path: Path

    def __call__(
        self,
        *argv: str,
        token: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
        input: str | None = None,
        cwd: Path | None = None,
    ) -> Answer:
        """Call `railway`; by an account token unless another credential is given."""
        done = subprocess.run(
            ["railway", *argv],
            cwd=cwd or self.folder,
            env=self.environment(token, env),
            input=input,
            stdin=None if input is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def environment(
        self, token: Mapping[str, str] | None = None, more: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Return the environment of a call."""
        credential = {"RAILWAY_API_TOKEN": ACCOUNT_TOKEN} if token is None else token
        path = f"{self.path}:{os.environ['PATH']}"
        return {**os.environ, **credential, "PATH": path, "CI": "true", **(more or {})}

    @property
    def state(self) -> State:
        """The state as it is now."""
        return self.world.read()

    def instance(self, name: str = "web") -> Instance:
        """Return a service in the first environment."""
        state = self.state
        return next(each for each in state.instances.values() if state.services[each.service].name == name)

    def script(self, *steps: str | Mapping[str, Any], name: str = "web") -> Deployment:
        """Add a deployment that runs through statuses: texts last one look, the last one stays."""
        rows = [{"status": each} if isinstance(each, str) else dict(each) for each in steps]
        self.world.trap("script", rows, times=1)
        at = self.instance(name)
        with self.world.change() as state:
            instance = state.instance(at.environment, at.service)
            made = deployments.add(state, instance, snapshot=None, meta={"cliMessage": "release 1"})
        self.world.folder_of(made.id).mkdir()
        return made

    def deployments(self, name: str = "web") -> list[Deployment]:
        """Return the deployments of a service, newest first."""
        at = self.instance(name)
        return self.state.deployments_of(at.environment, at.service)


def on_terminal(shop: Shop, *argv: str, until: Callable[[str], bool] = lambda _seen: False) -> Answer:
    """Call with a terminal as all three streams; press Ctrl-C once `until` is true of what was seen."""
    leader, follower = pty.openpty()
    child = subprocess.Popen(
        ["railway", *argv],
        cwd=shop.folder,
        env=shop.environment(more={"CI": ""}),
        stdin=follower,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    seen, pressed, deadline = "", False, time.monotonic() + DEADLINE_SECONDS
    decoder = codecs.getincrementaldecoder("utf-8")()
    while child.poll() is None or readable(leader):
        assert time.monotonic() < deadline, seen
        if readable(leader):
            try:
                seen += decoder.decode(os.read(leader, 4096))
            except OSError:  # the other end is closed
                break
        if not pressed and until(seen):
            child.send_signal(signal.SIGINT)
            pressed = True
    os.close(leader)
    return Answer(child.wait(DEADLINE_SECONDS), seen.replace("\r\n", "\n"), "")


def readable(descriptor: int) -> bool:
    """Return whether there is something to read, after a short wait."""
    return bool(select.select([descriptor], [], [], 0.05)[0])


def make_shop(folder: Path, *services: ServiceSpec, **changes: Any) -> Shop:
    """Make a world and a folder linked to it (unless `linked` says otherwise)."""
    project = folder / "project"
    project.mkdir(parents=True)
    every: Sequence[ServiceSpec] = services or (WEB, postgres(database_url=DATABASE))
    world = create_world(folder / "world", services=every, **{"linked": project, **changes})
    return Shop(world, project, install(world))
