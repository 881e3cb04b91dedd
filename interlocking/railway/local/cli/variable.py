"""`variable list`, `set` and `delete`, and the old flags of the bare command."""

from __future__ import annotations

from interlocking.railway.local import variables
from interlocking.railway.local.cli import changes, errors, services
from interlocking.railway.local.cli.arguments import JSON, TARGET, Command, flag
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.errors import CliError
from interlocking.railway.local.cli.target import Target
from interlocking.railway.local.entities import Service

_KV, _SKIP = flag("-k", "--kv"), flag("--skip-deploys")
_MANY = 1000


def commands(_family: str) -> dict[tuple[str, ...], Command]:
    """Return the commands."""
    old = (flag("--set", takes=1), flag("--set-from-stdin", takes=1), _SKIP)
    listing = Command(_list, (*TARGET, JSON, _KV))
    deleting = Command(_delete, (*TARGET, JSON), words=1)
    return {
        (): Command(_bare, (*TARGET, JSON, _KV, *old)),
        ("list",): listing,
        ("ls",): listing,
        ("set",): Command(_set, (*TARGET, JSON, flag("--stdin"), _SKIP), words=_MANY),
        ("delete",): deleting,
        ("rm",): deleting,
        ("remove",): deleting,
    }


def _bare(call: Call) -> int:
    pairs = call.arguments.all("set")
    if key := call.arguments.text("set-from-stdin"):
        pairs = [*pairs, f"{key}={_from_stdin(call)}"]
    return _apply(call, pairs) if pairs else _list(call)


def _chosen(call: Call) -> tuple[Target, Service]:
    target = call.target()
    return target, services.variables_service(call, target)


def _list(call: Call) -> int:
    target, service = _chosen(call)
    values = variables.shown(target.state, target.instance(service))
    if call.arguments.on("kv"):
        for name, value in values.items():
            call.out.line(f"{name}={value}")
    elif call.json:
        call.out.pretty(values)
    elif values:
        call.out.line(f"Variables for {service.name}")
        for name, value in values.items():
            call.out.line(f"{name} | {value}")
    else:
        call.out.note("No variables found")
    return 0


def _set(call: Call) -> int:
    words = call.arguments.words
    if not call.arguments.on("stdin"):
        return _apply(call, words)
    if any("=" in word for word in words):
        raise CliError("Cannot use --stdin with KEY=VALUE format. Use: railway variable set KEY --stdin")
    if len(words) != 1:
        raise CliError("--stdin requires exactly one KEY argument")
    return _apply(call, [f"{words[0]}={_from_stdin(call)}"])


def _from_stdin(call: Call) -> str:
    value = call.stdin.read().removesuffix("\n")
    if not value:
        raise CliError("Empty value provided via stdin")
    return value


def _apply(call: Call, pairs: list[str]) -> int:
    for pair in pairs:
        name, equals, _value = pair.partition("=")
        if not equals or not name:
            raise CliError(f"Invalid variable format: {pair}")
    if not pairs:
        raise errors.ArgumentError("error: the following required arguments were not provided:\n  <VARIABLES>...")
    target, service = _chosen(call)
    patch = {name: {"value": value} for name, _, value in (pair.partition("=") for pair in pairs)}
    changes.commit(
        call.world,
        target.place.id,
        {"services": {service.id: {"variables": patch}}},
        deploy=not call.arguments.on("skip-deploys"),
    )
    if call.json:
        call.out.compact({"keys": list(patch), "set": True})
    else:
        call.out.line(f"Set variables {', '.join(patch)}")
    return 0


def _delete(call: Call) -> int:
    if not call.arguments.words:
        raise errors.ArgumentError("error: the following required arguments were not provided:\n  <KEY>")
    target, service = _chosen(call)
    key = call.arguments.words[0]
    if key not in target.instance(service).configuration.get("variables", {}):
        raise CliError(f"Variable '{key}' not found")
    changes.commit(call.world, target.place.id, {"services": {service.id: {"variables": {key: None}}}}, deploy=True)
    if call.json:
        call.out.compact({"key": key, "deleted": True})
    else:
        call.out.line(f"Deleted variable {key}")
    return 0
