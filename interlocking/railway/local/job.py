"""One deployment on its way: its settings, its folders, its containers' variables."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from interlocking.environment import child_environment
from interlocking.railway.config_file import OPT_IN_CLOSED, EnvironmentName
from interlocking.railway.deploy_config import DeployConfig, deploy_config
from interlocking.railway.effective import Effective, effective_config
from interlocking.railway.local.container import Container, Recipe
from interlocking.railway.local.entities import Deployment
from interlocking.railway.local.processes import Registry
from interlocking.railway.local.record import LogKind, Record
from interlocking.railway.local.state import State, World, new_id
from interlocking.railway.local.variables import inside, of_deployment

_LOOK_SECONDS = 0.03
_PRE_DEPLOY_PORT = 8080


class FailedError(Exception):
    """The deployment failed.

    Args:
        message: the last line of its log.
        log: which log.
    """

    def __init__(self, message: str, log: LogKind = "deploy") -> None:
        super().__init__(message)
        self.message = message
        self.log = log


@dataclass(frozen=True)
class Job:
    """What the steps of one deployment share.

    Args:
        world: where it lives.
        record: its row in the state.
        registry: the processes of the world.
        state: the whole state as it was when the deployment began.
        deployment: its row as it was then.
        config: the settings that count.
    """

    world: World
    record: Record
    registry: Registry
    state: State
    deployment: Deployment
    config: DeployConfig

    @property
    def folder(self) -> Path:
        """The deployment's own folder."""
        return self.world.folder_of(self.deployment.id)

    @property
    def root_directory(self) -> str:
        """The service's Root Directory, relative to the top of the tree; empty for the top."""
        return str(self.deployment.configuration.get("source", {}).get("rootDirectory") or "").strip("/")

    def variables(self) -> dict[str, str]:
        """Return the service's variables, as a build sees them: private hosts are only names there."""
        return of_deployment(self.state, self.deployment)

    def recipe(self, name: str, command: str, folder: Path, log: LogKind, variables: Mapping[str, str]) -> Recipe:
        """Describe a container of this deployment.

        Args:
            name: unique within the deployment.
            command: a shell line.
            folder: the top of its files.
            log: where its output goes.
            variables: those of the service, and what the platform adds.
        """
        return Recipe(
            name=f"{self.deployment.id}-{name}",
            command=command,
            folder=folder / self.root_directory,
            environment={**_base(folder), **variables},
            write=self.record.writer(log),
        )

    def run(self, recipe: Recipe, *, timeout_s: float | None = None) -> int | None:
        """Run a container to its end.

        Returns:
            Its status; None when it did not end in time.

        Raises:
            SupersededError: the deployment does not count any more; the container was killed.
        """
        began = time.monotonic()
        container = Container(recipe, self.registry)
        try:
            while (status := container.wait(_LOOK_SECONDS)) is None:
                self.record.require_current()
                if timeout_s is not None and time.monotonic() - began > timeout_s:
                    return None
            return status
        finally:
            container.kill()


def seconds(setting: int | None, variables: Mapping[str, str], name: str, default: int = 0) -> int:
    """Return a setting in seconds, else what the service's variable `name` says, else the default."""
    if setting is not None:
        return setting
    text = variables.get(name, "")
    return int(text) if text.isdecimal() else default


def effective(state: State, deployment: Deployment, tree: Path) -> Effective:
    """Resolve the settings of a new deployment on the world's date.

    Args:
        state: of the world.
        deployment: the one.
        tree: what was uploaded.

    Raises:
        UsageError: code `railway-config-rejected`.
    """
    instance = state.instance(deployment.environment, deployment.service)
    return effective_config(
        tree,
        deployment.configuration,
        environment=_environment_name(state, deployment.environment),
        today=state.now().date(),
        service_created=None if instance.reads_config_file else OPT_IN_CLOSED,
    )


def _environment_name(state: State, identity: str) -> EnvironmentName:
    environment = state.environments[identity]
    lasting = [each.name for each in state.environments.values() if not each.ephemeral]
    return EnvironmentName(environment.name, base=lasting[0] if environment.ephemeral and lasting else None)


def settled_config(deployment: Deployment) -> DeployConfig:
    """Return the settings with which a deployment was made: a restart resolves nothing anew."""
    return deploy_config(deployment.resolved)


def container_environment(
    state: State, deployment: Deployment, *, port: int = _PRE_DEPLOY_PORT, replica: str = ""
) -> dict[str, str]:
    """Return the variables of a container in the private network.

    Args:
        state: of the world.
        deployment: whose container it is.
        port: where it shall listen; the service's own `PORT` is not used, as all containers share this machine.
        replica: its id; a new one when empty.
    """
    return {
        **inside(state, deployment.environment, of_deployment(state, deployment)),
        "PORT": str(port),
        "RAILWAY_DEPLOYMENT_ID": deployment.id,
        "RAILWAY_SNAPSHOT_ID": deployment.id,
        "RAILWAY_REPLICA_ID": replica or new_id(),
        "RAILWAY_REPLICA_REGION": "local",
    }


def _base(home: Path) -> dict[str, str]:
    """Return what an image brings along: this interpreter and its packages, and nothing else of ours."""
    path = child_environment().get("PATH", "")
    return {
        "PATH": f"{Path(sys.executable).parent}:{path}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }
