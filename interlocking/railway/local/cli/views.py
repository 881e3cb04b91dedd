"""Deployments and services in the shapes of the API. Pure."""

from __future__ import annotations

from interlocking.railway.local import history
from interlocking.railway.local.entities import Deployment, Environment, Instance, Json, Service
from interlocking.railway.local.state import State

KNOWN_STATUSES = frozenset(
    {
        *("INITIALIZING", "QUEUED", "WAITING", "NEEDS_APPROVAL", "BUILDING", "DEPLOYING"),
        *("SUCCESS", "SLEEPING", "FAILED", "CRASHED", "SKIPPED", "REMOVING", "REMOVED"),
    }
)


def status_text(status: str) -> str:
    """Return a status as the CLI prints it: one that it does not know is wrapped."""
    return status if status in KNOWN_STATUSES else f'Other("{status}")'


def edges(nodes: list[Json]) -> Json:
    """Return a GraphQL connection."""
    return {"edges": [{"node": each} for each in nodes]}


def project_document(state: State, environments: list[Environment]) -> Json:
    """Return the raw project object of `status --json`."""
    project = state.project
    return {
        "id": project.id,
        "name": project.name,
        "workspaceId": project.workspace_id,
        "deletedAt": None,
        "workspace": {"name": project.workspace},
        "buckets": edges([]),
        "services": edges([{"id": each.id, "name": each.name} for each in state.services.values()]),
        "environments": edges([_environment_node(state, each) for each in environments]),
    }


def service_row(state: State, instance: Instance, *, linked: bool) -> Json:
    """Return one element of `service list --json`."""
    service = state.services[instance.service]
    live = history.settled(state, instance.environment, service.id)
    newest = history.latest(state, instance.environment, service.id)
    source = instance.configuration.get("source") or {}
    return {
        "id": service.id,
        "name": service.name,
        "isLinked": linked,
        "source": _source(source),
        "status": status_text(live.status) if live else None,
        "deploymentStopped": bool(live and live.stopped),
        "deploymentId": live.id if live else None,
        "latestDeployment": _brief(newest) if newest else None,
        "url": url(instance),
        "volumes": [_volume(instance.volume)] if instance.volume else [],
        "regions": [{"name": "us-west2", "location": "US West", "configured": replicas(instance)}],
        "replicas": _replica_counts(live, instance) if live else None,
        "volumeMigrating": False,
    }


def domains(instance: Instance) -> list[str]:
    """Return the railway domains of a service."""
    return list((instance.configuration.get("networking") or {}).get("serviceDomains") or {})


def url(instance: Instance) -> str | None:
    """Return where a service is reached from outside; a loopback domain speaks plain http."""
    first = next(iter(domains(instance)), None)
    if first is None:
        return None
    return f"{'http' if first.startswith('127.0.0.1:') else 'https'}://{first}"


def replicas(instance: Instance) -> int:
    """Return how many replicas are configured."""
    deploy = instance.configuration.get("deploy") or {}
    regions = deploy.get("multiRegionConfig") or {}
    return sum(each.get("numReplicas") or 1 for each in regions.values()) or deploy.get("numReplicas") or 1


def _environment_node(state: State, environment: Environment) -> Json:
    here = [each for each in state.instances.values() if each.environment == environment.id]
    return {
        "id": environment.id,
        "name": environment.name,
        "canAccess": not environment.restricted,
        "deletedAt": None,
        "unmergedChangesCount": len(environment.staged),
        "serviceInstances": edges([_instance_node(state, each) for each in here]),
        "volumeInstances": edges([_volume_node(each) for each in here if each.volume]),
    }


def _instance_node(state: State, instance: Instance) -> Json:
    deploy = instance.configuration.get("deploy") or {}
    newest = history.latest(state, instance.environment, instance.service)
    live = history.serving(state, instance.environment, instance.service)
    return {
        "id": instance.id,
        "serviceId": instance.service,
        "serviceName": state.services[instance.service].name,
        "environmentId": instance.environment,
        "numReplicas": replicas(instance),
        "startCommand": deploy.get("startCommand"),
        "cronSchedule": deploy.get("cronSchedule"),
        "nextCronRunAt": None,
        "source": _source(instance.configuration.get("source") or {}),
        "domains": {f"{kind}Domains": _domain_rows(instance, kind) for kind in ("service", "custom")},
        "latestDeployment": {**_node(newest), "canRedeploy": newest.can_redeploy} if newest else None,
        "activeDeployments": [_node(live)] if live else [],
    }


def domain_id(instance: Instance, domain: str) -> str:
    """Return a stable id for a domain of a service."""
    return f"dm-{instance.id[:8]}-{domain}"


def _domain_rows(instance: Instance, kind: str) -> list[Json]:
    rows = (instance.configuration.get("networking") or {}).get(f"{kind}Domains") or {}
    return [
        {"id": domain_id(instance, name), "domain": name, "targetPort": row.get("port")} for name, row in rows.items()
    ]


def _node(deployment: Deployment) -> Json:
    states = [{"id": each["id"], "status": each["status"]} for each in deployment.replicas]
    return {
        "id": deployment.id,
        "status": deployment.status,
        "createdAt": deployment.created,
        "deploymentStopped": deployment.stopped,
        "meta": deployment.meta,
        "instances": states,
    }


def _brief(deployment: Deployment) -> Json:
    return {
        "id": deployment.id,
        "status": status_text(deployment.status),
        "createdAt": deployment.created,
        "deploymentStopped": deployment.stopped,
    }


def _source(source: Json) -> Json | None:
    if not source.get("repo") and not source.get("image"):
        return None
    return {"repo": source.get("repo"), "image": source.get("image")}


def _volume(volume: Json) -> Json:
    return {
        "name": volume["name"],
        "mountPath": volume["mountPath"],
        "currentSizeMb": volume["currentSizeMB"],
        "sizeMb": volume["sizeMB"],
        "state": volume["state"],
    }


def _volume_node(instance: Instance) -> Json:
    volume = instance.volume or {}
    return {
        "id": volume["instance"],
        "serviceId": instance.service,
        "environmentId": instance.environment,
        "mountPath": volume["mountPath"],
        "sizeMB": volume["sizeMB"],
        "currentSizeMB": volume["currentSizeMB"],
        "state": volume["state"],
        "deletedAt": None,
        "isPendingDeletion": False,
        "volume": {"id": volume["id"], "name": volume["name"]},
    }


def _replica_counts(deployment: Deployment, instance: Instance) -> Json:
    states = [each["status"] for each in deployment.replicas]
    return {
        "configured": replicas(instance),
        "running": states.count("RUNNING"),
        "crashed": states.count("CRASHED"),
        "exited": states.count("EXITED"),
        "total": len(states),
    }


def service_status(state: State, service: Service, environment: Environment) -> Json:
    """Return the object of `service status --json`: the latest deployment, not the one that serves."""
    newest = history.latest(state, environment.id, service.id)
    return {
        "id": service.id,
        "name": service.name,
        "deploymentId": newest.id if newest else None,
        "status": status_text(newest.status) if newest else None,
        "stopped": bool(newest and newest.stopped),
    }
