"""How one service is built, started, checked and stopped: the `build` and `deploy` sections, checked.

Pure. The same two sections stand in `railway.toml`, in `railway.json` and in the service's live
configuration. Source: https://docs.railway.com/reference/config-as-code
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

from interlocking.errors import UsageError

RestartPolicy = Literal["ON_FAILURE", "ALWAYS", "NEVER"]
Sections = Mapping[str, Mapping[str, object]]

_Choice = TypeVar("_Choice", bound=str)
_POLICIES: tuple[RestartPolicy, ...] = get_args(RestartPolicy)
_BUILDERS = ("RAILPACK", "DOCKERFILE", "NIXPACKS")
_LONGEST_PRE_DEPLOY = 3600


@dataclass(frozen=True, slots=True)
class DeployConfig:
    """The settings that one deployment runs with.

    Args:
        builder: `RAILPACK`, `DOCKERFILE` or the retired `NIXPACKS`.
        build_command: shell line; None means what the builder detects.
        watch_patterns: a deployment without a changed file that matches is skipped; empty means every file.
        start_command: shell line; None means what the builder detects.
        pre_deploy_command: shell line that runs once before the start, in a container of its own.
        pre_deploy_timeout_s: after which it is stopped; None means never.
        healthcheck_path: path that must answer 200 before traffic; None means no check.
        healthcheck_timeout_s: how long it may take to answer so; None when nobody says (300 then).
        restart_policy: which ends of a process are followed by a new start.
        restart_max_retries: restarts of one replica before the deployment counts as crashed.
        replicas: number of processes that share the traffic.
        overlap_s: how long the former deployment runs on beside the new one; None when nobody says (0 then).
        draining_s: from SIGTERM to SIGKILL; None when nobody says (0 then).
    """

    builder: str = "RAILPACK"
    build_command: str | None = None
    watch_patterns: tuple[str, ...] = ()
    start_command: str | None = None
    pre_deploy_command: str | None = None
    pre_deploy_timeout_s: int | None = None
    healthcheck_path: str | None = None
    healthcheck_timeout_s: int | None = None
    restart_policy: RestartPolicy = "ON_FAILURE"
    restart_max_retries: int = 10
    replicas: int = 1
    overlap_s: int | None = None
    draining_s: int | None = None


def deploy_config(sections: Sections) -> DeployConfig:
    """Check the two sections and name their values.

    Args:
        sections: `build` and `deploy`, each may be missing; keys that Railway may add later are ignored.

    Raises:
        UsageError: code `railway-config-rejected`: Railway refuses the whole configuration, before any log.
    """
    build = _Section("build", sections.get("build", {}))
    deploy = _Section("deploy", sections.get("deploy", {}))
    return DeployConfig(
        builder=build.choice("builder", _BUILDERS) or "RAILPACK",
        build_command=build.text("buildCommand"),
        watch_patterns=build.texts("watchPatterns"),
        start_command=deploy.text("startCommand"),
        pre_deploy_command=_pre_deploy(deploy),
        pre_deploy_timeout_s=deploy.number("preDeployTimeoutSeconds", least=1, most=_LONGEST_PRE_DEPLOY),
        healthcheck_path=deploy.text("healthcheckPath"),
        healthcheck_timeout_s=deploy.number("healthcheckTimeout"),
        restart_policy=deploy.choice("restartPolicyType", _POLICIES) or "ON_FAILURE",
        restart_max_retries=_or(deploy.number("restartPolicyMaxRetries"), 10),
        replicas=_replicas(deploy),
        overlap_s=deploy.number("overlapSeconds"),
        draining_s=deploy.number("drainingSeconds"),
    )


class _Section:
    """One section; a value of null counts as missing."""

    def __init__(self, name: str, values: object) -> None:
        self._name = name
        if not isinstance(values, Mapping):
            raise rejected(f"{name}: Expected object, received {_kind(values)}")
        self._values = values

    def get(self, key: str) -> object:
        return self._values.get(key)

    def text(self, key: str) -> str | None:
        value = self.get(key)
        if value is None or isinstance(value, str):
            return value or None
        raise self.wrong(key, f"Expected string, received {_kind(value)}")

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.get(key)
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
        raise self.wrong(key, f"Expected array of strings, received {_kind(value)}")

    def number(self, key: str, *, least: int = 0, most: int | None = None) -> int | None:
        """Whole seconds or a count; digits in quotes count too, as Railway's own examples write them."""
        value = self.get(key)
        if value is None:
            return None
        if isinstance(value, str) and value.isascii() and value.isdecimal():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, f"Expected number, received {_kind(value)}")
        if value < least:
            raise self.wrong(key, f"Number must be greater than or equal to {least}")
        if most is not None and value > most:
            raise self.wrong(key, f"Number must be less than or equal to {most}")
        return value

    def choice(self, key: str, choices: tuple[_Choice, ...]) -> _Choice | None:
        value = self.text(key)
        if value is None:
            return None
        for choice in choices:
            if value.upper() == choice:
                return choice
        expected = " | ".join(f"'{each}'" for each in choices)
        raise self.wrong(key, f"Invalid enum value. Expected {expected}, received '{value}'")

    def wrong(self, key: str, problem: str) -> UsageError:
        return rejected(f"{self._name}.{key}: {problem}")


def rejected(problem: str) -> UsageError:
    """Return the error of a configuration that Railway refuses as a whole."""
    return UsageError(
        f"Railway rejects the configuration: {problem}",
        code="railway-config-rejected",
        why="the deployment fails within seconds and without a log; nothing of the configuration is used",
        next="correct that value in railway.toml, or in the service's settings",
    )


def _pre_deploy(deploy: _Section) -> str | None:
    if isinstance(deploy.get("preDeployCommand"), str):
        return deploy.text("preDeployCommand")
    commands = deploy.texts("preDeployCommand")
    if len(commands) > 1:
        raise deploy.wrong("preDeployCommand", "Array must contain at most 1 element(s)")
    return commands[0] if commands else None


def _replicas(deploy: _Section) -> int:
    regions = deploy.get("multiRegionConfig")
    if not isinstance(regions, Mapping):
        return _or(deploy.number("numReplicas", least=1), 1)
    counts = [
        _Section(f"deploy.multiRegionConfig.{name}", region or {}).number("numReplicas")
        for name, region in regions.items()
    ]
    return sum(_or(count, 1) for count in counts) or 1


def _or(value: int | None, default: int) -> int:
    return default if value is None else value


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    names = {str: "string", int: "number", float: "number", list: "array", dict: "object", type(None): "null"}
    return names.get(type(value), type(value).__name__)
