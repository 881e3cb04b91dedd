"""What the platform answers, typed. Pure: `answers` fills these in, `cli` hands them out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Deployment:
    """One build of one service.

    Args:
        id: its id.
        status: Railway's word, kept as it is when it is a new one.
        created_at: RFC 3339, as sent.
        message: what `up -m` said, if the platform passes it on.
        commit: the commit it was built from, as far as it is known; empty otherwise.
    """

    id: str
    status: str
    created_at: str = ""
    message: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """A service in one environment: what serves now, and what comes.

    Args:
        id: its id.
        name: its name, in its exact case.
        status: of the deployment that serves; empty when none does.
        deployment_id: of the deployment that serves; empty when none does.
        latest: the newest deployment, which may still be on its way; None when there never was one.
        url: its first domain with scheme; empty without one.
        volumes: where its volumes are mounted.
        image: the container image it runs; empty for code.
        repo: the repository it is built from; empty for uploaded code.
        replicas: how many are configured; None when the platform does not say.
    """

    id: str
    name: str
    status: str = ""
    deployment_id: str = ""
    latest: Deployment | None = None
    url: str = ""
    volumes: tuple[str, ...] = ()
    image: str = ""
    repo: str = ""
    replicas: int | None = None

    @property
    def is_postgres(self) -> bool:
        """Whether its image is a PostgreSQL server."""
        return "postgres" in self.image.lower()


def service_named(services: Iterable[Service], name: str) -> Service | None:
    """Return the service of this name, in its exact case, or of this id."""
    return next((each for each in services if name in (each.name, each.id)), None)


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment of the project.

    Args:
        id: its id.
        name: its name.
    """

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ProjectStatus:
    """The project that the calls go to.

    Args:
        id: its id.
        name: its name.
        workspace: the name of its workspace; may be empty.
        environment: the environment that is meant.
        services: the names of the project's services, by id.
    """

    id: str
    name: str
    workspace: str
    environment: Environment
    services: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload that was accepted; nothing is deployed yet.

    Args:
        deployment_id: of the deployment that it began.
        logs_url: where a person can watch it; may be empty.
    """

    deployment_id: str
    logs_url: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a log.

    Args:
        timestamp: RFC 3339.
        message: the line.
        level: Railway's word; `error` is anything that was written to stderr, so it proves nothing.
    """

    timestamp: str
    message: str
    level: str = ""


@dataclass(frozen=True, slots=True)
class ServiceConfiguration:
    """A service's live configuration in one environment, without the values of its variables.

    Args:
        start_command: None when it is not set.
        pre_deploy_command: empty when there is none.
        healthcheck_path: empty when there is none.
        root_directory: the folder of the source that it is built from; empty for all of it.
        config_file: the configuration file it was told to read; empty when none was.
        variables: the names of its variables, sealed ones included.
        raw: everything else, as sent.
    """

    start_command: str | None = None
    pre_deploy_command: tuple[str, ...] = ()
    healthcheck_path: str = ""
    root_directory: str = ""
    config_file: str = ""
    variables: tuple[str, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit of the configuration that was committed.

    Args:
        environment_id: where.
        environment_name: where.
        message: what was said about it; may be empty.
    """

    environment_id: str
    environment_name: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class VolumeBackup:
    """A snapshot of a database's volume.

    Args:
        id: its id.
        name: as it was given; may be empty.
        created_at: RFC 3339.
        expires_at: RFC 3339; empty when it is kept.
        megabytes: its size, when it is known.
    """

    id: str
    name: str
    created_at: str
    expires_at: str = ""
    megabytes: float | None = None


@dataclass(frozen=True, slots=True)
class Inside:
    """A command that ran inside the running container.

    Args:
        returncode: its own status.
        stdout: what it printed.
        stderr: what it printed there, and what ssh said.
    """

    returncode: int
    stdout: str
    stderr: str
