"""`postgres pitr backup create` and `list`: volume snapshots, made in the background."""

from __future__ import annotations

from interlocking.railway.local.cli import services
from interlocking.railway.local.cli.arguments import JSON, TARGET, Command, flag
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.errors import CliError
from interlocking.railway.local.cli.target import Target
from interlocking.railway.local.entities import Backup, Instance, Json, Service
from interlocking.railway.local.state import new_id

_NEVER_VISIBLE = 1 << 30
_LISTS_UNTIL_VISIBLE = 2


def commands(_family: str) -> dict[tuple[str, ...], Command]:
    """Return the commands."""
    creating = Command(_create, (*TARGET, JSON, flag("--name", takes=1)), json_errors=True)
    return {
        ("pitr", "backup", "create"): creating,
        ("pitr", "backup", "list"): Command(_list, (*TARGET, JSON), json_errors=True),
    }


def _database(call: Call) -> tuple[Target, Service, Instance]:
    """Return the service with the volume; a project token may not even look."""
    target = call.target()
    if call.credential.kind == "project":
        raise CliError("Not Authorized", code="GRAPHQL_ERROR")
    service = _service(call, target)
    instance = target.instance(service)
    if instance.volume is None:
        raise CliError(f"{service.name} has no volume attached -- PITR backups require a volume.")
    return target, service, instance


def _service(call: Call, target: Target) -> Service:
    if (wanted := services.wanted(call, target)) is not None:
        if found := target.exact(wanted):
            return found
        raise CliError(f'Service "{wanted}" not found.')
    databases = [each for each in target.services() if each.kind == "postgres"]
    if len(databases) == 1:
        return databases[0]
    raise CliError("No service specified. Use --service to choose the Postgres service.")


def _create(call: Call) -> int:
    target, service, _instance = _database(call)
    trap = call.trap("backup")
    if trap == "refused":
        raise CliError("Manual backups are limited to 50% of the volume size", code="GRAPHQL_ERROR")
    wait = _NEVER_VISIBLE if trap == "never" else trap if isinstance(trap, int) else _LISTS_UNTIL_VISIBLE
    with call.world.change() as state:
        name = call.arguments.text("name")
        state.backups.append(Backup(new_id(), service.id, target.place.id, name, state.stamp(), wait))
    workflow = f"wf-{new_id()}"
    if call.json:
        call.out.pretty({"root": {"id": service.id, "name": service.name}, "workflowId": workflow})
    else:
        call.out.line(f"Started an on-demand backup for {service.name}.\nWorkflow: {workflow}")
        call.out.line("Run `railway postgres pitr backup list` to see it once it is done.")
    return 0


def _list(call: Call) -> int:
    target, service, instance = _database(call)
    rows = []
    with call.world.change() as state:
        for each in state.backups:
            if (each.service, each.environment) != (service.id, target.place.id):
                continue
            if each.lists_until_visible:
                each.lists_until_visible -= 1
            else:
                rows.append(_row(each, instance))
    if call.json:
        call.out.pretty(rows)
    elif rows:
        for row in rows:
            call.out.line(f"{row['id']}  {row['name'] or '-'}  {row['createdAt']}")
    else:
        call.out.line(f"No backups found for {service.name}.")
    return 0


def _row(backup: Backup, instance: Instance) -> Json:
    return {
        "id": backup.id,
        "name": backup.name,
        "createdAt": backup.created,
        "expiresAt": None,
        "externalId": f"snap-{backup.id[:8]}",
        "referencedMB": 210.5,
        "usedMB": 12.0,
        "scheduleId": None,
        "volumeInstanceSizeMB": (instance.volume or {}).get("sizeMB"),
        "creatorId": None,
    }
