"""Watching an environment for a while after a change: does it answer, and what does it log."""

from __future__ import annotations

import time
from dataclasses import dataclass

from interlocking.plan import Event, Progress
from interlocking.railway.cli import RailwayCli
from interlocking.railway.health import Health, probe
from interlocking.railway.results import LogLine

_PROBE_SECONDS = 1.0
_TROUBLE = (
    "Traceback (most recent call last)",
    "Error: ",
    "CRITICAL",
    "[ERROR]",
    "ProgrammingError",
    "OperationalError",
)


@dataclass(frozen=True, slots=True)
class Watched:
    """What was seen while watching.

    Args:
        seconds: how long.
        probes: how often the health was asked.
        failures: what was answered instead of 200, each with its count.
        slowest: the longest answer, in seconds.
        trouble: lines of the log that look like an error; Railway labels everything on stderr an error, so the
            label alone does not count.
    """

    seconds: float
    probes: int
    failures: dict[str, int]
    slowest: float
    trouble: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every answer was 200."""
        return not self.failures


def watch(
    cli: RailwayCli, *, service: str, deployment_id: str, health_url: str, seconds: float, progress: Progress
) -> Watched:
    """Ask for the health every second, and read the log of one deployment at the end.

    Args:
        cli: reads the log.
        service: the backend.
        deployment_id: of the deployment that serves; empty reads no log.
        health_url: what must answer 200; empty asks nothing.
        seconds: how long.
        progress: is told every answer that is not 200.
    """
    began, failures, probes, slowest = time.monotonic(), dict[str, int](), 0, 0.0
    while time.monotonic() - began < seconds:
        if health_url:
            answer = probe(health_url)
            probes, slowest = probes + 1, max(slowest, answer.seconds)
            _count(answer, failures, progress)
        time.sleep(min(_PROBE_SECONDS, max(0.0, seconds - (time.monotonic() - began))))
    since = f"{max(1, round(time.monotonic() - began))}s"
    lines = cli.logs(service, deployment_id, since=since) if deployment_id else ()
    return Watched(time.monotonic() - began, probes, failures, slowest, _trouble(lines))


def _count(answer: Health, failures: dict[str, int], progress: Progress) -> None:
    if answer.ok:
        return
    said = answer.error or f"status {answer.status}"
    if said not in failures:
        progress(Event("failed", f"{answer.url} answers {said}"))
    failures[said] = failures.get(said, 0) + 1


def _trouble(lines: tuple[LogLine, ...]) -> tuple[str, ...]:
    return tuple(line.message for line in lines if any(word in line.message for word in _TROUBLE))
