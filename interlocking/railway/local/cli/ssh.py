"""`ssh`: a command inside the running deployment, which is the old code while a new one is under way."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from interlocking import process
from interlocking.railway.local import history
from interlocking.railway.local.cli import services
from interlocking.railway.local.cli.arguments import TARGET, Command, flag
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.errors import CliError
from interlocking.railway.local.cli.keys import require_key
from interlocking.railway.local.cli.target import Target
from interlocking.railway.local.entities import Deployment, Service
from interlocking.railway.local.job import container_environment

_CONNECTION_FAILED = 255
_FLAGS = (
    *TARGET,
    flag("-d", "--deployment-instance", takes=1),
    flag("--session"),
    flag("-i", takes=1),
)
_REFUSALS = {
    "unreachable": "ssh: connect to host ssh.railway.com port 22: Connection refused",
    "unknown-host": "Host key verification failed.",
}


def commands(_family: str) -> dict[tuple[str, ...], Command]:
    """Return the command."""
    return {(): Command(_ssh, _FLAGS, trailing=True)}


def _ssh(call: Call) -> int:
    target = call.target()
    trap = call.trap("ssh")
    require_key(call, trap)
    service = _service(call, target)
    if key := call.arguments.text("i"):
        call.out.note(f"Using SSH key from file {key}")
    if trap in _REFUSALS:
        call.out.note(_REFUSALS[trap])
        return _CONNECTION_FAILED
    running = _running(target, service)
    if running is None:
        call.out.note("Your application is not running or in a unexpected state")
        return _CONNECTION_FAILED
    if trap == "silent":
        return 0
    argv = ["/bin/sh", "-c", _line(call.arguments.rest)]
    status = process.hand_over(argv, cwd=_folder(call, running), env=_environment(call, running))
    return status if status >= 0 else _CONNECTION_FAILED


def _service(call: Call, target: Target) -> Service:
    if (wanted := services.wanted(call, target)) is not None:
        if found := target.loose(wanted):
            return found
        raise CliError(f"Service '{wanted}' not found")
    every = target.services()
    if len(every) == 1:
        return every[0]
    if every:
        raise CliError("Multiple services found. Please specify a service via the `--service` flag.")
    raise CliError("No service found. Please specify a service via the `--service` flag.")


def _running(target: Target, service: Service) -> Deployment | None:
    live = history.serving(target.state, target.place.id, service.id)
    return live if live and live.snapshot and not live.stopped and live.status == "SUCCESS" else None


def _line(argv: list[str]) -> str:
    """Several words survive as words; a single one is a raw shell line; none is a login shell."""
    if not argv:
        return "exec /bin/sh"
    return argv[0] if len(argv) == 1 else shlex.join(argv)


def _folder(call: Call, deployment: Deployment) -> Path:
    root = (deployment.configuration.get("source") or {}).get("rootDirectory") or ""
    image = call.world.folder_of(deployment.id) / "replica-0"
    return (image if image.is_dir() else Path(str(deployment.snapshot))) / root.lstrip("/")


def _environment(call: Call, deployment: Deployment) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:{call.environ.get('PATH', '')}"
    replica = next((each["id"] for each in deployment.replicas), "")
    return {"PATH": path, "LANG": "C.UTF-8", **container_environment(call.state, deployment, replica=replica)}
