"""`redeploy`, `restart` and `down`: the same code again, the same process again, nothing any more."""

from __future__ import annotations

import time
from pathlib import Path

from interlocking.railway.local import deployments, history
from interlocking.railway.local.cli import errors, services
from interlocking.railway.local.cli.arguments import JSON, TARGET, YES, Command, flag
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.target import Target
from interlocking.railway.local.entities import IN_PROGRESS, Deployment, Service

_POLL_SECONDS = 0.1
_GONE = frozenset({"REMOVED", "REMOVING"})


def commands(family: str) -> dict[tuple[str, ...], Command]:
    """Return the command of a family."""
    return {(): {"redeploy": REDEPLOY, "restart": RESTART, "down": DOWN}[family]}


def _redeploy(call: Call) -> int:
    target, service = _chosen(call)
    _confirm(call)
    newest = _newest(target, service)
    if not newest.can_redeploy or newest.status in IN_PROGRESS | _GONE:
        raise errors.CliError(
            f"The latest deployment for service {service.name} cannot be redeployed. This may be because it's "
            "currently building, deploying, or was removed."
        )
    with call.world.change() as state:
        made = deployments.add(
            state,
            state.instance(target.place.id, service.id),
            snapshot=Path(newest.snapshot) if newest.snapshot else None,
            meta={**(newest.meta or {}), "reason": "redeploy"},
            like=newest,
        )
    deployments.start(call.world, made)
    from_source = call.arguments.on("from-source")
    if call.json:
        call.out.compact({"success": True} if from_source else {"id": made.id})
    else:
        call.out.note(f"The latest deployment for service {service.name} has been redeployed")
    return 0


def _restart(call: Call) -> int:
    target, service = _chosen(call)
    _confirm(call)
    newest = _newest(target, service)
    with call.world.change() as state:
        state.deployments[newest.id].status = "DEPLOYING"
    deployments.start(call.world, newest, "restart")
    if call.json:
        call.out.compact({"id": newest.id})
        return 0
    return _wait(call, newest)


def _wait(call: Call, deployment: Deployment) -> int:
    while True:
        status = call.look().deployments[deployment.id].status
        if status == "SUCCESS":
            call.out.note("The latest deployment has been restarted")
            return 0
        if status in ("FAILED", "CRASHED"):
            raise errors.CliError(f"Deployment {status.lower()}")
        time.sleep(_POLL_SECONDS)


def _down(call: Call) -> int:
    target, service = _chosen(call)
    if not call.out.terminal and not call.arguments.on("yes"):
        raise errors.CliError("The input device is not a TTY")
    live = history.serving(target.state, target.place.id, service.id)
    if live is None:
        raise errors.CliError("No deployments found")
    with call.world.change() as state:
        changed = state.deployments[live.id]
        changed.status = "REMOVING"
        if changed.script:
            history.remove_at_once(changed)
    deployments.start(call.world, live, "remove")
    call.out.note(f"The latest deployment for service {service.name} has been removed")
    return 0


def _chosen(call: Call) -> tuple[Target, Service]:
    target = call.target()
    named = call.arguments.text("service")
    if named is not None and target.exact(named) is None and _elsewhere(target, named):
        raise errors.CliError("The service specified doesn't exist in the current environment")
    return target, services.required(call, target)


def _elsewhere(target: Target, named: str) -> bool:
    return any(named in (each.name, each.id) for each in target.state.services.values())


def _confirm(call: Call) -> None:
    if not call.out.terminal and not call.arguments.on("yes"):
        raise errors.non_interactive()


def _newest(target: Target, service: Service) -> Deployment:
    newest = history.latest(target.state, target.place.id, service.id)
    if newest is None:
        raise errors.CliError("No deployment found for service")
    return newest


REDEPLOY = Command(_redeploy, (*TARGET, YES, JSON, flag("--from-source")))
RESTART = Command(_restart, (*TARGET, YES, JSON))
DOWN = Command(_down, (*TARGET, YES))
