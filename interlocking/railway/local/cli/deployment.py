"""`deployment list`, and `deployment up` and `deployment redeploy`, which are `up` and `redeploy`."""

from __future__ import annotations

from interlocking.railway.local.cli import rollout, services, up, views
from interlocking.railway.local.cli.arguments import JSON, TARGET, Command, flag
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.errors import ArgumentError

_LARGEST = 1000


def commands(_family: str) -> dict[tuple[str, ...], Command]:
    """Return the commands."""
    listing = Command(_list, (*TARGET, flag("--limit", takes=1), JSON))
    return {("list",): listing, ("ls",): listing, ("up",): up.UP, ("redeploy",): rollout.REDEPLOY}


def _list(call: Call) -> int:
    limit = _limit(call)
    target = call.target()
    service = services.required(call, target)
    rows = call.look().deployments_of(target.place.id, service.id)
    rows = rows[bool(call.trap("vanished")) :][:limit]
    if call.json:
        call.out.pretty(
            [
                {"id": each.id, "status": views.status_text(each.status), "createdAt": each.created, "meta": each.meta}
                for each in rows
            ]
        )
        return 0
    call.out.line("Recent Deployments" if rows else "No deployments found")
    for each in rows:
        call.out.line(f"  {each.id} | {views.status_text(each.status)} | {each.created}")
    return 0


def _limit(call: Call) -> int:
    typed = call.arguments.text("limit") or "20"
    if not typed.lstrip("-").isdigit():
        raise ArgumentError(f"error: invalid value '{typed}' for '--limit <LIMIT>': invalid digit found in string")
    limit = min(max(int(typed), 1), _LARGEST)
    if limit != int(typed):
        call.out.note(f"warning: --limit {typed} is out of range; using {limit}")
    return limit
