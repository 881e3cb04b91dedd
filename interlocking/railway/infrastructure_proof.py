"""Proof of a `.railway/railway.py`: evaluated as Railway's loader does it, and compared with what was wanted."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from interlocking.environment import child_environment
from interlocking.errors import UnavailableError, UsageError
from interlocking.process import run
from interlocking.railway.conversion import WantedService
from interlocking.railway.infrastructure_source import ENVIRONMENT, partial_name

_SECONDS = 60.0
_MISSING_SDK = "No module named 'railway_sdk'"
# What the CLI does (its source, 5.43.1): the module under this name, `main` without arguments, one JSON object.
_LOADER = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("railway_iac_user", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(json.dumps({"partial": module.PARTIAL, "project": module.main().to_graph()}))
"""


def prove(source: str, project: str, services: Sequence[WantedService], environments: Sequence[str]) -> None:
    """Evaluate a file in a child Python, for each environment, and demand that it says all that was wanted.

    Args:
        source: the file's text.
        project: the project's name.
        services: what it shall declare.
        environments: each is told to the file.

    Raises:
        UnavailableError: code `railway-sdk-missing`.
        UsageError: code `railway-config-unequal`: it says something else, or cannot be evaluated; nothing was written.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "railway.py"
        path.write_text(source, encoding="utf-8")
        for environment in environments:
            found = _evaluate(path, environment)
            if found != _wanted(project, services, environment):
                raise _unequal(environment, "\n".join(_differences(found, _wanted(project, services, environment))))


def _evaluate(path: Path, environment: str) -> Mapping[str, Any]:
    argv = [sys.executable, "-c", _LOADER, str(path)]
    env = child_environment({ENVIRONMENT: environment, "PYTHONPATH": None})
    ended = run(argv, cwd=path.parent, env=env, check=False, timeout=_SECONDS)
    if _MISSING_SDK in ended.stderr:
        raise UnavailableError(
            "the package railway-sdk is not installed, so the file cannot be evaluated",
            code="railway-sdk-missing",
            why="Railway's CLI evaluates it with the python3 on PATH, which needs the package too",
            next="pip install railway-sdk",
        )
    try:
        found: Mapping[str, Any] = json.loads(ended.stdout)
    except ValueError:
        raise _unequal(environment, ended.stderr.strip()) from None
    return found


def _wanted(project: str, services: Sequence[WantedService], environment: str) -> dict[str, Any]:
    resources = [_node(service, environment) for service in services]
    return {"partial": partial_name(project), "project": {"name": project, "resources": resources}}


def _node(service: WantedService, environment: str) -> dict[str, Any]:
    """Return a service of the graph, with Railway's keys, written down without the SDK."""
    settings = service.settings(environment)
    source, kind = _source(service.source)
    node: dict[str, Any] = {
        "address": f"service.{service.name}",
        "type": "service",
        "kind": kind,
        "name": service.name,
        "source": source,
        "build": dict(settings.build),
        "deploy": dict(settings.deploy),
        **service.kept,
        "variables": {name: {"type": "preserve"} for name in service.variables or ()},
    }
    return {key: value for key, value in node.items() if value}


def _source(source: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    given = {key: value for key, value in source.items() if value}
    if "repo" in given:
        return {"type": "github", "branch": "main", **given}, "github"
    if "image" in given:
        return {"type": "image", **given}, "docker-image"
    return ({"type": "empty", "rootDirectory": given["rootDirectory"]} if "rootDirectory" in given else {}), "empty"


def _differences(found: object, wanted: object, place: str = "") -> Iterator[str]:
    if isinstance(found, dict) and isinstance(wanted, dict):
        for key in sorted({*found, *wanted}, key=str):
            yield from _differences(found.get(key), wanted.get(key), f"{place}.{key}" if place else str(key))
    elif isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        for index, pair in enumerate(zip(found, wanted, strict=True)):
            yield from _differences(*pair, f"{place}[{index}]")
    elif found != wanted:
        yield f"{place}: {found!r} instead of {wanted!r}"


def _unequal(environment: str, why: str) -> UsageError:
    return UsageError(
        f"the converted file does not say the same for {environment}; nothing was written",
        code="railway-config-unequal",
        why=why,
        next="take the key that is named out of railway.toml, or set it in Railway's dashboard",
    )
