"""What exists on Local Railway, as plain records: each one row of the state's JSON document.

The shapes and the words are Railway's (GraphQL names in snake case). Nothing here does anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
ServiceKind = Literal["app", "postgres"]
TokenKind = Literal["project", "workspace", "account", "oauth"]

IN_PROGRESS = frozenset({"INITIALIZING", "QUEUED", "WAITING", "NEEDS_APPROVAL", "BUILDING", "DEPLOYING"})
SERVING = frozenset({"SUCCESS", "SLEEPING"})
SETTLED = frozenset({"SUCCESS", "CRASHED", "SLEEPING"})


@dataclass
class Project:
    """The one project of a world."""

    id: str
    name: str
    workspace_id: str
    workspace: str
    deleted: bool = False


@dataclass
class Environment:
    """One environment of the project.

    Args:
        restricted: no token may enter it.
        version: grows with every change of its configuration; `config apply` sends it as its etag.
        shared_variables: as in `environment config`.
        partials: addresses claimed by each named IaC partial.
        staged: patches that wait for a commit.
    """

    id: str
    name: str
    created: str
    ephemeral: bool = False
    restricted: bool = False
    deleted: bool = False
    version: int = 1
    shared_variables: Json = field(default_factory=dict)
    partials: dict[str, list[str]] = field(default_factory=dict)
    staged: list[Json] = field(default_factory=list)


@dataclass
class Service:
    """A service of the project, whatever the environment."""

    id: str
    name: str
    created: str
    kind: ServiceKind = "app"


@dataclass
class Instance:
    """A service as it is in one environment.

    Args:
        configuration: the keys of a service in `environment config`: source, configFile, build, deploy,
            networking, variables, volumeMounts.
        reads_config_file: whether the service was using config as code before it was closed to new ones.
        database_url: the real URL behind a `postgres` service.
        address: `host:port` where its traffic enters (the proxy of an app, the server of a database).
    """

    id: str
    service: str
    environment: str
    configuration: Json = field(default_factory=dict)
    reads_config_file: bool = False
    database_url: str | None = None
    address: str | None = None
    volume: Json | None = None


@dataclass
class Deployment:
    """One deployment of one service in one environment.

    Args:
        status: Railway's word (https://docs.railway.com/deployments/reference).
        meta: what `deployment list` shows; None is possible.
        configuration: the service's configuration when it was asked for, variables included.
        shared_variables: the environment's, of the same moment.
        snapshot: folder of the uploaded tree; None for an image.
        resolved: build and deploy keys after precedence was applied; written by the engine.
        stopped: `deploymentStopped`.
        can_redeploy: whether the server allows it.
        engine: process id of its engine while that runs.
        replicas: running processes: `{"id", "pid", "port", "status"}`.
        script: statuses it runs through without an engine: `[{"status", "asks" or "seconds"}, ...]`.
        asked: how many commands have read its status, for the script.
    """

    id: str
    service: str
    environment: str
    status: str
    created: str
    meta: Json | None = None
    configuration: Json = field(default_factory=dict)
    shared_variables: Json = field(default_factory=dict)
    snapshot: str | None = None
    resolved: Json = field(default_factory=dict)
    stopped: bool = False
    can_redeploy: bool = True
    engine: int | None = None
    replicas: list[Json] = field(default_factory=list)
    script: list[Json] = field(default_factory=list)
    asked: int = 0


@dataclass
class Backup:
    """A volume snapshot; it appears in the list after `lists_until_visible` more calls."""

    id: str
    service: str
    environment: str
    name: str | None
    created: str
    lists_until_visible: int = 0


@dataclass
class Token:
    """A credential that the world accepts.

    Args:
        kind: `oauth` is the stored login; there its value is empty.
        environment: for a project token, the one environment it fixes.
    """

    value: str
    kind: TokenKind
    environment: str | None = None


@dataclass
class Link:
    """What a directory is linked to."""

    environment: str | None
    service: str | None = None


@dataclass
class User:
    """Who is behind an account token or a login."""

    name: str | None = "Ada"
    email: str = "ada@example.org"


@dataclass
class Trap:
    """A misbehaviour that a test has asked for.

    Args:
        value: its variant; the traps and their variants are listed in `traps.py`.
        times: how often it still fires; None means always.
    """

    value: Any
    times: int | None = None
