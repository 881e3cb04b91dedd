"""Which service a command means when most of them use the same rule."""

from __future__ import annotations

from interlocking.railway.local.cli import errors
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.target import Target
from interlocking.railway.local.entities import Service


def wanted(call: Call, target: Target) -> str | None:
    """Return what `-s` says, else what is linked or set in the environment."""
    named = call.arguments.text("service")
    return named if named is not None else target.service


def required(call: Call, target: Target) -> Service:
    """Return the service of `-s` (exact name or id), else the linked one.

    Raises:
        CliError: not found, or none is linked.
    """
    name = wanted(call, target)
    if name is None:
        raise errors.no_service_linked()
    if found := target.exact(name):
        return found
    raise errors.CliError(f'Service "{name}" not found.')


def variables_service(call: Call, target: Target) -> Service:
    """Return the service of `-s` (any case, or id), else the linked one, else the only one."""
    if (name := wanted(call, target)) is not None:
        if found := target.loose(name):
            return found
        raise errors.CliError(f"Service '{name}' not found")
    every = target.services()
    if len(every) == 1:
        return every[0]
    raise errors.no_service_linked()
