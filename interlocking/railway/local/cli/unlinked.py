"""`up` where nothing is linked: with `-y`, `--new`, or under a coding agent it makes a project nobody asked for."""

from __future__ import annotations

from interlocking.railway.local.cli import errors
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.target import linked
from interlocking.railway.local.entities import Link


def perhaps_create(call: Call) -> None:
    """Create and link a project if the real CLI would.

    Raises:
        CliError: it would, but there is no stored login.
    """
    wanted = call.arguments.on("new") or (_nothing_says(call) and (call.arguments.on("yes") or call.under_an_agent))
    if not wanted:
        return
    if call.credential.kind != "oauth":
        raise errors.forbidden()
    with call.world.change() as state:
        state.created_projects.append(call.arguments.text("name") or call.cwd.name)
        state.links[str(call.cwd)] = Link(next(iter(state.environments)))
    del call.state


def _nothing_says(call: Call) -> bool:
    return (
        call.credential.kind != "project"
        and not call.arguments.on("project")
        and "RAILWAY_PROJECT_ID" not in call.environ
        and linked(call.state, call.cwd) is None
    )
