"""`config apply`: the server's part. What fails there is in the result, not in the exit code."""

from __future__ import annotations

from interlocking.railway.local import deployments, history
from interlocking.railway.local.cli import changes
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.errors import CliError
from interlocking.railway.local.cli.iac_diff import Change, Desired, Difference, live_instances
from interlocking.railway.local.cli.target import Target
from interlocking.railway.local.creation import ServiceSpec, add_service
from interlocking.railway.local.entities import Deployment, Json
from interlocking.railway.local.state import State, new_id


def apply(call: Call, target: Target, desired: Desired, found: Difference) -> Json:
    """Commit every change and return `applyResult`; deployments begin and are not waited for.

    Raises:
        CliError: the environment changed meanwhile, or (trap) the server takes too long.
    """
    trap = call.trap("apply")
    if trap == "timeout":
        raise CliError(f"Timed out waiting for Railway ChangeSet apply {new_id()}")
    with call.world.change() as state:
        stale = state.environments[target.place.id].version != target.place.version
        if stale or trap == "conflict":
            raise CliError("The environment has changed since this plan was made.", code="GRAPHQL_ERROR")
        failed = found.changes[0] if trap == "failed-change" else None
        gone = _serving_deleted(state, target.place.id, found)
        made = _commit(state, target.place.id, [each for each in found.changes if each is not failed])
        _claim(state, target.place.id, desired)
    for each in gone:
        deployments.start(call.world, each, "remove")
    for each in made:
        deployments.start(call.world, each)
    return _result(found, failed, made)


def _serving_deleted(state: State, environment: str, found: Difference) -> list[Deployment]:
    live = live_instances(state, state.environments[environment])
    services = [live[each.address].service for each in found.changes if each.kind == "resource.delete"]
    return [each for service in services if (each := history.serving(state, environment, service))]


def claim(call: Call, target: Target, desired: Desired) -> None:
    """Let a partial own what it declares, even when nothing changes."""
    if desired.partial is not None:
        with call.world.change() as state:
            _claim(state, target.place.id, desired)


def _claim(state: State, environment: str, desired: Desired) -> None:
    if desired.partial is not None:
        state.environments[environment].partials[desired.partial] = list(desired.resources)


def _commit(state: State, environment: str, wanted: list[Change]) -> list[Deployment]:
    """Create and delete services, then merge the patches of each one and deploy it once."""
    for each in wanted:
        name = each.address.partition(".")[2]
        if each.kind == "resource.create":
            add_service(state, ServiceSpec(name), reads_config_file=False)
        elif each.kind == "resource.delete":
            instance = live_instances(state, state.environments[environment])[each.address]
            del state.instances[f"{environment}/{instance.service}"]
    live = live_instances(state, state.environments[environment])
    services: Json = {}
    for each in wanted:
        if each.patch:
            service = live[each.address].service
            services[service] = _joined(services.get(service, {}), each.patch)
    return changes.merge_into(state, environment, {"services": services}, deploy=True)


def _joined(first: Json, second: Json) -> Json:
    """Return two patches as one; nulls, which remove, are kept."""
    return {group: {**first.get(group, {}), **second.get(group, {})} for group in {*first, *second}}


def _result(found: Difference, failed: Change | None, made: list[Deployment]) -> Json:
    rows: list[Json] = [
        {
            "kind": each.kind,
            "path": each.address,
            "summary": each.summary,
            "status": "failed" if each is failed else "applied",
            "outputs": {},
        }
        for each in found.changes
    ]
    problem = (
        {"severity": "error", "path": failed.address, "message": "The change could not be applied."} if failed else None
    )
    return {
        "id": new_id(),
        "status": "FAILED" if failed else "APPLIED",
        "changes": rows,
        "diagnostics": [problem] if problem else [],
        "deploymentId": made[0].id if made else None,
        "stagedPatchId": None,
    }
