"""What the platform does with one deployment, from the upload to its end. One process a deployment.

Source: https://docs.railway.com/deployments/reference
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path

from interlocking.errors import UsageError
from interlocking.railway.deploy_config import DeployConfig
from interlocking.railway.local import building, edge, job, launching
from interlocking.railway.local.building import Image
from interlocking.railway.local.job import FailedError, Job
from interlocking.railway.local.processes import Registry
from interlocking.railway.local.record import Record, SupersededError
from interlocking.railway.local.replicas import Replicas
from interlocking.railway.local.routes import Routes
from interlocking.railway.local.state import World
from interlocking.railway.local.supervision import Supervision


class Engine:
    """The supervisor of one deployment.

    Args:
        world: where it lives.
        registry: the processes of the world.
        identity: the deployment's id.
    """

    def __init__(self, world: World, registry: Registry, identity: str) -> None:
        self._world = world
        self._registry = registry
        self._record = Record(world, identity)
        self._routes = Routes(world.folder / "routes")
        self._replicas: Replicas | None = None

    def deploy(self) -> None:
        """Do all of it: build, pre-deploy, start, healthcheck, switch, and supervise to the end."""
        with self._verdict():
            work = self._job(DeployConfig())
            if work.deployment.snapshot is None:  # an image from elsewhere, such as a database: it runs already
                self._record.update("SUCCESS")
                return
            tree = Path(work.deployment.snapshot)
            work = self._resolved(work, tree)
            building.take_stock(work, tree)
            if building.is_skipped(work):
                self._record.update("SKIPPED")
                return
            self._record.update("BUILDING")
            image = building.build(work, tree)
            self._remember(image=asdict(image) | {"tree": str(image.tree)})
            self._record.update("DEPLOYING")
            building.pre_deploy(work, image)
            self._serve(work, image)

    def restart(self) -> None:
        """Start a deployment again whose processes have all ended, with the settings and the files it had."""
        with self._verdict():
            work = self._job(job.settled_config(self._record.read()))
            image = work.deployment.resolved["image"]
            self._record.update("DEPLOYING", stopped=False)
            self._serve(work, Image(Path(image["tree"]), image["start_command"]))

    def _serve(self, work: Job, image: Image) -> None:
        end = "restart"
        while end == "restart":
            self._replicas = launching.start(work, image)
            launching.become_healthy(work, self._replicas)
            supervision = Supervision(work, self._replicas)
            supervision.take_traffic()
            end = supervision.run()

    def _job(self, config: DeployConfig) -> Job:
        edge.ensure_running(self._world, self._registry)
        self._record.update(engine=os.getpid())
        state = self._record.state()
        return Job(self._world, self._record, self._registry, state, state.deployments[self._record.identity], config)

    def _resolved(self, work: Job, tree: Path) -> Job:
        found = job.effective(work.state, work.deployment, tree)
        self._remember(**found.sections, configFile={"read": found.file.read, "reason": found.file.reason})
        return replace(work, config=found.config)

    def _remember(self, **facts: object) -> None:
        """Write down how the deployment is made."""
        self._record.update(resolved={**self._record.read().resolved, **facts})

    @contextmanager
    def _verdict(self) -> Iterator[None]:
        """Turn how it went into a status; whatever happens, nothing of the deployment runs afterwards."""
        try:
            yield
        except SupersededError:
            self._routes.withdraw(self._record.identity)
            self._finish()  # whoever removed it has set the status
        except UsageError:
            self._finish("FAILED")  # rejected before there was any log
        except FailedError as error:
            self._record.writer(error.log)(error.message, "error")
            self._finish("FAILED")
        except BaseException:
            self._finish("FAILED")
            raise
        else:
            self._finish()

    def _finish(self, status: str | None = None) -> None:
        if self._replicas is not None:
            self._replicas.kill()
        with suppress(SupersededError):
            self._record.update(status, engine=None)
