"""Starting the proxy of a world, and waiting for it."""

from __future__ import annotations

import sys
import time

from interlocking.process import leave_running, spawn
from interlocking.railway.local.entities import Instance
from interlocking.railway.local.job import FailedError
from interlocking.railway.local.processes import Registry
from interlocking.railway.local.routes import Route, Routes
from interlocking.railway.local.state import World

NAME = "proxy"
_READY_SECONDS = 30.0
_POLL_SECONDS = 0.02


def ensure_running(world: World, registry: Registry) -> None:
    """Give every application its public address and start the proxy, unless it runs; it need not be ready yet."""
    routes = Routes(world.folder / "routes")
    for instance in world.read().instances.values():
        if instance.database_url is None and routes.get(instance.id) is None:
            routes.put(Route(instance.id, _port(instance)))
    if registry.is_living(NAME):
        return
    argv = [sys.executable, "-P", "-m", "interlocking.railway.local.platform", "proxy", str(world.folder.resolve())]
    with (
        (world.folder / "proxy.log").open("a", encoding="utf-8") as log,
        spawn(argv, cwd=world.folder, stdout=log, stderr=log) as child,
    ):
        leave_running(child)


def wait_until_ready(routes: Routes, instance: Instance) -> None:
    """Wait until the proxy listens at an application's public address.

    Raises:
        FailedError: it does not.
    """
    deadline = time.monotonic() + _READY_SECONDS
    while (problem := routes.reported(instance.id)) is None:
        if time.monotonic() > deadline:
            raise FailedError("The proxy of this world does not start: see its proxy.log")
        time.sleep(_POLL_SECONDS)
    if problem:
        raise FailedError(f"The public address {instance.address} cannot be opened: {problem}")


def _port(instance: Instance) -> int:
    return int((instance.address or "").rpartition(":")[2])
