"""Which service a command means when most of them use the same rule."""

from __future__ import annotations

from interlocking.railway.local.cli import errors
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.target import Target
from interlocking.railway.local.entities import Service


def required(call: Call, target: Target) -> Service:
    """Return the service of `-s` (exact name or id), else the linked one.

    Raises:
        CliError: not found, or none is linked.
    """
    named = call.arguments.text("service")
    wanted = named if named is not None else target.service
    if wanted is None:
        raise errors.no_service_linked()
    if found := target.exact(wanted):
        return found
    raise errors.CliError(f'Service "{wanted}" not found.')


def variables_service(call: Call, target: Target) -> Service:
    """Return the service of `-s` (any case, or id), else the linked one, else the only one."""
    named = call.arguments.text("service")
    wanted = named if named is not None else target.service
    if wanted is not None:
        if found := target.loose(wanted):
            return found
        raise errors.CliError(f"Service '{wanted}' not found")
    every = target.services()
    if len(every) == 1:
        return every[0]
    raise errors.no_service_linked()
