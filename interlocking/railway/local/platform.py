"""The platform's own processes: one engine a deployment, one proxy a world.

    python -m interlocking.railway.local.platform deploy|restart|remove FOLDER DEPLOYMENT
    python -m interlocking.railway.local.platform proxy FOLDER

`deployments.start` starts the first three; the engine starts the proxy. `stop` ends them all.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import time
from pathlib import Path
from typing import Literal

from interlocking.railway.local import edge
from interlocking.railway.local.engine import Engine
from interlocking.railway.local.entities import IN_PROGRESS, SETTLED
from interlocking.railway.local.processes import Registry
from interlocking.railway.local.record import Record
from interlocking.railway.local.requests import Request, Requests
from interlocking.railway.local.routes import Routes
from interlocking.railway.local.state import World
from interlocking.railway.local.supervision import engine_name

Action = Literal["deploy", "restart"]
_LOOK_SECONDS = 0.03


def main() -> None:
    """Do what the command line says, until it is done or the process is killed."""
    parser = argparse.ArgumentParser(prog="interlocking.railway.local.platform")
    parser.add_argument("action", choices=("deploy", "restart", "remove", "proxy"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("deployment", nargs="?", default="")
    given = parser.parse_args()
    world = World(given.folder)
    if given.action == "proxy":
        _serve(world)
    elif given.action == "deploy":
        _supervise(world, given.deployment, given.action)
    else:
        _ask(world, given.deployment, given.action)


def registry_of(world: World) -> Registry:
    """Return the processes of a world."""
    return Registry(world.folder / "processes")


def stop(world: World) -> int:
    """End every process of a world, whatever became of the one that started it; return how many groups ran.

    Deployments that were under way or served are REMOVED afterwards. `deployments.start` lets the world work again.

    Raises:
        UnavailableError: code `processes-left`: some do not die.
    """
    if not world.folder.is_dir():
        return 0  # its processes have noticed
    count = registry_of(world).kill_all()
    with world.change() as state:
        for each in state.deployments.values():
            each.engine = None
            if each.status in IN_PROGRESS | SETTLED | {"REMOVING"}:
                each.status = "REMOVED"
    routes = Routes(world.folder / "routes")
    routes.forget_reports()
    for route in routes.all():
        routes.switch(route.service, "", ())
    return count


def _supervise(world: World, deployment: str, action: Action) -> None:
    registry = registry_of(world)
    name = engine_name(deployment)
    if not registry.enter(name):
        return
    engine = Engine(world, registry, deployment)
    if action == "deploy":
        engine.deploy()
    else:
        engine.restart()
    registry.leave(name)


def _ask(world: World, deployment: str, action: Request) -> None:
    """Let the engine do it; where none lives, or it ends without having read the request, do it in its place."""
    registry, requests = registry_of(world), Requests(world.folder_of(deployment))
    name = f"request-{deployment}"
    if not registry.enter(name):
        return
    requests.put(action)
    while registry.is_living(engine_name(deployment)) and requests.waiting:
        time.sleep(_LOOK_SECONDS)
    if requests.take() is not None:
        registry.kill(deployment)
        if action == "restart":
            _supervise(world, deployment, action)
        else:
            Routes(world.folder / "routes").withdraw(deployment)
            Record(world, deployment).update("REMOVED", engine=None)
    registry.leave(name)


def _serve(world: World) -> None:
    """Be the proxy, unless another process is."""
    from interlocking.railway.local.proxy import Edge  # noqa: PLC0415 - loads the HTTP library

    registry = registry_of(world)
    with (world.folder / "proxy.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if registry.enter(edge.NAME):
            asyncio.run(Edge(Routes(world.folder / "routes"), world.folder / "http").run())


if __name__ == "__main__":
    main()
