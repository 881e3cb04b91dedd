"""Worlds whose deployments really run, and what is asked of them."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from interlocking.railway.local import deployments
from interlocking.railway.local.creation import DEFAULT_DATE, ServiceSpec, create_world
from interlocking.railway.local.entities import Deployment, Instance
from interlocking.railway.local.platform import stop
from interlocking.railway.local.state import World
from tests.waiting import wait_until

_ENDS = ("SUCCESS", "FAILED", "CRASHED", "SKIPPED", "REMOVED")


@dataclass
class Place:
    """A world with one service that can be deployed.

    Args:
        world: its state.
        service: the name of the service.
    """

    world: World
    service: str = "web"

    @property
    def instance(self) -> Instance:
        """The service in its first environment."""
        state = self.world.read()
        identity = next(each.id for each in state.services.values() if each.name == self.service)
        return next(each for each in state.instances.values() if each.service == identity)

    @property
    def url(self) -> str:
        """The public address."""
        return f"http://{self.instance.address}"

    def begin(self, tree: Path) -> str:
        """Deploy a tree and do not wait; return the deployment's id."""
        with self.world.change() as state:
            instance = state.instance(self.instance.environment, self.instance.service)
            deployment = deployments.add(state, instance, snapshot=tree, meta={})
        deployments.start(self.world, deployment)
        return deployment.id

    def deploy(self, tree: Path) -> str:
        """Deploy a tree and wait for a verdict; return the deployment's id."""
        identity = self.begin(tree)
        self.wait_for(identity, *_ENDS)
        return identity

    def ask(self, identity: str, action: str) -> None:
        """Ask for a restart or a removal, as the CLI does."""
        deployments.start(self.world, self.row(identity), action)

    def row(self, identity: str) -> Deployment:
        """Return a deployment as it is now."""
        return self.world.read().deployments[identity]

    def status(self, identity: str) -> str:
        """Return a deployment's status."""
        return self.row(identity).status

    def wait_for(self, identity: str, *statuses: str) -> str:
        """Wait until a deployment has one of the statuses, and return it."""
        wait_until(lambda: self.status(identity) in statuses, lambda: self.story(identity))
        return self.status(identity)

    def ended(self, identity: str) -> None:
        """Wait until a deployment has no engine any more."""
        wait_until(lambda: self.row(identity).engine is None, lambda: self.story(identity))

    def lines(self, identity: str, kind: str) -> list[str]:
        """Return the lines of a log."""
        return [line["message"] for line in self.world.log(identity, kind)]

    def story(self, identity: str) -> str:
        """Return all that is known of a deployment, for a failing test."""
        said = [f"{kind}: {line}" for kind in ("build", "deploy") for line in self.lines(identity, kind)]
        engine = (self.world.folder_of(identity) / "engine.log").read_text()
        return "\n".join([self.status(identity), *said, engine])


@contextmanager
def place(folder: Path, *services: ServiceSpec, reads_config_file: bool = True) -> Iterator[Place]:
    """A world; nothing of it runs after the block."""
    world = create_world(
        folder, services=services or (ServiceSpec("web"),), reads_config_file=reads_config_file, date=DEFAULT_DATE
    )
    try:
        yield Place(world)
    finally:
        stop(world)


def write_app(folder: Path, code: str = "", *, railway: str = "") -> Path:
    """Write a WSGI application that answers with its text, and its railway.toml.

    Args:
        folder: made if it is missing.
        code: lines of `answer(environ)`, which returns text; it answers `hello` when empty.
        railway: lines of the `[deploy]` section.
    """
    folder.mkdir(parents=True, exist_ok=True)
    body = "".join(f"    {line}\n" for line in (code or "return 'hello'").splitlines())
    (folder / "app.py").write_text(
        "import os, time\n\n"
        f"def answer(environ):\n{body}\n"
        "def app(environ, start):\n"
        "    text = answer(environ)\n"
        "    start('200 OK', [('Content-Type', 'text/plain')])\n"
        "    return [text.encode()]\n"
    )
    start = "" if "startCommand" in railway else 'startCommand = "gunicorn -b 0.0.0.0:$PORT app:app"\n'
    check = "" if "healthcheckPath" in railway else 'healthcheckPath = "/"\n'
    (folder / "railway.toml").write_text(f"[deploy]\n{start}{check}{railway}")
    return folder


def get(url: str, *, timeout: float = 10) -> tuple[int, str]:
    """Return the status and the text of an answer; (0, reason) when there is none."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def is_running(pid: int | None) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
