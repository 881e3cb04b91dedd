"""A deployment that has the traffic: restarts, replacement, and its orderly end.

Source: https://docs.railway.com/deployments/deployment-teardown
"""

from __future__ import annotations

import time
from typing import Literal

from interlocking.railway.local import edge
from interlocking.railway.local.entities import SETTLED, Deployment, Instance, Json
from interlocking.railway.local.job import Job, seconds, settled_config
from interlocking.railway.local.replicas import Replica, Replicas
from interlocking.railway.local.requests import Requests
from interlocking.railway.local.routes import Routes
from interlocking.railway.local.state import State
from interlocking.railway.local.variables import of_deployment

End = Literal["removed", "crashed", "completed", "restart"]
_LOOK_SECONDS = 0.03
_OVERLAP = "RAILWAY_DEPLOYMENT_OVERLAP_SECONDS"
_DRAINING = "RAILWAY_DEPLOYMENT_DRAINING_SECONDS"


class Supervision:
    """The time after the healthcheck.

    Args:
        job: the deployment.
        replicas: its processes, all of them healthy.
    """

    def __init__(self, job: Job, replicas: Replicas) -> None:
        self._job = job
        self._record = job.record
        self._replicas = replicas
        self._routes = Routes(job.world.folder / "routes")
        self._requests = Requests(job.folder)
        self._instance: Instance = job.state.instance(job.deployment.environment, job.deployment.service)

    def take_traffic(self) -> None:
        """Switch the traffic to this deployment: from now on it is a success.

        Raises:
            SupersededError: it does not count any more.
        """
        edge.wait_until_ready(self._routes, self._instance)
        with self._job.world.change() as state:
            self._record.change(state, "SUCCESS", replicas=self._rows())
            self._routes.switch(self._instance.id, self._job.deployment.id, self._replicas.ports)
            self._bury(state)

    def run(self) -> End:
        """Look after the replicas until their end, and return what kind of end it was."""
        while True:
            request = self._requests.take()
            if request == "restart":
                return self._pause()
            if request == "remove":
                return self._remove()
            successor = self._record.successor() if self._record.has_news() else None
            if successor is not None:
                self._overlap(successor)
                return self._remove()
            self._look()
            if self._replicas.ended:
                return self._over()
            time.sleep(_LOOK_SECONDS)

    def _bury(self, state: State) -> None:
        """Mark former deployments that nobody supervises any more: a living engine does it itself."""
        mine, registry = self._job.deployment, self._job.registry
        for each in state.deployments_of(mine.environment, mine.service):
            if each.id != mine.id and each.status in SETTLED and not registry.is_living(engine_name(each.id)):
                registry.kill(each.id)
                each.status = "REMOVED"

    def _over(self) -> End:
        """All replicas have ended by themselves."""
        if self._replicas.crashed:
            self._record.update("CRASHED")
            return "crashed"
        self._record.update(stopped=True)
        return "completed"

    def _look(self) -> None:
        if self._replicas.look():
            self._routes.update(self._instance.id, self._job.deployment.id, self._replicas.ports)
            self._record.update(replicas=self._rows())

    def _overlap(self, successor: Deployment) -> None:
        """Run on beside the successor for as long as its settings say."""
        variables = of_deployment(self._record.state(), successor)
        deadline = time.monotonic() + seconds(settled_config(successor).overlap_s, variables, _OVERLAP)
        while time.monotonic() < deadline and self._requests.take() != "remove":
            self._look()
            time.sleep(_LOOK_SECONDS)

    def _remove(self) -> End:
        self._record.update("REMOVING")
        self._routes.withdraw(self._job.deployment.id)
        self._drain()
        self._record.update("REMOVED", replicas=self._rows())
        return "removed"

    def _pause(self) -> End:
        self._record.update("DEPLOYING")
        self._routes.update(self._instance.id, self._job.deployment.id, ())
        self._drain()
        return "restart"

    def _drain(self) -> None:
        self._replicas.end(seconds(self._job.config.draining_s, self._job.variables(), _DRAINING))

    def _rows(self) -> list[Json]:
        return [_row(each) for each in self._replicas.all]


def engine_name(deployment: str) -> str:
    """Return the name under which the engine of a deployment is registered."""
    return f"engine-{deployment}"


def _row(replica: Replica) -> Json:
    return {"id": replica.id, "pid": replica.container.pid, "port": replica.port, "status": replica.status}
