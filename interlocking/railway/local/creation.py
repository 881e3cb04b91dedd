"""Making a world: a project with its services, told a date, and the executable that answers for it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from interlocking.postgres.url import DatabaseUrl, parse
from interlocking.railway.local.entities import (
    Deployment,
    Environment,
    Instance,
    Json,
    Link,
    Project,
    Service,
    ServiceKind,
    Token,
    TokenKind,
)
from interlocking.railway.local.ports import free_port
from interlocking.railway.local.state import State, World, new_id

DEFAULT_DATE = datetime(2026, 8, 20, 10, tzinfo=UTC)
PROJECT_TOKEN, ACCOUNT_TOKEN, WORKSPACE_TOKEN = "project-token-1", "account-token-1", "workspace-token-1"
_IMAGE = "ghcr.io/railwayapp-templates/postgres-ssl:16"


@dataclass(frozen=True)
class ServiceSpec:
    """A service to create, the same in every environment.

    Args:
        name: exact.
        variables: plain values; `${{Postgres.DATABASE_URL}}` is a reference.
        sealed: variables that only deployments see.
        reads_config_file: whether it was using config as code before that was closed to new services.
        config_file: the custom path set for it, as `/backend/railway.toml`; None means `railway.toml` or
            `railway.json` at the top of the upload. Set, it shows as `configFile` in `environment config`.
        build: build keys of the service's own configuration.
        deploy: deploy keys of the service's own configuration.
        source: source keys, for example `{"rootDirectory": "/backend"}`.
        kind: `app`, or `postgres` with `database_url`.
        database_url: the running server behind it; its user, password and database become the service's.
        public_url: `DATABASE_PUBLIC_URL`, only if a TCP proxy is meant to be on.
        domain: whether it has a railway domain; that is its address, `127.0.0.1:PORT`, over http.
    """

    name: str
    variables: Mapping[str, str] = field(default_factory=dict)
    sealed: Mapping[str, str] = field(default_factory=dict)
    reads_config_file: bool | None = None
    config_file: str | None = None
    build: Mapping[str, Any] = field(default_factory=dict)
    deploy: Mapping[str, Any] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)
    kind: ServiceKind = "app"
    database_url: str | None = None
    public_url: str | None = None
    domain: bool = True


def postgres(name: str = "Postgres", *, database_url: str, public_url: str | None = None) -> ServiceSpec:
    """Return the database service whose server is the one of `database_url`."""
    return ServiceSpec(name, kind="postgres", database_url=database_url, public_url=public_url, domain=False)


def create_world(
    folder: Path,
    *,
    project: str = "shop",
    environments: Sequence[str] = ("production",),
    services: Sequence[ServiceSpec] = (ServiceSpec("web"),),
    date: datetime | None = DEFAULT_DATE,
    reads_config_file: bool = True,
    linked: Path | None = None,
    logged_in: bool = False,
) -> World:
    """Make the folder of a world.

    The world knows three tokens: `PROJECT_TOKEN` (for the first environment), `ACCOUNT_TOKEN` and
    `WORKSPACE_TOKEN`.

    Args:
        folder: made if it is missing.
        project: its name.
        environments: their names.
        services: what it consists of.
        date: what its clock says now; None means this machine's clock.
        reads_config_file: for services that do not say it themselves.
        linked: a directory linked to the first environment (and to the service, if there is just one).
        logged_in: whether a stored login exists.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "deployments").mkdir()
    now = datetime.now(UTC)
    state = State(Project(new_id(), project, new_id(), "Acme"), clock_ahead=((date or now) - now).total_seconds())
    for name in environments:
        row = Environment(new_id(), name, state.stamp())
        state.environments[row.id] = row
    for spec in services:
        add_service(state, spec, reads_config_file=reads_config_file)
    state.tokens = _tokens(next(iter(state.environments)), logged_in=logged_in)
    if linked:
        only = next(iter(state.services)) if len(state.services) == 1 else None
        state.links[str(linked.resolve())] = Link(next(iter(state.environments)), only)
    world = World(folder)
    world.write(state)
    return world


