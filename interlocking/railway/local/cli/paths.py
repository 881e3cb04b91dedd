"""`environment edit --service-config SERVICE PATH VALUE`, and whether a patch speaks of services that exist."""

from __future__ import annotations

from difflib import get_close_matches

from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.errors import CliError
from interlocking.railway.local.cli.target import Target
from interlocking.railway.local.entities import Json

_INTEGERS = frozenset(
    {"healthcheckTimeout", "restartPolicyMaxRetries", "numReplicas", "overlapSeconds", "drainingSeconds"}
)
_KEYS = {
    "source": {"image", "repo", "branch", "commitSha", "upstreamUrl", "rootDirectory", "checkSuites", "autoUpdates"},
    "build": {
        *("builder", "buildCommand", "buildEnvironment", "dockerfilePath", "nixpacksConfigPath", "nixpacksPlan"),
        *("nixpacksVersion", "railpackVersion", "watchPatterns"),
    },
    "deploy": {
        *("startCommand", "preDeployCommand", "preDeployTimeoutSeconds", "healthcheckPath", "restartPolicyType"),
        *("multiRegionConfig", "cronSchedule", "sleepApplication", "registryCredentials", "limitOverride"),
        *("requiredMountPath", "ipv6EgressEnabled", *_INTEGERS),
    },
}


def patch_from_flags(call: Call, target: Target) -> Json:
    """Return the patch that the flags describe.

    Raises:
        CliError: no such service or property, or a value of the wrong type.
    """
    patch: Json = {}
    values = call.arguments.all("service-config")
    for name, path, value in zip(values[::3], values[1::3], values[2::3], strict=True):
        service = target.loose(name)
        if service is None:
            raise _no_service(target, name)
        group, _, key = path.partition(".")
        _check(path, group, _KEYS)
        _check(path, key, _KEYS[group])
        wanted = patch.setdefault("services", {}).setdefault(service.id, {})
        wanted.setdefault(group, {})[key] = _typed(path, key, value)
    return patch


def check_services(target: Target, patch: Json) -> None:
    """Refuse a patch with a service that the environment does not have; ids are meant, not names.

    Raises:
        CliError: there is one.
    """
    known = {each.id for each in target.services()}
    for name in patch.get("services") or {}:
        if name not in known:
            raise _no_service(target, name)


def _no_service(target: Target, name: str) -> CliError:
    available = ", ".join(each.name for each in target.services())
    return CliError(f"Service '{name}' not found in environment. Available services: {available}")


def _check(path: str, segment: str, known: object) -> None:
    names = list(known) if isinstance(known, (set, dict)) else []
    if segment not in names:
        close = get_close_matches(segment, names, 1)
        hint = f" Did you mean '{close[0]}'?" if close else ""
        raise CliError(f"Invalid path '{path}': '{segment}' is not a valid property.{hint}")


def _typed(path: str, key: str, value: str) -> str | int:
    if key not in _INTEGERS:
        return value
    if not value.isdigit():
        raise CliError(f"Invalid value for '{path}': expected integer, got '{value}'")
    return int(value)
