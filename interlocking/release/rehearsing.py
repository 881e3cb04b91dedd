"""A whole release, rehearsed: Local Railway, the embedded PostgreSQL, real processes, steady traffic.

The release before serves; then `deploy.with-migrations` runs as it would against the real platform, with the
stand-in `railway` first on PATH.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from interlocking.environment import Project, child_environment, load_project, read_dotenv, today
from interlocking.errors import InterlockingError, UnavailableError
from interlocking.plan import Event, Progress, silent
from interlocking.postgres.target import embedded_server
from interlocking.postgres.url import DatabaseUrl
from interlocking.process import PIPE, spawn
from interlocking.railway.config_file import EnvironmentName, file_sections, find_config_file, read_config_file
from interlocking.railway.local import deployments
from interlocking.railway.local.creation import PROJECT_TOKEN, ServiceSpec, create_world, install, postgres
from interlocking.railway.local.database import drop_service_database, make_service_database
from interlocking.railway.local.entities import Instance
from interlocking.railway.local.platform import stop
from interlocking.railway.local.state import World
from interlocking.railway.settings import RailwaySettings, railway_settings
from interlocking.release.staging import Previous, stage_previous, stage_release
from interlocking.release.traffic import Share, Traffic, steady_traffic
from interlocking.revisions.graph import Graph
from interlocking.upgrade.runner import Alembic
from interlocking.upgrade.status import load_graph

_DEADLINE_SECONDS = 180.0
_LOOK_SECONDS = 0.05
_WEB = "web"
_BEFORE, _AFTER = "before the release", "after the release"
_SETTLED = ("SUCCESS", "FAILED", "CRASHED", "SKIPPED", "REMOVED")
_PASSED_ON = ("DATABASE_URL", "FLASK_ENV", "FLASK_APP")
_QUICK = {
    "INTERLOCKING_RAILWAY_POLL": "200ms",
    "INTERLOCKING_RAILWAY_SETTLE": "1s",
    "INTERLOCKING_RAILWAY_DEADLINE": "3min",
    "INTERLOCKING_RAILWAY_PROJECT": "",
    "INTERLOCKING_RAILWAY_HEALTH_URL": "",
    "INTERLOCKING_RAILWAY_ENVIRONMENT": None,
}


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
    with _workshop(project, keep=keep) as folder, _database(project) as url:
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
        self.world = self._make_world()

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
        with self.world.change() as state:
            deployment = deployments.add(state, self._backend(), snapshot=previous.folder, meta={"reason": "deploy"})
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
        self._progress(Event("done", "the release before serves", seconds=time.monotonic() - began))

    def release(self, previous: Previous) -> Rehearsed:
        """Run the release under traffic."""
        with steady_traffic(self._urls()) as traffic:
            begin = time.monotonic()
            time.sleep(1.0)  # what the clients meet while nothing happens is the measure for the rest
            story, moments, output, code = self._run()
            ended = time.monotonic()
            time.sleep(1.0)
            shares = _shares(traffic, begin, moments, ended)
            total = traffic.share("altogether", begin, time.monotonic())
        result = _parsed(output)
        applied = tuple(sorted(set(result.get("after", ())) - set(result.get("before", ()))))
        return Rehearsed(previous.words, applied, shares, total, code, result, story, ended - begin)

    def _run(self) -> tuple[tuple[str, ...], list[tuple[float, str]], str, int]:
        """Run the task; return what it said, when each step was done, its JSON and its exit code."""
        argv = [sys.executable, "-m", "invoke", "deploy.with-migrations", "--confirm", self._settings.environment]
        story, moments = [], []
        output = self._folder / "result.json"
        with (
            output.open("w", encoding="utf-8") as stdout,
            spawn(
                [*argv, "--watch", "2", "--json"], cwd=self._tree, env=self._environment(), stdout=stdout, stderr=PIPE
            ) as child,
        ):
            assert child.stderr is not None  # noqa: S101 - a pipe was asked for
            for line in child.stderr:
                story.append(line.rstrip())
                if line.startswith("ok  "):
                    moments.append((time.monotonic(), line[4:].strip()))
                    self._progress(Event("note", line[4:].strip()))
            child.wait()
        return tuple(story), moments, output.read_text(encoding="utf-8"), child.returncode

    def _environment(self) -> dict[str, str]:
        """The release's own variables: the stand-in first on PATH, its token, and no database of this machine."""
        here = child_environment()
        path = f"{install(self.world)}:{Path(sys.executable).parent}:{here.get('PATH', '')}"
        ours: dict[str, str | None] = {"PATH": path, "RAILWAY_TOKEN": PROJECT_TOKEN, "RAILWAY_API_TOKEN": None}
        return child_environment({**ours, **_QUICK, "DATABASE_URL": None, "NO_COLOR": "1", "FORCE_COLOR": None})

    def _make_world(self) -> World:
        return create_world(
            self._folder / "railway",
            project=self._project.root.name,
            environments=(self._settings.environment,),
            services=_services(self._project, self._settings, self._url),
            date=datetime.combine(today(self._project.variables), datetime.now(UTC).timetz()),
        )

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

    def _backend(self) -> Instance:
        state = self.world.read()
        name = self._settings.backend or _WEB
        service = next(each.id for each in state.services.values() if each.name == name)
        return next(each for each in state.instances.values() if each.service == service)

    def _wait_for(self, deployment: str) -> str:
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while (status := self.world.read().deployments[deployment].status) not in _SETTLED:
            if time.monotonic() > deadline:
                return f"{status} after {_DEADLINE_SECONDS:g} s"
            time.sleep(_LOOK_SECONDS)
        return status

    def _urls(self) -> list[str]:
        backend = self._backend()
        sections = _sections(self._project, self._settings)
        health = self._settings.health_path or sections.get("deploy", {}).get("healthcheckPath") or "/"
        return [f"http://{backend.address}{path}" for path in self._settings.traffic or (health,)]


