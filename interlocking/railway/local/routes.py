"""Which deployment of a service gets the traffic: one small file a service, replaced in one step.

The supervisors write it, the proxy reads it at every request: the switch is the `rename`, and no request
can see half of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Route:
    """Where a service is reached, and who answers there.

    Args:
        service: its id.
        public_port: on 127.0.0.1; it never changes while the world lives.
        deployment: the deployment that serves; empty before the first one.
        upstreams: ports of its replicas.
    """

    service: str
    public_port: int
    deployment: str = ""
    upstreams: tuple[int, ...] = ()

    @property
    def url(self) -> str:
        """The service's public address."""
        return f"http://127.0.0.1:{self.public_port}"


class Routes:
    """The routes of one world.

    Args:
        folder: one file a service; made when it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def exist(self) -> bool:
        """Whether the world still has its folder."""
        return self._folder.is_dir()

    def path(self, service: str) -> Path:
        """Return the file of a service's route."""
        return self._folder / f"{service}.json"

    def get(self, service: str) -> Route | None:
        """Return the route of a service, or None when it has no public address."""
        try:
            return _read(self.path(service))
        except FileNotFoundError:
            return None

    def all(self) -> Iterator[Route]:
        """Yield every route."""
        for path in sorted(self._folder.glob("*.json")):
            yield _read(path)

    def report(self, service: str, problem: str) -> None:
        """Say how opening a service's address went: an empty problem means that the proxy listens there."""
        _replace(self._folder / f"{service}.report", problem)

    def reported(self, service: str) -> str | None:
        """Return the proxy's report about a service, or None while there is none."""
        try:
            return self._folder.joinpath(f"{service}.report").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def forget_reports(self) -> None:
        """Forget what an earlier proxy said."""
        for path in self._folder.glob("*.report"):
            path.unlink(missing_ok=True)

    def put(self, route: Route) -> None:
        """Write a route."""
        _replace(self.path(route.service), json.dumps(asdict(route)))

    def switch(self, service: str, deployment: str, upstreams: tuple[int, ...]) -> None:
        """Give the traffic of a service to a deployment."""
        route = self.get(service)
        if route is not None:
            self.put(replace(route, deployment=deployment, upstreams=upstreams))

    def update(self, service: str, deployment: str, upstreams: tuple[int, ...]) -> None:
        """Say where the replicas of a deployment are; another one may have the traffic meanwhile."""
        route = self.get(service)
        if route is not None and route.deployment == deployment:
            self.put(replace(route, upstreams=upstreams))

    def withdraw(self, deployment: str) -> None:
        """Take the traffic away from a deployment, if it has it: nobody answers then."""
        for route in self.all():
            if route.deployment == deployment:
                self.put(replace(route, deployment="", upstreams=()))


def _replace(path: Path, text: str) -> None:
    """Write a file; readers see the old one or the new one."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def _read(path: Path) -> Route:
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Route(**{**raw, "upstreams": tuple(raw["upstreams"])})
