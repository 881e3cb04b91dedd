"""`logs`: of one deployment; the newest SUCCESS unless told otherwise, so the old one during a failing rollout."""

from __future__ import annotations

import json
import re
import time
from datetime import datetime

from interlocking.railway.local import history
from interlocking.railway.local.cli import services
from interlocking.railway.local.cli.arguments import JSON, TARGET, Command, flag
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.errors import ArgumentError, CliError
from interlocking.railway.local.cli.moments import moment
from interlocking.railway.local.cli.target import Target
from interlocking.railway.local.entities import Deployment, Json, Service

_KINDS = ("deployment", "build", "http", "network", "dns")
_TERM = re.compile(r'"[^"]*"|\S+')
_FILES = {"deployment": "deploy"}
_DEFAULT_LINES = "500"
_POLL_SECONDS = 0.2
_FLAGS = (
    *TARGET,
    JSON,
    flag("-d", "--deployment"),
    flag("-b", "--build"),
    *(flag(f"--{kind}") for kind in _KINDS[2:]),
    flag("-n", "--lines", "--tail", takes=1),
    flag("-f", "--filter", takes=1),
    flag("--latest"),
    flag("-S", "--since", takes=1),
    flag("-U", "--until", takes=1),
    *(flag(f"--{name}", takes=1) for name in ("method", "status", "path", "request-id")),
)


def commands(_family: str) -> dict[tuple[str, ...], Command]:
    """Return the command."""
    return {(): Command(_logs, _FLAGS, words=1)}


def _logs(call: Call) -> int:
    asked = _kind(call)
    target = call.target()
    service = services.required(call, target)
    since, until = _window(call)
    deployment = _deployment(call, target, service)
    kind = asked or ("build" if deployment.status == "FAILED" else "deployment")
    shown = _print(call, _lines(call, deployment, kind, since, until))
    limited = any(call.arguments.on(name) for name in ("lines", "since", "until"))
    while call.out.terminal and not limited:
        time.sleep(_POLL_SECONDS)
        shown += _print(call, _lines(call, deployment, kind, since, until)[shown:])
    return 0


def _kind(call: Call) -> str | None:
    given = [each for each in _KINDS if call.arguments.on(each)]
    if len(given) > 1:
        raise ArgumentError(f"error: the argument '--{given[0]}' cannot be used with '--{given[1]}'")
    return given[0] if given else None


def _window(call: Call) -> tuple[datetime | None, datetime | None]:
    now = call.state.now()
    since, until = (moment(text, now) if (text := call.arguments.text(name)) else None for name in ("since", "until"))
    if since and until and since >= until:
        raise CliError("--since time must be before --until time")
    return since, until


def _deployment(call: Call, target: Target, service: Service) -> Deployment:
    every = target.state.deployments_of(target.place.id, service.id)
    if wanted := call.arguments.word:
        found = next((each for each in every if each.id == wanted), None)
        if found is None:
            raise CliError("Deployment not found")
        return found
    live = next((each for each in every if each.status == "SUCCESS"), None)
    newest = history.latest(target.state, target.place.id, service.id)
    chosen = newest if call.arguments.on("latest") else live or newest
    if chosen is None:
        raise CliError("No deployments found")
    return chosen


def _lines(call: Call, deployment: Deployment, kind: str, since: datetime | None, until: datetime | None) -> list[Json]:
    every = _requests(call, deployment) if kind == "http" else call.world.log(deployment.id, _FILES.get(kind, kind))
    kept = [each for each in every if _in_window(each, since, until) and _matches(each, call.arguments.text("filter"))]
    count = call.arguments.text("lines") or _DEFAULT_LINES
    if not count.isdigit():
        raise ArgumentError(f"error: invalid value '{count}' for '--lines <LINES>': invalid digit found in string")
    return kept[-int(count) :] if int(count) else []


def _requests(call: Call, deployment: Deployment) -> list[Json]:
    instance = call.state.instance(deployment.environment, deployment.service)
    path = call.world.folder / "http" / f"{instance.id}.ndjson"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []
    wanted = {"method": "method", "status": "httpStatus", "path": "path", "request-id": "requestId"}
    given = {key: call.arguments.text(name) for name, key in wanted.items() if call.arguments.on(name)}
    mine = [row for row in rows if row.get("deploymentId") == deployment.id]
    return [row for row in mine if all(str(row.get(key)) == value for key, value in given.items())]


def _in_window(line: Json, since: datetime | None, until: datetime | None) -> bool:
    at = datetime.fromisoformat(line["timestamp"][:26] + "+00:00")
    return (since is None or at >= since) and (until is None or at <= until)


def _matches(line: Json, query: str | None) -> bool:
    """Whether a line fits the part of the filter language that is needed: words, `"exact"`, `@attribute:value`."""
    for term in _TERM.findall(query or ""):
        attribute, _, value = term.lstrip("@").partition(":")
        if term.startswith("@"):
            if str(line.get(attribute)) != value:
                return False
        elif term.strip('"').lower() not in str(line.get("message", "")).lower():
            return False
    return True


def _print(call: Call, lines: list[Json]) -> int:
    for line in lines:
        if call.json:
            call.out.compact(line)
        else:
            call.out.line(str(line.get("message", call.out.compacted(line))))
    return len(lines)
