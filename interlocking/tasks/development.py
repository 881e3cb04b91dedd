"""`invoke dev`: database, backend with reload and Vite, together, until one of them ends or Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Thread

from interlocking.console.report import Line, Span, Style, line
from interlocking.environment import Project, child_environment
from interlocking.errors import StoppedError, UnavailableError, UsageError
from interlocking.postgres.target import open_target
from interlocking.process import PIPE, STDOUT, Child, find, spawn
from interlocking.tasks.edge import Suite
from interlocking.tasks.frontend import missing_node, prepare_frontend
from interlocking.upgrade.running.preparation import variables

_NAME_WIDTH = len("frontend  ")
_SESSION = "interlocking dev"  # how the backend's connections are found in pg_stat_activity


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """One long-lived child.

    Args:
        name: the word before each of its lines.
        style: the colour of that word.
        argv: program and arguments.
        cwd: where it runs.
        env: its whole environment.
    """

    name: str
    style: Style
    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]


def serve(suite: Suite, *, port: str) -> None:
    """Run everything until Ctrl-C.

    Args:
        suite: this run.
        port: of the backend, as typed.

    Raises:
        UsageError: the port is no number, or there is no Flask application.
        UnavailableError: a service ended by itself.
        StoppedError: Ctrl-C; every child has been stopped by then.
    """
    project = suite.project
    number = _port(port)
    prepare_frontend(project, suite.console.progress)
    services = _services(project, number)
    try:
        ended = _run_until_one_ends(suite, services)
    except StoppedError as stopped:
        names = " and ".join(each.name for each in services)
        raise StoppedError(
            stopped.signal_number, why=f"{names} ended with it; PostgreSQL stays up", next="invoke db.stop ends it too"
        ) from stopped
    raise UnavailableError(
        f"the {ended.name} ended by itself, so the others were stopped",
        code="service-ended",
        next=f"its last lines above say why; if its port is taken: invoke dev --port {number % 65535 + 1}",
    )


def _run_until_one_ends(suite: Suite, services: list[Service]) -> Service:
    """Start all services and relay what they say; when one has ended, stop the others and return it."""
    with ExitStack() as stack:
        children = {each: stack.enter_context(_started(each)) for each in services}
        for each in services:
            suite.console.story(_said(each, f"started: {' '.join(each.argv)}"))
        return _relay_until_one_ends(suite, children)


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:  # noqa: PLR2004 - the range of a TCP port
        raise UsageError(f"--port must be a number from 1 to 65535, not {text!r}", code="bad-port")
    return int(text)


def _services(project: Project, port: int) -> list[Service]:
    if not project.settings.app:
        raise UsageError(
            "there is no application to run: the setting `app` is empty",
            code="no-app",
            next='set it in pyproject.toml: [tool.interlocking] app = "package.module:application"',
        )
    url = open_target(project).url
    flask = (sys.executable, "-m", "flask", "--app", project.settings.app)
    env = {**variables(project, url, session=_SESSION), "FLASK_ENV": "development", "PYTHONUNBUFFERED": "1"}
    services = [
        Service("backend", "accent", (*flask, "run", "--debug", "--port", str(port)), project.root, env),
    ]
    if project.settings.frontend and not missing_node(project):
        services.append(_vite(project, port))
    return services


def _vite(project: Project, backend_port: int) -> Service:
    env = child_environment({"VITE_PROXY_TARGET": f"http://127.0.0.1:{backend_port}"})
    folder = project.root / project.settings.frontend
    return Service("frontend", "warn", (find("npm") or "npm", "run", "dev"), folder, env)


def _started(service: Service) -> AbstractContextManager[Child]:
    return spawn(service.argv, cwd=service.cwd, env=service.env, stdout=PIPE, stderr=STDOUT)


def _relay_until_one_ends(suite: Suite, children: Mapping[Service, Child]) -> Service:
    lines: Queue[tuple[Service, str]] = Queue()
    for service, child in children.items():
        Thread(target=_read_lines, args=(service, child, lines), daemon=True).start()
    while True:
        service, text = lines.get()
        if not text:
            return service
        if text.strip():
            suite.console.story(_said(service, text.rstrip()))


def _said(service: Service, text: str) -> Line:
    return line(Span(f"{service.name:<{_NAME_WIDTH}}", service.style), text)


def _read_lines(service: Service, child: Child, lines: Queue[tuple[Service, str]]) -> None:
    """Queue each line of a child; an empty text says that it has closed its output."""
    if child.stdout is not None:
        for text in child.stdout:
            lines.put((service, text))
    lines.put((service, ""))
