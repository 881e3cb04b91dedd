"""What `config plan` finds between a file and an environment. Pure.

Source: https://docs.railway.com/infrastructure-as-code and the CLI of August 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interlocking.railway.local.entities import Environment, Instance, Json
from interlocking.railway.local.state import State

_DEFAULTS = {"restartPolicyType": "ON_FAILURE", "restartPolicyMaxRetries": 10}  # stored as null: drift without end


@dataclass(frozen=True)
class Desired:
    """What the file wants.

    Args:
        file: where it is.
        partial: its name when it owns only what it declares.
        project: the project's name.
        resources: normalised, by address.
    """

    file: Path
    partial: str | None
    project: str
    resources: Mapping[str, Json]


@dataclass(frozen=True)
class Change:
    """One change.

    Args:
        kind: `resource.create|update|delete`, `variable.set|delete`.
        address: of the resource.
        summary: in the CLI's words.
        destructive: whether it needs `--confirm-destructive`.
        details: lines beneath it; values of variables are hidden.
        patch: what committing it merges into the service's configuration.
    """

    kind: str
    address: str
    summary: str
    destructive: bool = False
    details: tuple[str, ...] = ()
    patch: Json = field(default_factory=dict)

    def document(self) -> Json:
        """Return it as `changeSet.changes` shows it."""
        severity = "destructive" if self.destructive else "safe"
        details = list(self.details) or None
        return {"summary": self.summary, "severity": severity, "kind": self.kind, "details": details}


@dataclass(frozen=True)
class Difference:
    """All changes, and what speaks against them."""

    changes: tuple[Change, ...]
    diagnostics: tuple[Json, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is an error."""
        return not any(each["severity"] == "error" for each in self.diagnostics)


def compare(state: State, environment: Environment, desired: Desired) -> Difference:
    """Compare a file with an environment."""
    live = live_instances(state, environment)
    return Difference(tuple(_changes(environment, live, desired)), tuple(_diagnostics(environment, live, desired)))


def live_instances(state: State, environment: Environment) -> dict[str, Instance]:
    """Return the services of an environment by their address."""
    here = [each for each in state.instances.values() if each.environment == environment.id]
    return {address_of(state, each): each for each in here}


def address_of(state: State, instance: Instance) -> str:
    """Return the address of a live service: `service.web`, `database.Postgres`."""
    service = state.services[instance.service]
    return f"{'database' if service.kind == 'postgres' else 'service'}.{service.name}"


def live_graph(state: State, environment: Environment) -> Json:
    """Return the graph of an environment; it holds the variables' values."""
    resources = []
    for address, each in live_instances(state, environment).items():
        kind, _, name = address.partition(".")
        resources.append({"address": address, "type": kind, "name": name, **_graph_part(each.configuration)})
    return {"project": {"name": state.project.name}, "resources": resources}


def _graph_part(configuration: Json) -> Json:
    variables = {
        name: {"type": "literal", "value": row.get("value")} for name, row in configuration.get("variables", {}).items()
    }
    return {
        "engine": None,
        "variables": variables,
        "source": configuration.get("source") or None,
        "build": configuration.get("build") or {},
        "deploy": configuration.get("deploy") or {},
        "networking": configuration.get("networking") or {},
        "volumeAttachments": configuration.get("volumeMounts") or {},
        "config": {},
        "groupId": None,
    }


def _diagnostics(environment: Environment, live: Mapping[str, Instance], desired: Desired) -> Iterator[Json]:
    if environment.partials and desired.partial is None:
        yield _error("", "This environment already has named IaC partials. Add a PARTIAL export to this file.")
    for address, resource in desired.resources.items():
        owner = next((name for name, owned in environment.partials.items() if address in owned), None)
        if owner not in (None, desired.partial):
            text = f'Cannot manage service "{resource["name"]}": already managed by partial "{owner}".'
            yield _error(address, text)
        configuration = live[address].configuration if address in live else {}
        yield from (_error(address, text) for text in _objections(resource, configuration))
    for address in _unlisted(environment, live, desired):
        if live[address].volume:
            text = "Volumes are never deleted by Railway configuration."
            yield {"severity": "warning", "path": address, "message": text}


def _objections(resource: Json, live: Json) -> Iterator[str]:
    """Yield what forbids managing a resource: a config file that already does, a domain that is new."""
    if file := live.get("configFile"):
        yield (
            f"{resource['name']} is already managed by {file}. Remove or migrate the repo config before managing this "
            "service from .railway/railway.ts."
        )
    registered = (live.get("networking") or {}).get("customDomains") or {}
    for domain in (resource.get("networking") or {}).get("customDomains") or {}:
        if domain not in registered:
            yield (
                "Custom-domain registration is not supported by Railway configuration. "
                f"Add {domain} in the dashboard, then run railway config pull."
            )


