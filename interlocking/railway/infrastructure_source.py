"""The text of `.railway/railway.py`. Pure.

Railway's loader calls `main` without arguments and takes nothing but JSON from stdout, so the file prints nothing,
and where environments differ it has to be told which one is meant (railwayapp/cli#1117, #1137).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from keyword import iskeyword
from typing import Any

from interlocking.railway.conversion import Settings, WantedService

ENVIRONMENT = "INTERLOCKING_RAILWAY_ENVIRONMENT"
_PARTIAL_LENGTH = 64
_INDENT = "    "
_TAKEN = {"define_railway", "github", "image", "main", "os", "preserve", "project", "service"}


def infrastructure_source(project: str, services: Sequence[WantedService], *, environment: str, origin: str) -> str:
    """Return the file.

    Args:
        project: the project's name on Railway.
        services: what it declares.
        environment: whose variables were read.
        origin: what it was made from, in words.
    """
    differing = any(service.overrides for service in services)
    parts = [_header(services, environment, origin), _imports(services, differing=differing)]
    parts.append(f'\nPARTIAL = "{partial_name(project)}"\n')
    if differing:
        first = min({name for service in services for name in service.overrides} | {environment})
        parts.append(_question(first))
    parts += [_settings_tables(service) for service in services if service.overrides]
    names = [_identifier(service.name) for service in services]
    parts.append("\n\n@define_railway\ndef main():\n")
    parts += [_service(service) for service in services]
    parts.append(f"{_INDENT}return project({_literal(project, 0)}, resources=[{', '.join(names)}])\n")
    return "".join(parts)


def partial_name(project: str) -> str:
    """Return the name under which the file owns what it declares: 1 to 64 of the characters that Railway allows."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", project)[:_PARTIAL_LENGTH].strip("-") or "interlocking"


def _header(services: Sequence[WantedService], environment: str, origin: str) -> str:
    lines = [
        f'"""The services on Railway, from {origin}.',
        "",
        "PARTIAL: what is not declared here is left alone. preserve(): the variable keeps its value on Railway;",
        "one that is not listed would be deleted.",
    ]
    if any(service.variables is not None for service in services):
        lines.append(f"The variables are those of the environment {environment}.")
    return "\n".join([*lines, '"""', "", ""])


def _imports(services: Sequence[WantedService], *, differing: bool) -> str:
    kinds = {_source_function(service.source) for service in services} - {""}
    names = sorted({"define_railway", "project", "service", *kinds})
    if any(service.variables for service in services):
        names = sorted([*names, "preserve"])
    first = "import os\n\n" if differing else ""
    return f"{first}from railway_sdk import {', '.join(names)}\n"


def _question(example: str) -> str:
    wanted = f"the environments differ, so say which one is meant: {ENVIRONMENT}={example}"
    asked = f'\nENVIRONMENT = os.environ.get("{ENVIRONMENT}", "")\nif not ENVIRONMENT:\n'
    return f"{asked}{_INDENT}raise SystemExit({_literal(wanted, 0)})\n"


def _settings_tables(service: WantedService) -> str:
    lines = [f"\n{_table(service)} = {{"]
    for environment, settings in (("", service.base), *service.overrides.items()):
        lines.append(f"{_INDENT}{_literal(environment, 0)}: {_literal(_both(settings), 1)},")
    return "\n".join([*lines, "}", ""])


def _both(settings: Settings) -> dict[str, Any]:
    parts = {"build": dict(settings.build), "deploy": dict(settings.deploy)}
    return {name: part for name, part in parts.items() if part}


def _service(service: WantedService) -> str:
    lines = [f"{_INDENT}{_identifier(service.name)} = service("]
    lines += [f"{_INDENT * 2}{part}," for part in (_literal(service.name, 0), *_arguments(service))]
    return "\n".join([*lines, f"{_INDENT})", ""])


def _arguments(service: WantedService) -> Iterator[str]:
    source = _source_function(service.source)
    if source:
        first = service.source["repo" if source == "github" else "image"]
        options = {key: value for key, value in service.source.items() if key not in ("repo", "image") and value}
        more = "".join(f", {key}={_literal(value, 2)}" for key, value in sorted(options.items()))
        yield f"source={source}({_literal(first, 0)}{more})"
    elif service.source.get("rootDirectory"):
        yield f"rootDirectory={_literal(service.source['rootDirectory'], 0)}"
    if service.overrides:
        yield f'**{_table(service)}.get(ENVIRONMENT, {_table(service)}[""])'
    else:
        yield from (f"{name}={_literal(part, 2)}" for name, part in _both(service.base).items())
    yield from (f"{name}={_literal(part, 2)}" for name, part in _kept(service.kept).items() if part)
    if service.variables:
        inner = "".join(f"\n{_INDENT * 3}{_literal(name, 0)}: preserve()," for name in service.variables)
        yield f"env={{{inner}\n{_INDENT * 2}}}"


def _kept(kept: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the live parts as arguments; the SDK takes domains and proxies by arguments of their own."""
    networking = dict(kept.get("networking", {}))
    domains, proxies = networking.pop("customDomains", {}), networking.pop("tcpProxies", {})
    return {
        "networking": networking,
        "domains": [{"domain": name, **(domain or {})} for name, domain in domains.items()],
        "tcp": [int(port) for port in proxies],
        "volumeMounts": dict(kept.get("volumeMounts", {})),
    }


def _source_function(source: Mapping[str, Any]) -> str:
    return next((function for key, function in (("repo", "github"), ("image", "image")) if source.get(key)), "")


def _literal(value: object, depth: int) -> str:
    """Return a value as Python, one key a line."""
    pad, end = _INDENT * (depth + 1), _INDENT * depth
    if isinstance(value, Mapping) and value:
        inner = [f"{pad}{_literal(key, 0)}: {_literal(each, depth + 1)}," for key, each in value.items()]
        return "\n".join(["{", *inner, f"{end}}}"])
    if isinstance(value, list):
        return f"[{', '.join(_literal(each, depth) for each in value)}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _table(service: WantedService) -> str:
    return f"{_identifier(service.name).upper()}_SETTINGS"


def _identifier(name: str) -> str:
    text = re.sub(r"\W", "_", name.lower(), flags=re.ASCII)
    usable = text.isidentifier() and not iskeyword(text) and text not in _TAKEN
    return text if usable else f"service_{text}"
