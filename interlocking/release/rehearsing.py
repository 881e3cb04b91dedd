"""A whole release, rehearsed: Local Railway, the embedded PostgreSQL, real processes, steady traffic.

The release before serves; then `deploy.with-migrations` runs as it would against the real platform, with the
stand-in `railway` first on PATH.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from interlocking.environment import Project, child_environment, load_project
from interlocking.errors import InterlockingError, UnavailableError
from interlocking.plan import Event, Progress, silent
from interlocking.postgres.url import DatabaseUrl
from interlocking.process import PIPE, spawn
from interlocking.railway.local import deployments
from interlocking.railway.local.creation import PROJECT_TOKEN, install
from interlocking.railway.local.platform import stop
from interlocking.railway.settings import railway_settings
from interlocking.release.rehearsal_platform import (
    backend_of,
    come_to_today,
    make_platform,
    production_database,
    traffic_urls,
)
from interlocking.release.staging import Previous, stage_previous, stage_release
from interlocking.release.traffic import Share, Traffic, steady_traffic
from interlocking.revisions.graph import Graph
from interlocking.upgrade.running.runner import Alembic
from interlocking.upgrade.status import load_graph

_DEADLINE_SECONDS = 180.0
_LOOK_SECONDS = 0.05
_BEFORE, _AFTER = "check and plan", "after the release"
_SETTLED = ("SUCCESS", "FAILED", "CRASHED", "SKIPPED", "REMOVED")
_QUICK = {
    "INTERLOCKING_RAILWAY_POLL": "200ms",
    "INTERLOCKING_RAILWAY_SETTLE": "1s",
    "INTERLOCKING_RAILWAY_DEADLINE": "3min",
    "INTERLOCKING_RAILWAY_PROJECT": "",
    "INTERLOCKING_RAILWAY_HEALTH_URL": "",
    "INTERLOCKING_RAILWAY_ENVIRONMENT": None,
}


# A step's line, as the console tells it: `ok    put the original command back  0.05 s`.
_STEP = re.compile(r"ok\s+(?P<title>.+?)(?: [0-9a-f-]{36})?\s{2}(?P<seconds>\d+\.\d+) s$")


@dataclass(frozen=True, slots=True)
class _Done:
    """A step that the release has told.

    Args:
        title: its words.
        ended: when, on the monotonic clock.
        seconds: how long it took.
    """

    title: str
    ended: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a rehearsal found.

    Args:
        previous: the release that served before, in words.
        applied: the revisions that the release applied.
        shares: what the clients met, step by step.
        total: what they met altogether.
        exit_code: of `deploy.with-migrations`.
        result: its JSON.
        story: what it said.
        seconds: that it took.
        folder: where everything is kept; None when it was removed.
    """

    previous: str
    applied: tuple[str, ...]
    shares: tuple[Share, ...]
    total: Share
    exit_code: int
    result: Mapping[str, Any]
    story: tuple[str, ...]
    seconds: float
    folder: Path | None = None

    @property
    def ok(self) -> bool:
        """Whether the release succeeded and no client noticed it."""
        return self.exit_code == 0 and not self.total.failures


def rehearse(project: Project, progress: Progress, *, deployed: str = "", keep: bool = False) -> Rehearsed:
    """Rehearse the release of a project's tree as it is.

    Args:
        project: what is released; neither its files nor its database are touched.
        progress: is told each step.
        deployed: the commit that is deployed, if that is known.
        keep: leave trees, logs and the state of Local Railway where they are.

    Raises:
        UnavailableError: the release before cannot be made to serve.
        UsageError: there is nothing to release.
    """
    with _workshop(project, keep=keep) as folder, production_database(project) as url:
        stage = _Stage(project, folder, url, progress)
        previous = stage.prepare(deployed)
        try:
            stage.serve(previous)
            rehearsed = stage.release(previous)
        finally:
            stop(stage.world)
    return replace(rehearsed, folder=folder if keep else None)