def _error(path: str, message: str) -> Json:
    return {"severity": "error", "path": path, "message": message}


def _unlisted(environment: Environment, live: Mapping[str, Instance], desired: Desired) -> list[str]:
    """Return the live resources that the file would delete: omission is deletion, unless it is a partial."""
    missing = [each for each in live if each not in desired.resources]
    if desired.partial is None:
        return missing
    return [each for each in missing if each in environment.partials.get(desired.partial, [])]


def _changes(environment: Environment, live: Mapping[str, Instance], desired: Desired) -> Iterator[Change]:
    for address, resource in desired.resources.items():
        instance = live.get(address)
        if instance is None:
            patch = {**_settings(resource), "variables": _literals(resource)}
            yield Change("resource.create", address, f"Create {resource['type']} {resource['name']}", patch=patch)
        elif resource["type"] == "service":
            yield from _updates(address, resource, instance.configuration)
    for address in _unlisted(environment, live, desired):
        kind, _, name = address.partition(".")
        yield Change("resource.delete", address, f"Delete {kind} {name}", destructive=True)


def _settings(resource: Json) -> Json:
    return {group: dict(resource.get(group) or {}) for group in ("build", "deploy")}


def _literals(resource: Json) -> Json:
    rows = {name: _wanted_value(row) for name, row in (resource.get("variables") or {}).items()}
    return {name: {"value": value} for name, value in rows.items() if value is not None}


def _wanted_value(row: Any) -> str | None:  # noqa: ANN401 - JSON
    """Return the text a declared variable shall have; None when the live one is kept."""
    if isinstance(row, str):
        return row
    if row.get("type") == "reference":
        owner = str(row["resource"]).partition(".")[2]
        return f"${{{{{owner}.{row['output']}}}}}"
    return None if row.get("type") == "preserve" else str(row.get("value"))


def _updates(address: str, resource: Json, live: Json) -> Iterator[Change]:
    name = resource["name"]
    fields = [*_fields("build", resource, live), *_fields("deploy", resource, live), *_source_fields(resource, live)]
    if fields:
        patch: Json = {}
        for path, _old, new in fields:
            group, _, key = path.partition(".")
            patch.setdefault(group, {})[key] = new
        paths = [path for path, _old, _new in fields]
        more = f" and {len(paths) - 2} more" if len(paths) > 2 else ""  # noqa: PLR2004 - as many as the CLI names
        details = tuple(f"{path} ({old!r} → {new!r})" for path, old, new in fields)
        summary = f"Update {name} {', '.join(paths[:2])}{more}"
        yield Change("resource.update", address, summary, details=details, patch=patch)
    yield from _variable_changes(address, resource, live.get("variables") or {})


def _fields(group: str, resource: Json, live: Json) -> list[tuple[str, Any, Any]]:
    """Return (path, live value, wanted value) of each setting that differs; an omitted one is taken back."""
    wanted, has = resource.get(group) or {}, live.get(group) or {}
    found = []
    for key in sorted({*wanted, *has}):
        old, new = _stored(key, has.get(key)), wanted.get(key)
        if _comparable(key, old) != _comparable(key, new):
            found.append((f"{group}.{key}", old, new))
    return found


def _stored(key: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    return None if key in _DEFAULTS and value == _DEFAULTS[key] else value


def _comparable(key: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    if key == "preDeployCommand" and isinstance(value, str):
        return [value]
    return None if (key, value) in (("builder", "RAILPACK"), ("numReplicas", 1)) or value in ([], {}) else value


def _source_fields(resource: Json, live: Json) -> list[tuple[str, Any, Any]]:
    wanted, has = dict(resource.get("source") or {}), live.get("source") or {}
    if wanted.pop("type", "empty") == "empty":
        wanted = {key: value for key, value in wanted.items() if key == "rootDirectory"}
    return [(f"source.{key}", has.get(key), value) for key, value in wanted.items() if has.get(key) != value]


def _variable_changes(address: str, resource: Json, live: Json) -> Iterator[Change]:
    name, wanted = resource["name"], resource.get("variables") or {}
    for key, row in wanted.items():
        value = _wanted_value(row)
        if value is None or (live.get(key) or {}).get("value") == value:
            continue
        verb = "Update" if key in live else "Set"
        details = (f"{name}.{key} («hidden» → «hidden»)",)
        patch = {"variables": {key: {"value": value}}}
        yield Change("variable.set", address, f"{verb} variable {name}.{key}", details=details, patch=patch)
    for key in live:
        if key not in wanted:
            gone: Json = {"variables": {key: None}}
            yield Change("variable.delete", address, f"Delete variable {name}.{key}", destructive=True, patch=gone)
