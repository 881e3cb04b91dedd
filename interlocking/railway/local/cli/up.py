"""`up`: send the tree, and perhaps wait for a verdict."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Literal

from interlocking.railway.local import deployments
from interlocking.railway.local.cli import archive, attached, errors, services, unlinked
from interlocking.railway.local.cli.arguments import JSON, TARGET, YES, Command, flag
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.target import Target, has_credentials
from interlocking.railway.local.creation import ServiceSpec, add_service
from interlocking.railway.local.entities import Deployment, Instance, Service
from interlocking.railway.local.state import State

_Mode = Literal["detach", "silent", "ci", "interactive"]
_FLAGS = (
    *TARGET,
    JSON,
    YES,
    flag("-d", "--detach", "--no-wait"),
    flag("-c", "--ci"),
    flag("-w", "--workspace", takes=1),
    flag("--new"),
    flag("--name", takes=1),
    flag("--no-gitignore"),
    flag("--path-as-root"),
    flag("--verbose"),
    flag("-m", "--message", takes=1),
)


def commands(_family: str) -> dict[tuple[str, ...], Command]:
    """Return the command."""
    return {(): UP}


def _up(call: Call) -> int:
    if not has_credentials(call.state, call.environ):
        hint = "Run `railway login` to authenticate, then re-run."
        raise errors.CliError("Not signed in.", code="NOT_AUTHENTICATED", hint=hint)
    unlinked.perhaps_create(call)
    target = call.target()
    service = _service(call, target)
    deployment = _send(call, target, service)
    logs = _logs_url(target, deployment)
    mode = _mode(call)
    if not call.json:
        call.out.line(f"  Build Logs: {logs}")
    if mode == "detach" and call.json:
        call.out.compact({"deploymentId": deployment.id, "logsUrl": logs})
    return 0 if mode in ("detach", "silent") else attached.follow(call, deployment, mode == "interactive")


def _mode(call: Call) -> _Mode:
    if call.arguments.on("no-wait"):
        return "detach"
    if call.arguments.on("ci") or call.json or call.ci:
        return "ci"
    return "interactive" if call.out.terminal else "silent"


def _service(call: Call, target: Target) -> Service | None:
    """Return the service; None for a project that has none, where the server makes one."""
    if (wanted := services.wanted(call, target)) is not None:
        if found := target.exact(wanted):
            return found
        raise errors.CliError("Service not found")
    if target.services():
        raise errors.CliError("Multiple services found. Please specify a service via the `--service` flag.")
    return None


def _send(call: Call, target: Target, service: Service | None) -> Deployment:
    folder, prefix = archive.roots(
        target.root, call.cwd, call.arguments.word, as_root=call.arguments.on("path-as-root")
    )
    with tempfile.TemporaryDirectory(prefix="upload-", dir=call.world.folder) as scratch:
        packed = Path(scratch) / "code.tar.gz"
        _say(call, "Indexing...")
        size = archive.pack(folder, prefix, packed, gitignore=not call.arguments.on("no-gitignore"))
        _say(call, "Uploading...")
        if call.arguments.on("verbose"):
            _say(call, f"service: {service.name if service else 'new'}")
            _say(call, f"environment: {target.place.name}\nbytes: {size}")
        _perhaps_refused(call, size)
        return _accepted(call, target, service, packed)


def _say(call: Call, text: str) -> None:
    if not call.json:
        call.out.line(text)


def _perhaps_refused(call: Call, size: int) -> None:
    refusals = {
        "413": f"Failed to upload code. File too large ({size} bytes): maximum is 104857600 bytes",
        "504": "Failed to upload code with status code 504 Gateway Timeout",
        "quota": "Your account has reached its deployment quota",
    }
    if refusal := call.trap("upload"):
        raise errors.CliError(refusals[str(refusal)], code="UPLOAD_FAILED")


def _accepted(call: Call, target: Target, service: Service | None, packed: Path) -> Deployment:
    """The server's part: a deployment with its snapshot, and an engine that runs it."""
    code = packed.parent / "code"
    archive.unpack(packed, code)
    with call.world.change() as state:
        instance = _instance(state, target, service)
        deployment = deployments.add(state, instance, snapshot=None, meta=_meta(call))
        snapshot = call.world.folder_of(deployment.id) / "snapshot"
        snapshot.parent.mkdir()
        code.rename(snapshot)
        deployment.snapshot = str(snapshot)
        if state.trap("superseded"):
            _supersede(state, instance, deployment)
    deployments.start(call.world, deployment)
    return deployment


def _supersede(state: State, instance: Instance, deployment: Deployment) -> None:
    """Let somebody else deploy: the upload is seen building once, then removed."""
    other = deployments.add(state, instance, snapshot=None, meta={"reason": "deploy", "cliMessage": "somebody else's"})
    other.script, other.status = [{"status": "SUCCESS"}], "SUCCESS"
    deployment.script = [{"status": "BUILDING", "asks": 1}, {"status": "REMOVED"}]
    deployment.status = "BUILDING"


def _instance(state: State, target: Target, service: Service | None) -> Instance:
    made = service or add_service(state, ServiceSpec(target.root.name), reads_config_file=False)
    return state.instance(target.place.id, made.id)


def _meta(call: Call) -> dict[str, str | None]:
    return {"reason": "deploy", "image": None, "commitHash": None, "cliMessage": call.arguments.text("message")}


def _logs_url(target: Target, deployment: Deployment) -> str:
    project = target.state.project.id
    return f"https://railway.com/project/{project}/service/{deployment.service}?id={deployment.id}"


UP = Command(_up, _FLAGS, words=1, json_errors=True)
