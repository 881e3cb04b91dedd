"""The platform of a rehearsal: Local Railway with the project's services, and a production database of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from interlocking.environment import Project, read_dotenv, today
from interlocking.postgres.target import embedded_server
from interlocking.postgres.url import DatabaseUrl
from interlocking.railway.config_file import EnvironmentName, file_sections, find_config_file, read_config_file
from interlocking.railway.local.creation import DEFAULT_DATE, ServiceSpec, create_world, postgres, set_date
from interlocking.railway.local.database import drop_service_database, make_service_database
from interlocking.railway.local.entities import Instance
from interlocking.railway.local.state import World
from interlocking.railway.settings import RailwaySettings, railway_settings

_WEB, _POSTGRES = "web", "Postgres"
_PASSED_ON = ("DATABASE_URL", "FLASK_ENV", "FLASK_APP")


def make_platform(project: Project, folder: Path, url: DatabaseUrl) -> World:
    """Make the world that a release is rehearsed in.

    Its services are from a time when every one of them read `railway.toml`; `come_to_today` ends that time.

    Args:
        project: whose services it has.
        folder: where it is kept.
        url: its production database.
    """
    settings = railway_settings(project)
    return create_world(
        folder,
        project=project.root.name,
        environments=(settings.environment,),
        services=_services(project, settings, url),
        date=DEFAULT_DATE,
    )


def come_to_today(project: Project, world: World) -> None:
    """Let the world's date be today's, on which Railway may read that file no longer."""
    set_date(world, datetime.combine(today(project.variables), datetime.now(UTC).timetz()))


def backend_of(project: Project, world: World) -> Instance:
    """Return the service that runs the code of the migrations."""
    state = world.read()
    name = railway_settings(project).backend or _WEB
    service = next(each.id for each in state.services.values() if each.name == name)
    return next(each for each in state.instances.values() if each.service == service)


def traffic_urls(project: Project, world: World) -> list[str]:
    """Return what the clients ask for: the setting `traffic`, or what the healthcheck asks for."""
    settings = railway_settings(project)
    deploy = _sections(project, settings).get("deploy", {})
    health = settings.health_path or deploy.get("healthcheckPath") or "/"
    address = backend_of(project, world).address
    return [f"http://{address}{path}" for path in settings.traffic or (health,)]


@contextmanager
def production_database(project: Project) -> Iterator[DatabaseUrl]:
    """Make the production database of the rehearsal, with an owner of its own, on the embedded server."""
    server = embedded_server(project).ensure_running()
    name = f"interlocking_release_{os.urandom(4).hex()}"
    try:
        yield make_service_database(server, name)
    finally:
        drop_service_database(server, name)


def _services(project: Project, settings: RailwaySettings, url: DatabaseUrl) -> list[ServiceSpec]:
    """Return the services: the backend has the settings of its file too, for the day when that is no longer read."""
    database = settings.database or _POSTGRES
    passed = {name: value for name, value in _dotenv(project).items() if name not in _PASSED_ON}
    variables = {
        **passed,
        "DATABASE_URL": f"${{{{{database}.DATABASE_URL}}}}",
        "FLASK_ENV": "production",
        **({"FLASK_APP": project.settings.app} if project.settings.app else {}),
    }
    sections, file = _sections(project, settings), find_config_file(project.root)
    backend = ServiceSpec(
        settings.backend or _WEB,
        variables=variables,
        config_file=f"/{file.name}" if file else None,
        build=sections.get("build", {}),
        deploy=sections.get("deploy", {}),
    )
    frontend = [ServiceSpec(settings.frontend)] if settings.frontend else []
    return [backend, *frontend, postgres(database, database_url=url.libpq(), public_url=url.libpq())]


def _dotenv(project: Project) -> dict[str, str]:
    """Return what the application is given on this machine; a fresh clone has only the example."""
    return read_dotenv(project.root / ".env") or read_dotenv(project.root / ".env.example")


def _sections(project: Project, settings: RailwaySettings) -> Mapping[str, Mapping[str, Any]]:
    file = find_config_file(project.root)
    return file_sections(read_config_file(file), EnvironmentName(settings.environment)) if file else {}
