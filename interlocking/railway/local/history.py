"""What became of a service's deployments, and the scripts that let some run through statuses. Pure."""

from __future__ import annotations

from interlocking.railway.local.entities import SERVING, SETTLED, Deployment
from interlocking.railway.local.state import State


def latest(state: State, environment: str, service: str) -> Deployment | None:
    """Return the newest deployment, whatever became of it."""
    return next(iter(state.deployments_of(environment, service)), None)


def serving(state: State, environment: str, service: str) -> Deployment | None:
    """Return the newest deployment that serves: SUCCESS or SLEEPING."""
    return next((each for each in state.deployments_of(environment, service) if each.status in SERVING), None)


def settled(state: State, environment: str, service: str) -> Deployment | None:
    """Return what `service list` calls the deployment: the newest one that came up, even if it crashed later."""
    return next((each for each in state.deployments_of(environment, service) if each.status in SETTLED), None)


def advance(state: State, now: float) -> None:
    """Move every scripted deployment on: called once a command that reads statuses; inside `World.change`.

    A step `{"status", "asks": N}` is shown to N commands, `{"status", "seconds": S}` for S seconds; the last
    step stays.

    Args:
        state: being changed.
        now: seconds since the epoch, of any steady kind.
    """
    for each in state.deployments.values():
        if each.script:
            _advance(each, now)


def _advance(deployment: Deployment, now: float) -> None:
    step = deployment.script[0]
    step.setdefault("since", now)
    deployment.status, deployment.stopped = step["status"], step.get("stopped", deployment.stopped)
    over = now - step["since"] >= step["seconds"] if "seconds" in step else deployment.asked >= step.get("asks", 1)
    if over and len(deployment.script) > 1:
        deployment.script.pop(0)
        deployment.asked = 0
        _advance(deployment, now)
        return
    deployment.asked += 1


def remove_at_once(deployment: Deployment) -> None:
    """Let a deployment end REMOVED; one that follows a script leaves it."""
    deployment.status = "REMOVED"
    if deployment.script:
        deployment.script = [{"status": "REMOVED"}]
