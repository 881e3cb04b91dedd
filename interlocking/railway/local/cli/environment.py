"""`environment list`, `link`, `config` and `edit`, the last with its stdin trap."""

from __future__ import annotations

import json

from interlocking.railway.local.cli import changes, paths
from interlocking.railway.local.cli.arguments import ENVIRONMENT, JSON, PROJECT, Command, flag
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.errors import CliError
from interlocking.railway.local.cli.target import Target, find_environment, linked
from interlocking.railway.local.entities import Environment, Instance, Json, Link
from interlocking.railway.local.state import State

_EDIT_FLAGS = (
    PROJECT,
    ENVIRONMENT,
    JSON,
    flag("-s", "--service-config", takes=3),
    flag("-m", "--message", takes=1),
    flag("--stage"),
)


def commands(_family: str) -> dict[tuple[str, ...], Command]:
    """Return the commands."""
    listing = Command(_list, (JSON, flag("--ephemeral"), flag("--no-ephemeral")))
    showing, editing = Command(_config, (ENVIRONMENT, JSON)), Command(_edit, _EDIT_FLAGS)
    return {
        (): Command(_link, (JSON,), words=1),
        ("link",): Command(_link, (JSON,), words=1),
        ("list",): listing,
        ("ls",): listing,
        ("config",): showing,
        ("show",): showing,
        ("info",): showing,
        ("edit",): editing,
        ("update",): editing,
    }


def _list(call: Call) -> int:
    if call.credential.kind == "project":
        raise call.credential.rejected()
    target = call.target()
    shown = [each for each in target.state.environments.values() if not each.deleted]
    if call.arguments.on("ephemeral") or call.arguments.on("no-ephemeral"):
        shown = [each for each in shown if each.ephemeral == call.arguments.on("ephemeral")]
    rows = [_row(each, linked=each is target.environment) for each in shown]
    if call.json:
        call.out.pretty({"environments": rows})
        return 0
    for row in rows:
        call.out.line(f"{row['name']}{' (linked)' if row['isLinked'] else ''}")
    return 0


def _row(environment: Environment, *, linked: bool) -> Json:
    return {
        "id": environment.id,
        "name": environment.name,
        "isEphemeral": environment.ephemeral,
        "isLinked": linked,
        "restricted": environment.restricted,
        "createdAt": environment.created,
        "updatedAt": environment.created,
        "unmergedChangesCount": len(environment.staged),
    }


def _link(call: Call) -> int:
    if call.credential.kind == "project":
        raise call.credential.rejected()
    target = call.target()
    name = call.arguments.word
    if name is None:
        raise CliError("Environment must be specified when not running in a terminal")
    found = find_environment(target.state, name)
    if found is None:
        raise CliError("Environment not found")
    root, _link = linked(target.state, call.cwd) or (call.cwd, None)
    with call.world.change() as state:
        state.links[str(root)] = Link(found.id)
    if call.json:
        call.out.compact({"environment": {"id": found.id, "name": found.name}})
    else:
        call.out.line(f"Activated environment {found.name}")
    return 0


def _config(call: Call) -> int:
    target = call.target()
    document = configuration(target.state, target.place)
    if call.json:
        call.out.pretty(document)
        return 0
    call.out.line(f"Environment: {target.place.name}")
    call.out.line(json.dumps(document, indent=2))
    return 0


def configuration(state: State, environment: Environment) -> Json:
    """Return an EnvironmentConfig; null and empty parts are left out."""
    here = [each for each in state.instances.values() if each.environment == environment.id]
    volumes = {each.volume["id"]: {"sizeMB": each.volume["sizeMB"]} for each in here if each.volume}
    document = {
        "services": {each.service: _service(each) for each in here},
        "sharedVariables": environment.shared_variables,
        "volumes": volumes,
    }
    return {key: value for key, value in document.items() if value}


def _service(instance: Instance) -> Json:
    variables = instance.configuration.get("variables") or {}
    shown = {
        name: {**row, "value": None if row.get("isSealed") else row.get("value")} for name, row in variables.items()
    }
    return _compact({**instance.configuration, "variables": shown})


def _compact(value: Json) -> Json:
    """Return an object without nulls, nor objects and arrays that are empty."""
    slim = {key: _compact(each) if isinstance(each, dict) else each for key, each in value.items()}
    return {key: each for key, each in slim.items() if each not in (None, {}, [])}


def _edit(call: Call) -> int:
    target = call.target()
    patch = paths.patch_from_flags(call, target) if call.stdin.isatty() else _patch_from_stdin(call)
    if not patch:
        return _nothing(call)
    paths.check_services(target, patch)
    if call.arguments.on("stage"):
        return _stage(call, target, patch)
    trap = call.trap("commit")
    if trap == "refused":
        raise CliError("Problem processing request", code="GRAPHQL_ERROR")
    if trap != "lost":
        changes.commit(call.world, target.place.id, patch, deploy=True)
    return _report(call, target, committed=trap != "lost", message=call.arguments.text("message"))


def _patch_from_stdin(call: Call) -> Json:
    """Read the patch whenever stdin is no terminal, whatever `--service-config` says."""
    text = call.stdin.read()
    if not text.strip():
        return {}
    wrong = CliError("Failed to parse stdin as JSON. Expected EnvironmentConfig format.")
    try:
        patch = json.loads(text)
    except json.JSONDecodeError as error:
        raise wrong from error
    services = patch.get("services", {}) if isinstance(patch, dict) else None
    if not isinstance(services, dict) or not all(isinstance(each, dict) for each in services.values()):
        raise wrong
    return dict(patch)


def _nothing(call: Call) -> int:
    if call.json:
        call.out.compact({"committed": False, "message": "No changes to apply", "staged": False})
    else:
        call.out.note("No changes to apply")
    return 0


def _stage(call: Call, target: Target, patch: Json) -> int:
    with call.world.change() as state:
        state.environments[target.place.id].staged.append(patch)
    document = {"staged": True, "committed": False, **_named(target.place)}
    if call.json:
        call.out.compact(document)
    else:
        call.out.line(f"Changes staged for {target.place.name}")
    return 0


def _report(call: Call, target: Target, *, committed: bool, message: str | None) -> int:
    if call.json:
        call.out.compact({"staged": True, "committed": committed, **_named(target.place), "message": message})
    elif committed:
        call.out.line(f"Configuration committed for {target.place.name}")
    return 0


def _named(environment: Environment) -> Json:
    return {"environmentId": environment.id, "environmentName": environment.name}
