"""How deployments look: what became of one, what runs where, log lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from interlocking.console.report import Line, Report, Span, Style, columns, counted, line, mark
from interlocking.railway.health import Health
from interlocking.railway.results import Deployment, LogLine, Service
from interlocking.release.deploying import Deployed
from interlocking.revisions.position import Position

_SHORT = 12
_SERVING: frozenset[str] = frozenset({"SUCCESS", "SLEEPING"})


@dataclass(frozen=True, slots=True)
class Running:
    """What `deploy.status` shows.

    Args:
        place: project and environment.
        services: every service of it.
        deployed: the deployment that serves, by the service's id, with its commit where it is known.
        health: the backend's answer; None when there is nothing to ask.
        position: where the database stands among the files of this tree; None when that is not known.
        position_unknown: why it is not; empty when it is.
        notes: overrides that are held, for a program that reads the result: a person is told by every task.
    """

    place: str
    services: tuple[Service, ...]
    deployed: dict[str, Deployment]
    health: Health | None
    position: Position | None
    position_unknown: str = ""
    notes: tuple[str, ...] = ()


def deployed_report(results: Sequence[Deployed], *, next: str = "") -> Report:
    """Return the report on deployments that are all live."""
    lines: list[Line] = []
    for each in results:
        lines.append(mark("ok", f"{each.delivery.service.name}: {each.verdict.words}"))
        if each.health is not None:
            lines.append(mark("ok", each.health.words))
    return Report(data={"deployments": [_deployed_data(each) for each in results]}, lines=lines, next=next)


def running_report(running: Running) -> Report:
    """Return the report of `deploy.status`."""
    rows = [_service_row(each, running.deployed.get(each.id)) for each in running.services]
    lines = [
        line(Span("railway  ", "dim"), Span(running.place, "accent")),
        line(Span("schema   ", "dim"), _schema_words(running)),
        line(""),
        *columns(rows),
        *(_coming(each) for each in running.services if _is_behind(each)),
    ]
    if running.health is not None:
        lines += [line(""), mark("ok" if running.health.ok else "fail", running.health.words)]
    return Report(data=_running_data(running), lines=[*lines, *_pending_lines(running.position)])


def logs_report(deployment_id: str, lines: Sequence[LogLine], *, build: bool) -> Report:
    """Return the report of `deploy.logs`; a container without a word points to the build's log."""
    shown = [line(Span(f"{each.timestamp[:19]}  ", "dim"), each.message) for each in lines]
    return Report(
        data={"deployment_id": deployment_id, "lines": [asdict(each) for each in lines]},
        lines=shown or [line(Span(f"deployment {deployment_id} has no log lines", "dim"))],
        next="" if shown or build else f"invoke deploy.logs --build --deployment {deployment_id}",
    )


def _schema_words(running: Running) -> str:
    if running.position is None:
        return f"unknown: {running.position_unknown}"
    return ", ".join(running.position.current) or "no revision is applied"


def _pending_lines(position: Position | None) -> list[Line]:
    if position is None or not position.pending:
        return []
    return [mark("warn", f"{counted(len(position.pending), 'pending revision')}: {', '.join(position.pending)}")]


def _service_row(service: Service, deployment: Deployment | None) -> list[str | Span]:
    style: Style = "good" if service.status in _SERVING else "bad" if service.status else "dim"
    commit = deployment.commit[:_SHORT] if deployment else ""
    return [
        Span(service.name, "bold"),
        Span(service.status or "never deployed", style),
        service.deployment_id,
        commit or Span("commit unknown" if service.deployment_id and not service.image else "", "dim"),
        service.url,
    ]


def _is_behind(service: Service) -> bool:
    """Whether the newest deployment is not the one that serves: it is coming, or it failed behind a healthy address."""
    return service.latest is not None and service.latest.id != service.deployment_id


def _coming(service: Service) -> Line:
    latest = service.latest
    assert latest is not None  # noqa: S101 - asked before
    return mark("warn", f"{service.name}: the newest deployment {latest.id} is {latest.status} and does not serve")


def _deployed_data(each: Deployed) -> dict[str, Any]:
    verdict = each.verdict
    return {
        "service": each.delivery.service.name,
        "deployment_id": verdict.deployment_id,
        "outcome": verdict.outcome,
        "status": verdict.status,
        "message": each.delivery.message,
        "seconds": verdict.seconds,
        "logs_url": each.logs_url,
        "health": _health_data(each.health),
    }


def _running_data(running: Running) -> dict[str, Any]:
    return {
        "railway": running.place,
        "schema_revision": list(running.position.current) if running.position else None,
        "schema_unknown": running.position_unknown,
        "pending": list(running.position.pending) if running.position else None,
        "services": [_service_data(each, running.deployed.get(each.id)) for each in running.services],
        "health": _health_data(running.health),
        "notes": list(running.notes),
    }


def _service_data(service: Service, deployment: Deployment | None) -> dict[str, Any]:
    latest = service.latest
    return {
        "id": service.id,
        "name": service.name,
        "status": service.status,
        "deployment_id": service.deployment_id,
        "commit": deployment.commit if deployment else "",
        "latest": {"id": latest.id, "status": latest.status} if latest else None,
        "url": service.url,
    }


def _health_data(health: Health | None) -> dict[str, Any] | None:
    return {**asdict(health), "ok": health.ok} if health else None
