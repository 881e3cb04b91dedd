"""Making deployments; their engine runs as a process of its own."""

from __future__ import annotations

import copy
import sys
from pathlib import Path

from interlocking import process
from interlocking.railway.local.entities import IN_PROGRESS, Deployment, Instance, Json
from interlocking.railway.local.history import remove_at_once
from interlocking.railway.local.processes import Registry
from interlocking.railway.local.state import State, World, new_id

ENGINE = "interlocking.railway.local.platform"


def add(
    state: State,
    instance: Instance,
    *,
    snapshot: Path | None,
    meta: Json,
    like: Deployment | None = None,
) -> Deployment:
    """Add a deployment to the state; inside `World.change`. Start its engine afterwards, with `start`.

    A deployment of the same service that is still in progress is superseded: it ends REMOVED, and its
    engine gives up when it sees that.

    Args:
        state: being changed.
        instance: the service in its environment.
        snapshot: the uploaded tree.
        meta: as `deployment list` shows it.
        like: an earlier deployment whose settings are repeated (`redeploy`); the live ones when None.
    """
    for each in state.deployments_of(instance.environment, instance.service):
        if each.status in IN_PROGRESS:
            remove_at_once(each)
    script = state.trap("script")
    deployment = Deployment(
        id=new_id(),
        service=instance.service,
        environment=instance.environment,
        status=script[0]["status"] if script else "INITIALIZING",
        created=state.stamp(),
        meta=None if state.trap("null-meta") else meta,
        configuration=copy.deepcopy(like.configuration if like else instance.configuration),
        shared_variables=copy.deepcopy(
            like.shared_variables if like else state.environments[instance.environment].shared_variables
        ),
        snapshot=str(snapshot) if snapshot else None,
        script=script or [],
    )
    state.deployments[deployment.id] = deployment
    return deployment


def start(world: World, deployment: Deployment, action: str = "deploy") -> None:
    """Start the engine for a deployment, detached; one that follows a script needs none.

    Args:
        world: where it lives.
        deployment: already in the state; its folder is made here if it is missing.
        action: `deploy`, `restart` (the processes of the same image) or `remove`.
    """
    folder = world.folder_of(deployment.id)
    folder.mkdir(parents=True, exist_ok=True)
    if deployment.script:
        return
    Registry(world.folder / "processes").open()
    argv = [sys.executable, "-m", ENGINE, action, str(world.folder.resolve()), deployment.id]
    with (
        (folder / "engine.log").open("a", encoding="utf-8") as log,
        process.spawn(argv, cwd=world.folder, stdout=log, stderr=log) as child,
    ):
        process.leave_running(child)
