"""From `railway.toml` to `.railway/railway.py`: read everything, prove the result, write a file that was not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from interlocking import durable
from interlocking.environment import Project
from interlocking.errors import RefusedError, UnavailableError, UsageError
from interlocking.plan import Plan, Step
from interlocking.railway.cli import RailwayCli
from interlocking.railway.config_file import find_config_file, find_iac_file, read_config_file
from interlocking.railway.conversion import WantedService, wanted_service
from interlocking.railway.discovery import find_services
from interlocking.railway.infrastructure_proof import prove
from interlocking.railway.infrastructure_source import infrastructure_source
from interlocking.railway.settings import railway_settings

TARGET = ".railway/railway.py"
_ANY_OTHER = "an environment that the file does not name"


@dataclass(frozen=True, slots=True)
class Conversion:
    """A file that was proven and could be written.

    Args:
        project: the project's name on Railway.
        services: what it declares.
        source: its text.
        environments: those for which it was evaluated and compared.
        unknown: why the live configuration is missing; empty when it was read.
    """

    project: str
    services: tuple[WantedService, ...]
    source: str
    environments: tuple[str, ...]
    unknown: str = ""

    @property
    def plan(self) -> Plan:
        """What writing it does."""
        names = ", ".join(service.name for service in self.services)
        return Plan("conversion of railway.toml", TARGET, (Step(f"write {names}", self.source, f"rm {TARGET}"),))


@dataclass(frozen=True, slots=True)
class _Part:
    """One service's file, and which service it is."""

    path: Path
    setting: str


def convert(project: Project, railway: RailwayCli | None, *, environment: str, unknown: str = "") -> Conversion:
    """Convert the project's configuration files, and prove the result; nothing is written.

    Args:
        project: whose files.
        railway: the CLI; None when Railway cannot be asked.
        environment: whose live configuration is read.
        unknown: why it cannot be asked.

    Raises:
        UsageError: there is no file, a key cannot be carried over, or it is not known which service is meant.
        UnavailableError: `railway-sdk` is not installed.
    """
    parts = tuple(_parts(project))
    if not parts:
        raise UsageError(
            "there is no railway.toml to convert",
            code="config-file-missing",
            why="infrastructure as code begins with a file of its own then",
            next="see https://docs.railway.com/infrastructure-as-code",
        )
    name, services = _online(parts, railway) if railway else _offline(project, parts)
    origin = " and ".join(part.path.relative_to(project.root).as_posix() for part in parts)
    origin += " and the live configuration" if railway else ""
    environments = tuple(sorted({environment} | {each for one in services for each in one.overrides}))
    source = infrastructure_source(name, services, environment=environment, origin=origin)
    prove(source, name, services, (*environments, _ANY_OTHER))
    return Conversion(name, services, source, environments, unknown)


def write(project: Project, conversion: Conversion) -> Path:
    """Write the file; one that is there is never overwritten.

    Raises:
        RefusedError: there is one.
        UnavailableError: the variables are not known, and applying the file would delete them.
    """
    require_no_file(project)
    if conversion.unknown:
        raise UnavailableError(
            f"Railway cannot be asked, so {TARGET} was not written: {conversion.unknown}",
            code="railway-variables-unknown",
            why="a variable that the file does not list would be deleted when it is applied",
            next="invoke railway.check; meanwhile --dry-run shows the file without variables",
        )
    path = project.root / TARGET
    path.parent.mkdir(exist_ok=True)
    beside = path.with_name(".railway.py.interlocking")
    durable.write_file(beside, conversion.source.encode(), mode=0o644)
    durable.move(beside, path)
    return path


def require_no_file(project: Project) -> None:
    """Refuse to write beside infrastructure as code that is there.

    Raises:
        RefusedError: code `infrastructure-exists`.
    """
    there = find_iac_file(project.root)
    if there:
        raise RefusedError(
            f"{there.relative_to(project.root)} is there already, and is never overwritten",
            code="infrastructure-exists",
            why="Railway takes one file only",
            next="compare it with what --dry-run shows, or move it away",
        )


def _parts(project: Project) -> Iterator[_Part]:
    backend = find_config_file(project.root)
    if backend:
        yield _Part(backend, "backend")
    frontend = project.settings.frontend and find_config_file(project.root / project.settings.frontend)
    if frontend:
        yield _Part(frontend, "frontend")


def _online(parts: tuple[_Part, ...], railway: RailwayCli) -> tuple[str, tuple[WantedService, ...]]:
    services, configuration = find_services(railway), railway.configuration()
    wanted = []
    for part in parts:
        service = services.backend if part.setting == "backend" else services.require_frontend()
        live = configuration.get(service.id)
        wanted.append(
            wanted_service(
                service.name,
                read_config_file(part.path),
                live.raw if live else None,
                live.variables if live else None,
            )
        )
    return railway.status().name, tuple(wanted)


def _offline(project: Project, parts: tuple[_Part, ...]) -> tuple[str, tuple[WantedService, ...]]:
    settings = railway_settings(project)
    names = {"backend": settings.backend, "frontend": settings.frontend}
    wanted = tuple(
        wanted_service(names[part.setting] or part.setting, read_config_file(part.path), None, None) for part in parts
    )
    return project.root.name, wanted
