"""From `railway.toml` and the live configuration to what infrastructure as code must say. Pure.

Every key is kept, or refused by its name; what is left out on purpose is reported. Railway's own converter drops
most keys without a word (railwayapp/cli#1167, #1199, #1224).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from interlocking.errors import UsageError
from interlocking.railway.config_file import EnvironmentName, file_sections, merged
from interlocking.railway.deploy_config import deploy_config

Section = Mapping[str, Any]

_BUILD = {
    *("builder", "buildCommand", "buildEnvironment", "dockerfilePath", "nixpacksConfigPath", "nixpacksPlan"),
    *("nixpacksVersion", "railpackVersion", "watchPatterns"),
}
_DEPLOY = {
    *("cronSchedule", "drainingSeconds", "healthcheckPath", "healthcheckTimeout", "ipv6EgressEnabled", "limitOverride"),
    *("multiRegionConfig", "numReplicas", "overlapSeconds", "preDeployCommand", "preDeployTimeoutSeconds", "region"),
    *("requiredMountPath", "restartPolicyMaxRetries", "restartPolicyType", "sleepApplication", "startCommand"),
}
_KNOWN = {"build": _BUILD, "deploy": _DEPLOY}
_LIVE = {"build", "configFile", "deploy", "networking", "source", "volumeMounts", "isCreated", "isDeleted"}
# Written out, they differ from what Railway keeps for them, so every plan would show a change (railwayapp/cli#1184).
_DEFAULTS = {"restartPolicyType": "ON_FAILURE", "restartPolicyMaxRetries": 10}
_SECONDS = ("overlapSeconds", "drainingSeconds")


@dataclass(frozen=True, slots=True)
class Settings:
    """The two sections of a service, as infrastructure as code writes them.

    Args:
        build: empty when nothing is set.
        deploy: empty when nothing is set.
    """

    build: Section
    deploy: Section


@dataclass(frozen=True, slots=True)
class WantedService:
    """One service, as it shall stand in `.railway/railway.py`.

    Args:
        name: as Railway knows it; another name would be another service.
        base: what holds in every environment that has no block of its own.
        overrides: what holds in an environment with a block of its own, complete.
        source: of the live configuration, such as `{"repo": ..., "branch": ...}`; empty for uploaded code.
        variables: names of those that are kept as they are on Railway; None when nobody could ask.
        kept: further parts of the live configuration, as they are: `networking`, `volumeMounts`.
        left_out: what is not written, and why, for a person.
    """

    name: str
    base: Settings
    overrides: Mapping[str, Settings]
    source: Section = field(default_factory=dict)
    variables: tuple[str, ...] | None = None
    kept: Mapping[str, Section] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    def settings(self, environment: str) -> Settings:
        """Return what holds in an environment."""
        return self.overrides.get(environment, self.base)


def wanted_service(
    name: str, document: Section, live: Section | None, variables: tuple[str, ...] | None
) -> WantedService:
    """Return what one service's file and live configuration come to; the file wins, as it does on Railway.

    Args:
        name: of the service.
        document: the configuration file, parsed.
        live: the live configuration without its variables; None when nobody could ask.
        variables: names of the live ones; None when nobody could ask.

    Raises:
        UsageError: code `config-key-refused`: a key cannot be carried over; the message names each. Code
            `railway-config-rejected`: Railway itself would refuse it.
    """
    here = live or {}
    sections = merged(here, file_sections(document, EnvironmentName("")))
    _refuse(name, [*_refused_in_file(document), *_refused_in_live(here)])
    overrides = {
        environment: _settings(merged(here, file_sections(document, EnvironmentName(environment))))
        for environment in document.get("environments") or {}
    }
    return WantedService(
        name=name,
        base=_settings(sections),
        overrides=overrides,
        source=dict(here.get("source") or {}),
        variables=variables,
        kept={part: here[part] for part in ("networking", "volumeMounts") if here.get(part)},
        left_out=tuple(_left_out(sections, here)),
    )


def _refuse(name: str, keys: Sequence[str]) -> None:
    if keys:
        raise UsageError(
            f"{name}: infrastructure as code has no place for {', '.join(keys)}",
            code="config-key-refused",
            why="a key that is dropped in silence would change what is deployed",
            next="take it out of the file, or set it in Railway's dashboard, and convert again",
        )


def _settings(sections: Mapping[str, Section]) -> Settings:
    deploy_config(sections)  # what Railway would refuse is refused here, with its words
    build = {key: value for key, value in sections["build"].items() if value is not None}
    deploy = {key: _value(key, value) for key, value in sections["deploy"].items() if value is not None}
    kept = {key: value for key, value in deploy.items() if _DEFAULTS.get(key, object()) != value}
    return Settings(build, _in_regions(kept))


def _value(key: str, value: object) -> object:
    """Return a value in the type that infrastructure as code takes: the docs' own quoted seconds as numbers, a list."""
    if key in _SECONDS and isinstance(value, str) and value.isdecimal():
        return int(value)
    if key == "preDeployCommand" and isinstance(value, str):
        return [value]
    return value


def _in_regions(deploy: dict[str, Any]) -> dict[str, Any]:
    """Write a region and its replicas as the one key that the live configuration has for both."""
    if "region" not in deploy:
        return deploy
    rest = {key: value for key, value in deploy.items() if key not in ("region", "numReplicas", "multiRegionConfig")}
    regions = {deploy["region"]: {"numReplicas": deploy.get("numReplicas", 1)}}
    return {**rest, "multiRegionConfig": deploy.get("multiRegionConfig", regions)}


def _refused_in_file(document: Section) -> Iterator[str]:
    yield from (key for key in document if key not in (*_KNOWN, "environments", "$schema"))
    yield from _unknown(document, "")
    for environment, block in (document.get("environments") or {}).items():
        place = f"environments.{environment}"
        if environment == "pr":  # no name that the file could know: each pull request has its own
            yield place
        else:
            yield from (f"{place}.{key}" for key in block if key not in _KNOWN)
            yield from _unknown(block, f"{place}.")


def _refused_in_live(live: Section) -> Iterator[str]:
    yield from (key for key, value in live.items() if key not in _LIVE and value)
    yield from _unknown(live, "")


def _unknown(part: Section, place: str) -> Iterator[str]:
    for section, known in _KNOWN.items():
        yield from (f"{place}{section}.{key}" for key in part.get(section) or {} if key not in known)


def _left_out(sections: Mapping[str, Section], live: Section) -> Iterator[str]:
    for key, default in _DEFAULTS.items():
        if sections["deploy"].get(key) == default:
            yield f"deploy.{key} = {default}: Railway's default, which would show up as a change in every plan"
    if live.get("configFile"):
        yield f"configFile = {live['configFile']}: clear it in the service's settings, or the plan is refused"
