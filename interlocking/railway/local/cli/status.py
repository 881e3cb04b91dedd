"""`status`: the project, raw."""

from __future__ import annotations

from interlocking.railway.local.cli import views
from interlocking.railway.local.cli.arguments import ENVIRONMENT, JSON, PROJECT, Command
from interlocking.railway.local.cli.call import Call


def commands(_family: str) -> dict[tuple[str, ...], Command]:
    """Return the command."""
    return {(): Command(_status, (PROJECT, ENVIRONMENT, JSON))}


def _status(call: Call) -> int:
    target = call.target()
    if call.credential.kind == "project" and call.trap("status") == "refused":
        raise call.credential.rejected()
    state = call.look()
    shown = [each for each in state.environments.values() if not each.deleted]
    if call.arguments.on("environment") or call.credential.environment:
        shown = [each for each in shown if each.id == target.place.id]
    if call.json:
        call.out.pretty(views.project_document(state, shown))
        return 0
    call.out.line(f"Project: {state.project.name}")
    call.out.line(f"Environment: {target.environment.name if target.environment else 'None'}")
    service = target.exact(target.service) if target.environment and target.service else None
    call.out.line(f"Service: {service.name if service else 'None'}")
    return 0