def add_service(state: State, spec: ServiceSpec, *, reads_config_file: bool = True) -> Service:
    """Add a service to every environment."""
    service = Service(new_id(), spec.name, state.stamp(), spec.kind)
    state.services[service.id] = service
    for environment in state.environments.values():
        instance = _instance(spec, service, environment, reads_config_file=reads_config_file)
        state.instances[f"{environment.id}/{service.id}"] = instance
        if spec.kind == "postgres":
            running = Deployment(new_id(), service.id, environment.id, "SUCCESS", state.stamp(), {"reason": "deploy"})
            running.script = [{"status": "SUCCESS"}]
            state.deployments[running.id] = running
    return service


def set_date(world: World, date: datetime) -> None:
    """Tell the world another date; its clock goes on from there."""
    with world.change() as state:
        state.clock_ahead = (date - datetime.now(UTC)).total_seconds()


def install(world: World) -> Path:
    """Write the executable `railway` for this world; its folder, which is returned, goes first on PATH."""
    path = world.folder / "bin" / "railway"
    path.parent.mkdir(exist_ok=True)
    python, folder = shlex.quote(sys.executable), shlex.quote(str(world.folder.resolve()))
    call = f'exec {python} -P -m interlocking.railway.local.cli {folder} "$@"'
    path.write_text(f"#!/bin/sh\n{call}\n", encoding="utf-8")
    path.chmod(0o755)
    return path.parent


def _tokens(environment: str, *, logged_in: bool) -> list[Token]:
    kinds: dict[str, TokenKind] = {PROJECT_TOKEN: "project", ACCOUNT_TOKEN: "account", WORKSPACE_TOKEN: "workspace"}
    tokens = [Token(value, kind, environment if kind == "project" else None) for value, kind in kinds.items()]
    return [*tokens, Token("", "oauth")] if logged_in else tokens


def _instance(spec: ServiceSpec, service: Service, environment: Environment, *, reads_config_file: bool) -> Instance:
    variables: Json = {name: {"value": value} for name, value in spec.variables.items()}
    variables |= {name: {"value": value, "isSealed": True} for name, value in spec.sealed.items()}
    configuration: Json = {
        "source": dict(spec.source),
        "configFile": spec.config_file,
        "build": dict(spec.build),
        "deploy": dict(spec.deploy),
        "networking": {},
        "variables": variables,
        "volumeMounts": {},
    }
    reads = reads_config_file if spec.reads_config_file is None else spec.reads_config_file
    instance = Instance(new_id(), service.id, environment.id, configuration, reads_config_file=reads)
    if spec.database_url:
        _make_database(instance, spec, parse(spec.database_url))
    else:
        instance.address = f"127.0.0.1:{free_port()}"
    if spec.domain:
        configuration["networking"] = {"serviceDomains": {instance.address: {"port": 8080}}}
    return instance


def _make_database(instance: Instance, spec: ServiceSpec, url: DatabaseUrl) -> None:
    """Give the service the variables and the volume of Railway's template."""
    host = spec.name.lower() + ".railway.internal"
    private = DatabaseUrl(host, url.port, url.user, url.password, url.database).libpq()
    values = {
        "DATABASE_URL": private,
        "PGHOST": host,
        "PGPORT": str(url.port),
        "PGUSER": url.user,
        "PGPASSWORD": url.password.reveal(),
        "PGDATABASE": url.database,
        "PGDATA": "/var/lib/postgresql/data/pgdata",
        "POSTGRES_USER": url.user,
        "POSTGRES_PASSWORD": url.password.reveal(),
        "POSTGRES_DB": url.database,
    }
    if spec.public_url:
        values["DATABASE_PUBLIC_URL"] = spec.public_url
    volume = {"id": new_id(), "name": "postgres-volume", "mountPath": "/var/lib/postgresql/data", "sizeMB": 5000}
    instance.configuration["source"] = {"image": _IMAGE}
    instance.configuration["variables"] |= {name: {"value": value} for name, value in values.items()}
    instance.configuration["volumeMounts"] = {volume["id"]: {"mountPath": volume["mountPath"]}}
    instance.database_url, instance.address = url.libpq(), f"{url.host}:{url.port}"
    instance.volume = {**volume, "instance": new_id(), "currentSizeMB": 210.5, "state": "READY"}
