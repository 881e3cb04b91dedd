"""A change of an environment's configuration, and the deployments that committing it triggers."""

from __future__ import annotations

from pathlib import Path

from interlocking.railway.local import deployments, history
from interlocking.railway.local.entities import Deployment, Instance, Json
from interlocking.railway.local.state import State, World


def commit(world: World, environment: str, patch: Json, *, deploy: bool) -> list[str]:
    """Merge a patch into an environment's configuration.

    Args:
        world: to change.
        environment: its id.
        patch: an EnvironmentConfig with only what changes; null removes.
        deploy: whether services that were changed and have code are deployed anew.

    Returns:
        The ids of the deployments.
    """
    with world.change() as state:
        made = merge_into(state, environment, patch, deploy=deploy)
    for each in made:
        deployments.start(world, each)
    return [each.id for each in made]


def merge_into(state: State, environment: str, patch: Json, *, deploy: bool) -> list[Deployment]:
    """Do the same inside `World.change`, without starting engines."""
    place = state.environments[environment]
    place.version += 1
    place.shared_variables = merged(place.shared_variables, patch.get("sharedVariables") or {})
    made = []
    for service, wanted in (patch.get("services") or {}).items():
        instance = state.instance(environment, service)
        before = instance.configuration
        instance.configuration = merged(before, wanted)
        if deploy and instance.configuration != before and (code := _code(state, instance)):
            made.append(deployments.add(state, instance, snapshot=Path(code), meta={"reason": "config"}))
    return made


def merged(before: Json, patch: Json) -> Json:
    """Return a configuration with a patch applied: objects merge, null removes, all else replaces."""
    result = dict(before)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            inner = result.get(key)
            result[key] = merged(inner if isinstance(inner, dict) else {}, value)
        else:
            result[key] = value
    return result


def _code(state: State, instance: Instance) -> str | None:
    """Return the snapshot that a new deployment repeats: the serving one's, else the newest."""
    live = history.serving(state, instance.environment, instance.service)
    newest = history.latest(state, instance.environment, instance.service)
    return (live.snapshot if live else None) or (newest.snapshot if newest else None)
