"""From an image to a deployment that may have the traffic: replicas and their healthcheck.

Source: https://docs.railway.com/deployments/healthchecks
"""

from __future__ import annotations

import time

from interlocking.railway.local.building import Image
from interlocking.railway.local.container import Container
from interlocking.railway.local.healthcheck import problem_of
from interlocking.railway.local.images import copy
from interlocking.railway.local.job import FailedError, Job, container_environment, seconds
from interlocking.railway.local.ports import free_port
from interlocking.railway.local.replicas import Replicas
from interlocking.railway.local.state import new_id

_WINDOW = "RAILWAY_HEALTHCHECK_TIMEOUT_SEC"
_HEALTHCHECK_SECONDS = 300
_PROBE_SECONDS = 5.0
_POLL_SECONDS = 0.03


def start(job: Job, image: Image) -> Replicas:
    """Start all replicas, each with its own files and its own port."""

    def start_one(identity: str, port: int) -> Container:
        folder = job.folder / f"replica-{numbers[identity]}"
        variables = container_environment(job.state, job.deployment, port=port, replica=identity)
        recipe = job.recipe(f"replica-{numbers[identity]}", image.start_command, folder, "deploy", variables)
        return Container(recipe, job.registry)

    numbers = {new_id(): number for number in range(job.config.replicas)}
    replicas = Replicas(start_one, job.config.restart_policy, job.config.restart_max_retries)
    for identity, number in numbers.items():
        copy(image.tree, job.folder / f"replica-{number}")
        replicas.add(identity, free_port())
    return replicas


def become_healthy(job: Job, replicas: Replicas) -> None:
    """Wait until every replica has answered the healthcheck with 200; without a path a start is enough.

    Raises:
        FailedError: they did not in time, or none of them runs any more.
        SupersededError: the deployment does not count any more.
    """
    path = job.config.healthcheck_path
    if path is None:
        return
    window = seconds(job.config.healthcheck_timeout_s, job.variables(), _WINDOW, _HEALTHCHECK_SECONDS)
    write = job.record.writer("build")
    write(f"Starting Healthcheck. Path: {path}. Retry window: {window}s", "info")
    deadline = time.monotonic() + window
    said = ""
    while problem := _problem(replicas, path, timeout=min(_PROBE_SECONDS, window)):
        job.record.require_current()
        left = 0 if replicas.ended else deadline - time.monotonic()
        if problem != said:
            write(f"Attempt failed with {problem}. Continuing to retry for {max(left, 0):.0f}s", "info")
            said = problem
        if left <= 0:
            write(f"{len(replicas.all)} replicas never became healthy!", "error")
            raise FailedError("Healthcheck failed!", "build")
        time.sleep(_POLL_SECONDS)
    write("Healthcheck succeeded!", "info")


def _problem(replicas: Replicas, path: str, *, timeout: float) -> str:
    replicas.look()
    if len(replicas.ports) < len(replicas.all):
        return "service unavailable"
    problems = (problem_of(port, path, timeout=timeout) for port in replicas.ports)
    return next((problem for problem in problems if problem), "")
