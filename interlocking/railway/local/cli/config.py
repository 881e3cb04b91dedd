"""`config plan` and `apply`, and what stands around them: `migrate`, `init`, `pull`, `stage`."""

from __future__ import annotations

from typing import Literal

from interlocking.railway.local.cli import iac_apply, migrate
from interlocking.railway.local.cli.arguments import JSON, YES, Command, flag
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.errors import CliError
from interlocking.railway.local.cli.iac_diff import Desired, Difference, compare, live_graph
from interlocking.railway.local.cli.iac_file import evaluate, find_file
from interlocking.railway.local.cli.target import Target, has_credentials
from interlocking.railway.local.entities import Json

_SHARED = (
    flag("--file", takes=1),
    JSON,
    YES,
    *(flag(f"--{name}") for name in ("confirm-destructive", "decrypt-variables", "show-values", "include-types")),
    flag("--runner", takes=1),
    flag("--verbose", "--full"),
    flag("--detailed-exit-code"),
)
_MARKS = {"resource.create": "+", "variable.set": "~", "resource.update": "~"}
_CHANGES_PENDING = 2
_STARTER = (
    'import { defineRailway, project } from "railway/iac";\nexport default defineRailway(() => project("app"));\n'
)


def commands(_family: str) -> dict[tuple[str, ...], Command]:
    """Return the commands."""
    return {
        ("plan",): Command(_plan, _SHARED),
        ("apply",): Command(_apply, _SHARED),
        ("migrate",): migrate.MIGRATE,
        ("init",): Command(_init, _SHARED),
        ("pull",): Command(_pull, (*_SHARED, flag("--force"), flag("--omit-preserved-variables"), flag("--agent"))),
        ("stage",): Command(_stage, _SHARED),
    }


def _plan(call: Call) -> int:
    _refuse(call, "yes", "apply")
    _refuse(call, "confirm-destructive", "apply")
    target, desired = _read(call)
    found = compare(target.state, target.place, desired)
    document = _document(target, desired, found, "plan")
    if call.json:
        call.out.pretty(document)
    elif found.ok:
        _print_plan(call, target, desired, found)
    _require_ok(found)
    return _CHANGES_PENDING if found.changes and call.arguments.on("detailed-exit-code") else 0


def _apply(call: Call) -> int:
    _refuse(call, "detailed-exit-code", "plan")
    target, desired = _read(call, may_init=call.arguments.on("yes"))
    found = compare(target.state, target.place, desired)
    _require_ok(found)
    if not found.changes:
        iac_apply.claim(call, target, desired)
        if not call.json:
            call.out.line("✓ Your Railway configuration is already up to date.")
        return 0
    _require_consent(call, found)
    result = iac_apply.apply(call, target, desired, found)
    if call.json:
        call.out.pretty({**_document(target, desired, found, "apply"), "applyResult": result})
    else:
        _print_plan(call, target, desired, found)
        call.out.line("✓ Applied.")
    return 0


def _refuse(call: Call, name: str, command: Literal["plan", "apply"]) -> None:
    if call.arguments.on(name):
        raise CliError(f"--{name} is only valid with `railway config {command}`.")


def _read(call: Call, *, may_init: bool = False) -> tuple[Target, Desired]:
    if not has_credentials(call.state, call.environ):
        raise CliError("Not authenticated. Run `railway login`, set RAILWAY_API_TOKEN, or set RAILWAY_TOKEN.")
    file = find_file(call.cwd, call.arguments.text("file"))
    if file is None:
        if may_init:
            _init(call)
        raise CliError("Railway configuration is not initialized. Run `railway config init` first.")
    target = call.target()
    return target, evaluate(file, call.cwd, call.environ)


def _require_ok(found: Difference) -> None:
    if not found.ok:
        lines = [f"{each['path']}: {each['message']}" for each in found.diagnostics if each["severity"] == "error"]
        raise CliError("\n".join(["Railway configuration could not be processed:", *lines]))


def _require_consent(call: Call, found: Difference) -> None:
    if not call.out.terminal and not call.arguments.on("yes") and not call.json:
        raise CliError("Run `railway config apply --yes` to apply changes non-interactively.")
    destructive = [each.summary for each in found.changes if each.destructive]
    if destructive and not call.arguments.on("confirm-destructive"):
        text = "Destructive Railway configuration changes require explicit confirmation."
        raise CliError("\n".join([text, *(f"- {each}" for each in destructive), "Re-run with --confirm-destructive."]))


def _document(target: Target, desired: Desired, found: Difference, command: str) -> Json:
    project, place = target.state.project, target.place
    return {
        "ok": found.ok,
        "command": command,
        "file": str(desired.file),
        "currentEnvironment": {
            "projectId": project.id,
            "projectName": project.name,
            "environmentId": place.id,
            "environmentName": place.name,
        },
        "changeSet": {"changes": [each.document() for each in found.changes]},
        "diff": "\n".join(f"{_MARKS.get(each.kind, '-')} {each.summary}" for each in found.changes),
        "diagnostics": list(found.diagnostics),
        "currentGraph": live_graph(target.state, place),
        "desiredGraph": {"project": {"name": desired.project}, "resources": list(desired.resources.values())},
        "stagedPatch": None,
        "applyResult": None,
        "deploymentId": None,
        "stagedPatchId": None,
    }


def _print_plan(call: Call, target: Target, desired: Desired, found: Difference) -> None:
    marks = [_MARKS.get(each.kind, "-") for each in found.changes]
    call.out.line(f"Railway configuration\nUsing {desired.file}")
    call.out.line(f"Project: {target.state.project.name}\nEnvironment: {target.place.name}\n")
    counts = f"{marks.count('+')} to add, {marks.count('~')} to change, {marks.count('-')} to destroy"
    call.out.line(f"Plan: {counts}")
    for mark, each in zip(marks, found.changes, strict=True):
        call.out.line("\n".join([f"{mark} {each.summary}", *(f"  └ {detail}" for detail in each.details)]))
    call.out.line("\nNext\n  railway config apply")


def _init(call: Call) -> int:
    file = call.cwd / ".railway" / "railway.ts"
    if file.exists():
        raise CliError(f"{file} already exists.")
    file.parent.mkdir(exist_ok=True)
    file.write_text(_STARTER, encoding="utf-8")
    call.out.note(f"Created {file}")
    return 0


def _pull(call: Call) -> int:
    target = call.target()
    graph = live_graph(target.state, target.place)
    if not call.json:
        raise CliError("Failed to run node to evaluate .railway/railway.ts")
    call.out.pretty({"project": graph["project"], "resources": graph["resources"]})
    return 0


def _stage(_call: Call) -> int:
    raise CliError("`railway config stage` is not supported. Use `railway config apply`.")
