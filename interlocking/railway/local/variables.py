"""The variables of a service: references resolved, Railway's own added, sealed ones hidden from the CLI.

Pure. Source: https://docs.railway.com/variables/reference
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from interlocking.railway.local.entities import Deployment, Instance, Json
from interlocking.railway.local.state import State

_REFERENCE = re.compile(r"\$\{\{\s*(?:(?P<owner>[^}.]+?)\.)?(?P<name>[A-Za-z0-9_]+)\s*\}\}")
_DEEPEST = 10


def shown(state: State, instance: Instance) -> dict[str, str]:
    """Return what `variable list` and `run` see: everything but sealed variables."""
    return _all(state, instance, instance.configuration, _shared(state, instance), sealed=False)


def of_deployment(state: State, deployment: Deployment) -> dict[str, str]:
    """Return every variable as it was when the deployment was asked for; hosts are still Railway's private names."""
    instance = state.instance(deployment.environment, deployment.service)
    return _all(state, instance, deployment.configuration, deployment.shared_variables, sealed=True)


def inside(state: State, environment: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return variables as a process in the private network of an environment (id) can use them.

    There `NAME.railway.internal` resolves. Here libpq is told the address, and the URL keeps its private host.
    """
    databases = [each for each in state.instances.values() if each.environment == environment and each.database_url]
    address = {"PGHOSTADDR": str(databases[0].address).rpartition(":")[0]} if databases else {}
    return {**address, **values}


def private_domain(state: State, instance: Instance) -> str:
    """Return the host name of a service in the private network."""
    return state.services[instance.service].name.lower().replace(" ", "-") + ".railway.internal"


def _all(state: State, instance: Instance, configuration: Json, shared: Json, *, sealed: bool) -> dict[str, str]:
    own = {name: row for name, row in {**shared, **configuration.get("variables", {})}.items() if _has_value(row)}
    names = [name for name, row in own.items() if sealed or not row.get("isSealed")]
    values = {**_provided(state, instance), **{name: str(own[name]["value"]) for name in names}}
    return {name: _rendered(state, instance, value, _DEEPEST) for name, value in sorted(values.items())}


def _has_value(row: Json) -> bool:
    return isinstance(row, dict) and row.get("value") is not None


def _shared(state: State, instance: Instance) -> Json:
    return state.environments[instance.environment].shared_variables


def _rendered(state: State, instance: Instance, text: str, depth: int) -> str:
    def value(found: re.Match[str]) -> str:
        owner, name = found["owner"], found["name"]
        return _rendered(state, instance, _lookup(state, instance, owner, name), depth - 1) if depth else ""

    return _REFERENCE.sub(value, text)


def _lookup(state: State, instance: Instance, owner: str | None, name: str) -> str:
    """Return the raw value that a reference points to; Railway renders an unknown one as nothing."""
    if owner == "shared":
        return _value(_shared(state, instance).get(name))
    named = [each for each in state.services.values() if owner in (each.name, each.id)]
    source = instance if owner is None or not named else state.instance(instance.environment, named[0].id)
    own = _value(source.configuration.get("variables", {}).get(name))
    return own or _provided(state, source).get(name, "")


def _value(row: Json | None) -> str:
    return str(row["value"]) if row and _has_value(row) else ""


def _provided(state: State, instance: Instance) -> dict[str, str]:
    environment, service = state.environments[instance.environment], state.services[instance.service]
    domains = list(cast("Json", instance.configuration.get("networking", {})).get("serviceDomains", {}))
    values = {
        "RAILWAY_ENVIRONMENT": environment.name,
        "RAILWAY_ENVIRONMENT_ID": environment.id,
        "RAILWAY_ENVIRONMENT_NAME": environment.name,
        "RAILWAY_PRIVATE_DOMAIN": private_domain(state, instance),
        "RAILWAY_PROJECT_ID": state.project.id,
        "RAILWAY_PROJECT_NAME": state.project.name,
        "RAILWAY_SERVICE_ID": service.id,
        "RAILWAY_SERVICE_NAME": service.name,
    }
    if domains:
        values["RAILWAY_PUBLIC_DOMAIN"] = domains[0]
    return values
