"""The settings of the platform: `[tool.interlocking.railway]`, and `INTERLOCKING_RAILWAY_*` above it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal, get_args

from interlocking.environment import Project
from interlocking.settings import RAILWAY_PREFIX, Layer, table_layers
from interlocking.tables import Reader, Table, duration, text, texts

OverrideKind = Literal["start-command", "pre-deploy"]
OverrideDoor = Literal["auto", "file", "service"]


@dataclass(frozen=True, slots=True)
class RailwaySettings:
    """Where the project lives on Railway, and how long to wait for it; every duration in seconds.

    Args:
        project: the project's id; empty: the folder's link, or the token's project.
        environment: the environment that is meant when none is named.
        backend: the service that runs the code of the migrations; empty: the only application there is.
        frontend: the service of the frontend; empty: the only other application, if the project has a frontend.
        database: the PostgreSQL service; empty: the only one.
        health_url: what must answer 200 after a deployment; empty: the service's domain and `health_path`.
        health_path: the path of it; empty: the service's own healthcheck path, or that of `railway.toml`.
        deadline: how long a deployment may take to a verdict.
        settle: how long a success must last before it is believed, and may then take to answer 200.
        poll: the pause between two looks at a deployment, because requests are rationed.
        traffic: the paths that clients ask for while a release is rehearsed; empty: the healthcheck path.
        override: which command a release changes for a while: the start command, or the one before it.
        override_door: where it is changed: in `railway.toml`, in the service's configuration, or what Railway reads.
    """

    project: str = ""
    environment: str = "production"
    backend: str = ""
    frontend: str = ""
    database: str = ""
    health_url: str = ""
    health_path: str = ""
    deadline: float = 1800.0
    settle: float = 10.0
    poll: float = 6.0
    traffic: tuple[str, ...] = ()
    override: OverrideKind = "start-command"
    override_door: OverrideDoor = "auto"


def railway_settings(project: Project) -> RailwaySettings:
    """Return the platform's settings of a project.

    Raises:
        UsageError: a name is unknown or a value cannot be read; the message names key and origin.
    """
    origin = "[tool.interlocking.railway] of pyproject.toml"
    return resolve_railway(table_layers(origin, project.settings.railway, RAILWAY_PREFIX, project.variables))


def resolve_railway(layers: Sequence[Layer]) -> RailwaySettings:
    """Merge `layers`, weakest first.

    Raises:
        UsageError: a name is unknown or a value cannot be read; the message names key and origin.
    """
    return RailwaySettings(**_TABLE.merge(layers))  # type: ignore[arg-type]  # each reader knows its type


def _environment(raw: object) -> str:
    name = text(raw).strip()
    if not name:
        raise ValueError("it is empty, and which environment is meant must be known")
    return name


def _one_of(choices: tuple[str, ...]) -> Reader:
    def read(raw: object) -> str:
        if raw not in choices:
            raise ValueError(f"it is {raw!r}, not one of {', '.join(choices)}")
        return str(raw)

    return read


_READERS: dict[str, Reader] = {
    "traffic": texts,
    "environment": _environment,
    "override": _one_of(get_args(OverrideKind)),
    "override_door": _one_of(get_args(OverrideDoor)),
    **dict.fromkeys(("deadline", "settle", "poll"), duration),
}
_TABLE = Table(
    owner="the platform",
    why="nothing is deployed on a guess",
    readers={field.name: _READERS.get(field.name, text) for field in fields(RailwaySettings)},
)