class _Stage:
    """One rehearsal while it happens."""

    def __init__(self, project: Project, folder: Path, url: DatabaseUrl, progress: Progress) -> None:
        self._project = project
        self._folder = folder
        self._url = url
        self._progress = progress
        self._settings = railway_settings(project)
        self._tree = folder / "release"
        self.world = make_platform(project, folder / "railway", url)

    def prepare(self, deployed: str) -> Previous:
        """Stage both trees and bring the database to where the release before left it."""
        graph = load_graph(self._project)
        stage_release(self._project.root, self._tree)
        previous = stage_previous(
            self._project.root,
            self._tree,
            self._folder / "previous",
            deployed=deployed,
            graph=graph,
            versions=_versions(self._project, graph),
        )
        self._progress(Event("done", f"the release before: {previous.words}"))
        self._migrate(previous)
        return previous

    def serve(self, previous: Previous) -> None:
        """Deploy the release before, and wait until it serves."""
        began = time.monotonic()
        backend = backend_of(self._project, self.world)
        with self.world.change() as state:
            deployment = deployments.add(state, backend, snapshot=previous.folder, meta={"reason": "deploy"})
        deployments.start(self.world, deployment)
        status = self._wait_for(deployment.id)
        if status != "SUCCESS":
            said = [line["message"] for kind in ("build", "deploy") for line in self.world.log(deployment.id, kind)]
            raise UnavailableError(
                f"the release before does not serve: its deployment is {status}",
                code="previous-not-serving",
                why="\n".join(said[-20:]) or "it wrote no log",
                next="the same would happen on Railway: mend the start command or the healthcheck in railway.toml",
            )
        come_to_today(self._project, self.world)
        self._progress(Event("done", "the release before serves", seconds=time.monotonic() - began))

    def release(self, previous: Previous) -> Rehearsed:
        """Run the release under traffic."""
        with steady_traffic(traffic_urls(self._project, self.world)) as traffic:
            begin = time.monotonic()
            story, steps, output, code = self._run()
            ended = time.monotonic()
            time.sleep(1.0)
            shares = _shares(traffic, begin, steps, ended)
            total = traffic.share("altogether", begin, time.monotonic())
        result = _parsed(output)
        applied = tuple(sorted(set(result.get("after", ())) - set(result.get("before", ()))))
        return Rehearsed(previous.words, applied, shares, total, code, result, story, ended - begin)

    def _run(self) -> tuple[tuple[str, ...], list[_Done], str, int]:
        """Run the task; return what it said, the steps that it told, its JSON and its exit code."""
        argv = [sys.executable, "-m", "invoke", "deploy.with-migrations", "--confirm", self._settings.environment]
        story: list[str] = []
        steps: list[_Done] = []
        output = self._folder / "result.json"
        with (
            output.open("w", encoding="utf-8") as stdout,
            spawn(
                [*argv, "--watch", "2", "--json"],
                cwd=self._tree,
                env=self._environment(),
                stdout=stdout,
                stderr=PIPE,
            ) as child,
        ):
            assert child.stderr is not None  # noqa: S101 - a pipe was asked for
            for line in child.stderr:
                story.append(line.rstrip())
                if told := _STEP.match(line):
                    step = _Done(told["title"], time.monotonic(), float(told["seconds"]))
                    steps.append(step)
                    self._progress(Event("done", step.title, seconds=step.seconds))
            child.wait()
        return tuple(story), steps, output.read_text(encoding="utf-8"), child.returncode

    def _environment(self) -> dict[str, str]:
        """The release's own variables: the stand-in first on PATH, its token, and no database of this machine."""
        here = child_environment()
        path = f"{install(self.world)}:{Path(sys.executable).parent}:{here.get('PATH', '')}"
        ours: dict[str, str | None] = {"PATH": path, "RAILWAY_TOKEN": PROJECT_TOKEN, "RAILWAY_API_TOKEN": None}
        return child_environment({**ours, **_QUICK, "DATABASE_URL": None, "NO_COLOR": "1", "FORCE_COLOR": None})

    def _migrate(self, previous: Previous) -> None:
        before = load_project(previous.folder, {**self._project.variables, "DATABASE_URL": self._url.libpq()})
        alembic = Alembic(before, self._url, silent)
        moved = alembic.upgrade("heads")
        self._progress(Event("done", f"its database is at {', '.join(moved.after) or 'base'}"))
        if before.settings.seed:
            try:
                alembic.call(before.settings.seed)
            except InterlockingError as error:  # sample rows may need a table that this release brings
                self._progress(Event("note", f"without sample rows: {error.message}"))

    def _wait_for(self, deployment: str) -> str:
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while (status := self.world.read().deployments[deployment].status) not in _SETTLED:
            if time.monotonic() > deadline:
                return f"{status} after {_DEADLINE_SECONDS:g} s"
            time.sleep(_LOOK_SECONDS)
        return status


def _versions(project: Project, graph: Graph) -> Path:
    newest = next(iter(graph.revisions.values()), None)
    return newest.path.parent.relative_to(project.root.resolve()) if newest else Path(project.settings.migrations)


@contextmanager
def _workshop(project: Project, *, keep: bool) -> Iterator[Path]:
    home = project.home / "rehearsals"
    home.mkdir(parents=True, exist_ok=True)
    if keep:
        folder = home / datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        folder.mkdir()
        yield folder
        return
    with TemporaryDirectory(dir=home, prefix="release-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _shares(traffic: Traffic, begin: float, steps: list[_Done], ended: float) -> tuple[Share, ...]:
    """Say what the clients met during each step, and before and after all of them."""
    first = steps[0].ended - steps[0].seconds if steps else ended
    shares = [traffic.share(_BEFORE, begin, first)]
    shares += [traffic.share(step.title, step.ended - step.seconds, step.ended) for step in steps]
    shares.append(traffic.share(_AFTER, steps[-1].ended if steps else ended, time.monotonic()))
    return tuple(shares)


def _parsed(output: str) -> dict[str, Any]:
    try:
        parsed = json.loads(output)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
