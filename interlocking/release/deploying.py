"""Deploying code without migrations: what is uploaded, the verdict on its own deployment, and does it answer.

`railway up` uploads the working tree, whatever is committed, so the tree has to be the commit that it is called.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from interlocking.environment import Project
from interlocking.errors import IncompleteError, InterlockingError, RefusedError, StoppedError
from interlocking.plan import Event, Plan, Progress, Step
from interlocking.railway.answers import deploy_message
from interlocking.railway.cli import RailwayCli
from interlocking.railway.discovery import Role, Services
from interlocking.railway.health import Health, health_url, probe
from interlocking.railway.results import Service
from interlocking.railway.verdicts import Verdict
from interlocking.railway.waiting import wait_for
from interlocking.release.git import Tree
from interlocking.release.parcel import Parcel, look_into

_HEALTH_PAUSE = 0.5
_STATUS = "invoke deploy.status"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Delivery:
    """One upload that is about to happen.

    Args:
        role: which of the project's services it is for.
        service: on Railway.
        folder: what is uploaded.
        message: what the deployment is called; it names the commit.
        parcel: what the folder contains.
        remarks: what a person must know of it: temporary commands that it runs with, revisions that it lacks.
    """

    role: Role
    service: Service
    folder: Path
    message: str
    parcel: Parcel
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deployed:
    """What became of a delivery.

    Args:
        delivery: what was uploaded.
        verdict: on its own deployment.
        logs_url: where a person can watch it.
        health: the answer afterwards; None when it was not asked.
    """

    delivery: Delivery
    verdict: Verdict
    logs_url: str = ""
    health: Health | None = None

    @property
    def ok(self) -> bool:
        """Whether it is live, and answers if it was asked."""
        return self.verdict.ok and (self.health is None or self.health.ok)


def deliver_to(
    project: Project,
    cli: RailwayCli,
    services: Services,
    role: Role,
    *,
    commit: str,
    note: str = "deploy",
    remarks: tuple[str, ...] = (),
) -> Delivery:
    """Say what is uploaded for a service.

    Args:
        project: on this disk.
        cli: the environment.
        services: which service is which.
        role: the one that is meant.
        commit: what the folder holds, in full; empty when nobody knows.
        note: what the deployment is, in a few words.
        remarks: what a person must know of a deployment of the backend, each in words.

    Raises:
        UsageError: there is no such service.
        RefusedError: the folder cannot be uploaded.
    """
    service = services.of(role)
    message = deploy_message(commit, note) if commit else note
    meant = remarks if role == "backend" else ()
    folder = _folder(project, cli, service, role)
    return Delivery(role, service, folder, message, look_into(folder), meant)


def deploy_plan(
    deliveries: Iterable[Delivery], cli: RailwayCli, root: Path, *, called: str = "the working tree"
) -> Plan:
    """Return the plan of uploading `deliveries` one after the other.

    Args:
        deliveries: what is uploaded.
        cli: the environment.
        root: the folder of the project that they come from.
        called: what that folder is, in words.
    """
    return Plan("deploy", f"Railway: {place(cli)}", tuple(_steps(deliveries, root, called)))


def place(cli: RailwayCli) -> str:
    """Return `shop / production`: the project and the environment, for titles."""
    status = cli.status()
    return f"{status.name} / {status.environment.name}"


def deploy(cli: RailwayCli, delivery: Delivery, progress: Progress) -> Deployed:
    """Upload, wait for the verdict, and ask whether it answers; a bad verdict is returned, not raised.

    Args:
        cli: the environment.
        delivery: what is uploaded.
        progress: told of each step.

    Raises:
        UnavailableError: the upload was not accepted.
    """
    progress(Event("started", f"uploading {delivery.folder.name}/ to {delivery.service.name}"))
    upload = cli.up(delivery.service.id, folder=delivery.folder, message=delivery.message)
    progress(Event("note", f"deployment {upload.deployment_id} of {delivery.service.name} {upload.logs_url}".rstrip()))
    verdict = _followed(cli, delivery.service, upload.deployment_id)
    progress(Event("done" if verdict.ok else "failed", verdict.words, verdict.seconds))
    health = await_health(_address(cli, delivery), seconds=cli.settings.settle) if verdict.ok else None
    return Deployed(delivery, verdict, upload.logs_url, health)


def _followed(cli: RailwayCli, service: Service, deployment_id: str) -> Verdict:
    """Wait for the verdict; whatever breaks the waiting off, the deployment goes on, and that is said."""
    goes_on = f"deployment {deployment_id} of {service.name} goes on without us"
    try:
        return wait_for(cli, service.id, deployment_id)
    except StoppedError as error:
        raise StoppedError(error.signal_number, why=goes_on, next=_STATUS) from error
    except InterlockingError as error:
        raise IncompleteError(error.message, code=error.code, why=f"{goes_on}\n{error.why}", next=_STATUS) from error


def await_health(url: str, *, seconds: float) -> Health | None:
    """Ask until it answers 200; the edge needs a moment to send traffic to a new deployment.

    Args:
        url: what is asked; empty: nothing.
        seconds: how long it is asked.

    Returns:
        The last answer; None when there is nothing to ask.
    """
    if not url:
        return None
    begun = time.monotonic()
    while not (health := probe(url)).ok and time.monotonic() - begun < seconds:
        time.sleep(_HEALTH_PAUSE)
    return health


def require_clean(tree: Tree, *, allowed: Collection[str] = ()) -> None:
    """Refuse to upload what no commit holds.

    Args:
        tree: what git says; without git nothing can be said.
        allowed: files that may differ, because the suite itself changed them.

    Raises:
        RefusedError: something else differs; nothing was uploaded.
    """
    changed = [name for name in tree.changed if name not in allowed]
    if changed:
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        raise RefusedError(
            f"the working tree differs from its commit: {', '.join(changed[:_SHOWN])}{more}",
            code="tree-not-clean",
            why="the tree is uploaded as it is, so what runs would be no commit that anybody could go back to",
            next="git commit, or git stash --include-untracked",
        )


def _folder(project: Project, cli: RailwayCli, service: Service, role: Role) -> Path:
    """Return the frontend's own folder, unless the service takes its folder out of the whole tree by itself."""
    if role == "backend" or not project.settings.frontend or _picks_its_folder(cli, service):
        return project.root
    return project.root / project.settings.frontend


def _picks_its_folder(cli: RailwayCli, service: Service) -> bool:
    configuration = cli.configuration().get(service.id)
    return bool(configuration and configuration.root_directory.strip("/"))


def _steps(deliveries: Iterable[Delivery], root: Path, called: str) -> Iterable[Step]:
    for delivery in deliveries:
        service = delivery.service
        folder = called if delivery.folder == root else f"{delivery.folder.name}/ of {called}"
        undo = f"invoke deploy.rollback --service {service.name}" if service.deployment_id else ""
        detail = "\n".join((delivery.message, delivery.parcel.words, *delivery.remarks))
        yield Step(f"upload {folder} to {service.name}, and wait for its verdict", detail, undo)


def _address(cli: RailwayCli, delivery: Delivery) -> str:
    """Return what is asked after a deployment: the backend's health, the frontend's front page."""
    return health_url(cli, delivery.service) if delivery.role == "backend" else delivery.service.url
