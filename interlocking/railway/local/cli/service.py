"""`service status` and `service list`, and the aliases of `redeploy` and `restart`."""

from __future__ import annotations

from interlocking.railway.local.cli import errors, rollout, views
from interlocking.railway.local.cli.arguments import JSON, TARGET, Command, flag
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.target import Target
from interlocking.railway.local.entities import Service


def commands(_family: str) -> dict[tuple[str, ...], Command]:
    """Return the commands."""
    listing = Command(_list, (*TARGET, JSON))
    return {
        ("status",): Command(_status, (*TARGET, JSON, flag("-a", "--all"))),
        ("list",): listing,
        ("ls",): listing,
        ("redeploy",): rollout.REDEPLOY,
        ("restart",): rollout.RESTART,
    }


def _status(call: Call) -> int:
    target = call.target()
    place = target.place
    if call.arguments.on("all"):
        call.out.note("warning: --all is deprecated; use `railway service list`")
        chosen = target.services()
    else:
        chosen = [_service(call, target)]
    state = call.look()
    rows = [views.service_status(state, each, place) for each in chosen]
    if call.json:
        call.out.pretty(rows if call.arguments.on("all") else rows[0])
        return 0
    for row in rows:
        call.out.line(f"Service: {row['name']}")
        call.out.line(f"Deployment: {row['deploymentId'] or 'No deployment'}")
        call.out.line(f"Status: {row['status'] or 'No deployment'}{' (stopped)' if row['stopped'] else ''}")
    return 0


def _service(call: Call, target: Target) -> Service:
    named = call.arguments.text("service")
    if named is not None:
        if found := target.exact(named):
            return found
        raise errors.CliError(f'Service "{named}" not found.')
    if target.service is None:
        raise errors.CliError("No service linked. Use --service flag or --all to see all services")
    if linked := target.exact(target.service):
        return linked
    raise errors.CliError("Linked service not found in this environment")


def _list(call: Call) -> int:
    target = call.target()
    place = target.place
    state = call.look()
    here = [each for each in state.instances.values() if each.environment == place.id]
    rows = [views.service_row(state, each, linked=each.service == target.service) for each in here]
    if call.json:
        call.out.pretty(rows)
        return 0
    for row in rows:
        call.out.line(f"{row['name']}  {row['status'] or 'No deployment'}  {row['url'] or ''}".rstrip())
    return 0
