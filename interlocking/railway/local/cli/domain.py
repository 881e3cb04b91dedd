"""`domain`, which creates one when it is only asked, and `domain list`, which does not."""

from __future__ import annotations

from interlocking.railway.local.cli import services, views
from interlocking.railway.local.cli.arguments import ENVIRONMENT, JSON, SERVICE, Command, flag
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.entities import Instance, Json

_FLAGS = (SERVICE, ENVIRONMENT, flag("--project", takes=1), flag("-p", "--port", takes=1), JSON)


def commands(_family: str) -> dict[tuple[str, ...], Command]:
    """Return the commands."""
    listing = Command(_list, _FLAGS)
    return {(): Command(_bare, _FLAGS), ("list",): listing, ("ls",): listing}


def _instance(call: Call) -> Instance:
    target = call.target()
    return target.instance(services.required(call, target))


def _bare(call: Call) -> int:
    instance = _instance(call)
    existing = [f"https://{each}" for each in views.domains(instance)]
    if existing:
        if call.json:
            call.out.pretty({"domains": existing})
        else:
            call.out.line("\n".join(existing))
        return 0
    port = int(call.arguments.text("port") or 8080)
    with call.world.change() as state:
        made = state.instance(instance.environment, instance.service)
        made.configuration["networking"] = {"serviceDomains": {str(made.address): {"port": port}}}
    if call.json:
        call.out.pretty({"domain": f"https://{instance.address}"})
    else:
        call.out.line(f"Service Domain created:\n🚀 https://{instance.address}")
    return 0


def _list(call: Call) -> int:
    instance = _instance(call)
    networking = instance.configuration.get("networking") or {}
    listed = [
        _row(instance, name, row, kind)
        for kind in ("service", "custom")
        for name, row in (networking.get(f"{kind}Domains") or {}).items()
    ]
    if call.json:
        call.out.pretty({"domains": listed})
    else:
        for row in listed:
            call.out.line(row["domain"])
    return 0


def _row(instance: Instance, name: str, row: Json, kind: str) -> Json:
    return {
        "id": views.domain_id(instance, name),
        "domain": name,
        "type": kind,
        "targetPort": row.get("port"),
        "syncStatus": "ACTIVE",
    }
