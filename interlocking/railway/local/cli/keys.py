"""The SSH key that `ssh` and `connect` need."""

from __future__ import annotations

from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.errors import CliError


def require_key(call: Call, trap: object = None) -> None:
    """Refuse a call that has no key registered with Railway; project tokens never have one.

    Args:
        call: of `ssh` or `connect`.
        trap: the value of the trap `ssh`.

    Raises:
        CliError: there is none.
    """
    if call.credential.kind == "project":
        raise call.credential.rejected()
    if call.arguments.on("i"):
        return
    if trap == "no-keys":
        raise CliError("No SSH keys found in your SSH agent or ~/.ssh/. Generate one with:\n  ssh-keygen -t ed25519")
    if trap == "unregistered" or not call.state.ssh_key:
        raise CliError(
            "No registered SSH keys found. Register one with:\n  railway ssh keys add\n  railway ssh keys github"
        )
