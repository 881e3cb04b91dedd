"""The bodies of `deploy.status` and `deploy.logs`."""

from __future__ import annotations

from interlocking.console.deployed import Running, logs_report, running_report
from interlocking.console.report import Report
from interlocking.errors import InterlockingError, UnavailableError, UsageError
from interlocking.railway.cli import RailwayCli
from interlocking.railway.discovery import Services, find_services, tell_apart
from interlocking.railway.health import health_url, probe
from interlocking.railway.results import Deployment, Service
from interlocking.railway.ways import Via, parse_via
from interlocking.release.deploying import place
from interlocking.release.recovery import described
from interlocking.release.schema import deployed_position
from interlocking.revisions.position import Position
from interlocking.tasks.asking import open_railway
from interlocking.tasks.edge import Suite
from interlocking.tasks.overriding import overrides_of


def status(suite: Suite, *, environment: str, via: str) -> Report:
    """Return what runs where; a database that cannot be reached is said, and is no error."""
    wanted = parse_via(via)
    cli = open_railway(suite, environment)
    listed = cli.services()
    services = tell_apart(listed, cli.settings)
    address = health_url(cli, services.backend) if services.backend.deployment_id else ""
    position, unknown = _position(suite, cli, services, wanted)
    running = Running(
        place=place(cli),
        services=listed,
        deployed={each.id: found for each in listed if (found := _serving(cli, each)) is not None},
        health=probe(address) if address else None,
        position=position,
        position_unknown=unknown,
        notes=tuple(described(change) for change in overrides_of(suite).journal.changes()),
    )
    return running_report(running)


def logs(
    suite: Suite, *, service: str, deployment: str, environment: str, build: bool, lines: str, since: str
) -> Report:
    """Return the log of one deployment.

    Raises:
        UsageError: `lines` is no number, or there is no such service.
        UnavailableError: the service was never deployed.
    """
    if not lines.isdecimal() or not int(lines):
        raise UsageError(f"--lines {lines} is no number above 0", code="bad-flag", next="--lines 200")
    cli = open_railway(suite, environment)
    target = _named(cli, service)
    id_ = deployment or _newest(target)
    found = cli.logs(target.id, id_, kind="build" if build else "deploy", lines=int(lines), since=since)
    return logs_report(id_, found, build=build)


def _serving(cli: RailwayCli, service: Service) -> Deployment | None:
    if not service.deployment_id or service.is_postgres:
        return None
    return next((each for each in cli.deployments(service.id) if each.id == service.deployment_id), None)


def _position(suite: Suite, cli: RailwayCli, services: Services, via: Via) -> tuple[Position | None, str]:
    """Return where the database stands, or why that is not known."""
    try:
        return deployed_position(suite.project, cli, services, via=via), ""
    except InterlockingError as error:
        return None, error.message


def _named(cli: RailwayCli, name: str) -> Service:
    if name in ("", "backend", "frontend"):
        services = find_services(cli)
        return services.require_frontend() if name == "frontend" else services.backend
    return cli.service(name)


def _newest(service: Service) -> str:
    if service.latest is not None:
        return service.latest.id
    if service.deployment_id:
        return service.deployment_id
    raise UnavailableError(
        f"{service.name} was never deployed",
        code="railway-no-deployment",
        why="so it has no log",
        next="invoke deploy.backend",
    )
