"""`run`: a program on this machine with the service's variables, directly, without a shell."""

from __future__ import annotations

import re
from collections.abc import Mapping

from interlocking import process
from interlocking.errors import UnavailableError
from interlocking.railway.local import variables
from interlocking.railway.local.cli import services
from interlocking.railway.local.cli.arguments import TARGET, Command, flag
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.errors import CliError, no_services
from interlocking.railway.local.cli.target import Target
from interlocking.railway.local.entities import Service

_UNSAFE = re.compile(
    r"PYTHON(?:PATH|HOME|STARTUP)|NODE_OPTIONS|ENV|BASH_ENV|LD_.*|DYLD_.*|BASH_FUNC_.*|IFS|PS1|PAGER|EDITOR|GIT_SSH"
)


def commands(_family: str) -> dict[tuple[str, ...], Command]:
    """Return the command."""
    return {(): Command(_run, (*TARGET, flag("--no-local"), flag("-v", "--verbose")), trailing=True)}


def _run(call: Call) -> int:
    argv = call.arguments.rest
    target = call.target()
    service = _service(call, target)
    if not argv:
        raise CliError("No command provided. Run with `railway run <cmd>`")
    values = variables.shown(target.state, target.instance(service))
    try:
        status = process.hand_over(argv, cwd=call.cwd, env={**call.environ, **_safe(call, values)})
    except UnavailableError as error:
        raise CliError("No such file or directory (os error 2)") from error
    return max(status, 0)  # a child that a signal killed counts as success: so does the real CLI


def _service(call: Call, target: Target) -> Service:
    if (wanted := services.wanted(call, target)) is not None:
        if found := target.exact(wanted):
            return found
        raise CliError("Service not found")
    if not target.services():
        raise no_services()
    raise CliError("Multiple services found. Please specify a service to pull variables from.")


def _safe(call: Call, values: Mapping[str, str]) -> dict[str, str]:
    unsafe = [name for name in values if _UNSAFE.fullmatch(name)]
    if unsafe:
        count, names = len(unsafe), ", ".join(unsafe)
        call.out.note(f"Skipped {count} service variable(s) that can execute code in a local process: {names}")
    return {name: value for name, value in values.items() if name not in unsafe}
