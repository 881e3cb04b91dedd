"""`link`: what the current directory is about."""

from __future__ import annotations

from collections.abc import Sequence

from interlocking.railway.local.cli import errors
from interlocking.railway.local.cli.arguments import JSON, SERVICE, Command, flag
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.entities import Environment, Json, Link, Service

_FLAGS = (
    flag("-p", "--project", "--project_id", takes=1),
    flag("-e", "--environment", takes=1),
    SERVICE,
    flag("-w", "--workspace", takes=1),
    flag("-t", "--team", takes=1),
    JSON,
)


def commands(_family: str) -> dict[tuple[str, ...], Command]:
    """Return the command."""
    return {(): Command(_link, _FLAGS)}


def _link(call: Call) -> int:
    if call.credential.kind == "project":
        raise call.credential.rejected()
    if call.arguments.on("team"):
        call.out.note("warning: --team is deprecated; use --workspace")
    state, arguments = call.state, call.arguments
    workspace = arguments.text("workspace") or arguments.text("team")
    _only("workspace", workspace, [state.project.workspace], [state.project.workspace_id])
    named = arguments.text("project_id")
    _only("project", named, [state.project.name], [state.project.id], f' in workspace "{state.project.workspace}"')
    places = list(state.environments.values())
    place = places[_only("environment", arguments.text("environment"), *_names(places))]
    service = _service(call)
    with call.world.change() as changed:
        changed.links[str(call.cwd)] = Link(place.id, service.id if service else None)
    if call.json:
        call.out.pretty(_document(call, place, service))
    else:
        call.out.line(f"\nProject {state.project.name} linked successfully! 🎉")
    return 0


def _names(rows: Sequence[Environment | Service]) -> tuple[list[str], list[str]]:
    return [each.name for each in rows], [each.id for each in rows]


def _only(what: str, named: str | None, names: Sequence[str], ids: Sequence[str], where: str = "") -> int:
    """Return the index of the one that is meant: the named one, or the only one."""
    available = f"Available: {', '.join(names)}"
    if named is None:
        if len(names) == 1:
            return 0
        raise errors.CliError(f"--{what} required in non-interactive mode.\n{available}")
    low = named.lower()
    for index, (name, each) in enumerate(zip(names, ids, strict=True)):
        if low in (name.lower(), each):
            return index
    raise errors.CliError(f'{what.capitalize()} "{named}" not found{where}.\n{available}')


def _service(call: Call) -> Service | None:
    services, named = list(call.state.services.values()), call.arguments.text("service")
    if named is not None:
        return services[_only("service", named, *_names(services))]
    if len(services) == 1:
        call.out.note(f'No service specified — auto-selecting "{services[0].name}"')
        return services[0]
    if services:
        names = ", ".join(each.name for each in services)
        call.out.note(f"Multiple services available — use --service <name> to link one.\nAvailable: {names}")
    return None


def _document(call: Call, environment: Environment, service: Service | None) -> Json:
    project = call.state.project
    document = {
        "projectId": project.id,
        "projectName": project.name,
        "environmentId": environment.id,
        "environmentName": environment.name,
    }
    return document | ({"serviceId": service.id, "serviceName": service.name} if service else {})