def _services(project: Project, settings: RailwaySettings, url: DatabaseUrl) -> list[ServiceSpec]:
    """Return the services: the backend has the settings of its file too, for the day when that is no longer read."""
    database = settings.database or "Postgres"
    passed = {name: value for name, value in _dotenv(project).items() if name not in _PASSED_ON}
    variables = {
        **passed,
        "DATABASE_URL": f"${{{{{database}.DATABASE_URL}}}}",
        "FLASK_ENV": "production",
        **({"FLASK_APP": project.settings.app} if project.settings.app else {}),
    }
    sections, file = _sections(project, settings), find_config_file(project.root)
    backend = ServiceSpec(
        settings.backend or _WEB,
        variables=variables,
        config_file=f"/{file.name}" if file else None,
        build=sections.get("build", {}),
        deploy=sections.get("deploy", {}),
    )
    frontend = [ServiceSpec(settings.frontend)] if settings.frontend else []
    return [backend, *frontend, postgres(database, database_url=url.libpq(), public_url=url.libpq())]


def _dotenv(project: Project) -> dict[str, str]:
    """Return what the application is given on this machine; a fresh clone has only the example."""
    return read_dotenv(project.root / ".env") or read_dotenv(project.root / ".env.example")


def _sections(project: Project, settings: RailwaySettings) -> Mapping[str, Mapping[str, Any]]:
    file = find_config_file(project.root)
    return file_sections(read_config_file(file), EnvironmentName(settings.environment)) if file else {}


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


@contextmanager
def _database(project: Project) -> Iterator[DatabaseUrl]:
    """Make the production database of the rehearsal, with an owner of its own, on the embedded server."""
    server = embedded_server(project).ensure_running()
    name = f"interlocking_release_{os.urandom(4).hex()}"
    try:
        yield make_service_database(server, name)
    finally:
        drop_service_database(server, name)


def _shares(traffic: Traffic, begin: float, moments: list[tuple[float, str]], ended: float) -> tuple[Share, ...]:
    """Cut the traffic at the moments when a step was done."""
    first = moments[0][0] if moments else ended
    shares = [traffic.share(_BEFORE, begin, min(first, begin + 1.0))]
    start = begin + 1.0
    for moment, title in moments:
        shares.append(traffic.share(title, start, moment))
        start = moment
    shares.append(traffic.share(_AFTER, start, time.monotonic()))
    return tuple(shares)


def _parsed(output: str) -> dict[str, Any]:
    try:
        parsed = json.loads(output)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
