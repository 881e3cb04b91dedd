"""`invoke doctor`: questions in the order in which the answers depend on each other.

Each function answers one question with a `Check`. A question whose ground is missing is skipped, so that one
cause gives one failure.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import TypeVar

from interlocking.checks import Check
from interlocking.console.report import counted
from interlocking.environment import Project
from interlocking.errors import InterlockingError, UnavailableError
from interlocking.postgres.connect import connect, version_text
from interlocking.postgres.target import Target, find_target
from interlocking.process import find, run
from interlocking.revisions.graph import Graph
from interlocking.revisions.position import Position
from interlocking.tasks.diagnosis_railway import railway_questions
from interlocking.tasks.frontend import installed_node, missing_node
from interlocking.upgrade.running.runner import Alembic
from interlocking.upgrade.status import load_graph, read_position

_OLDEST = {"Alembic": (1, 18), "Invoke": (3, 0), "SQLAlchemy": (2, 0), "psycopg2-binary": (2, 9)}
_FLASK_ENVIRONMENTS = ("development", "production")
_SERVER_QUESTIONS = ("server", "position", "application")

T = TypeVar("T")


def diagnose(project: Project) -> list[Check]:
    """Ask every question about a project; read-only, starts nothing.

    Args:
        project: settings and root.

    Returns:
        The answers, in dependency order.
    """
    graph, unreadable = _attempt("revisions", lambda: load_graph(project))
    target, malformed = _attempt("DATABASE_URL", lambda: find_target(project))
    return [
        _python(),
        *(_package(name, oldest) for name, oldest in _OLDEST.items()),
        _git(project),
        _dotenv(project),
        *_flask_variables(project),
        _dedupe(project),
        _node(project),
        *railway_questions(project),
        unreadable or _heads(graph),
        malformed or _database_url(project, target),
        *_server_checks(project, graph, target),
    ]


def _attempt(name: str, work: Callable[[], T]) -> tuple[T | None, Check | None]:
    """Return what `work` returns and no check, or nothing and the check that failed."""
    try:
        return work(), None
    except InterlockingError as error:
        return None, Check(name, "fail", error.message, error.next)


def _python() -> Check:
    return Check("Python", "ok", ".".join(map(str, sys.version_info[:3])))


def _package(name: str, oldest: tuple[int, int]) -> Check:
    try:
        found = version(name)
    except PackageNotFoundError:
        return Check(name, "fail", "is not installed", "./bin/onboard, or pip install interlocking")
    if tuple(int(part) for part in found.split(".")[:2]) < oldest:
        return Check(name, "fail", f"{found} is too old", f"pip install '{name}>={oldest[0]}.{oldest[1]}'")
    return Check(name, "ok", found)


def _git(project: Project) -> Check:
    git = find("git")
    if git is None:
        return Check("git", "warn", "is not installed", "install git: migration files are committed with the code")
    inside = run([git, "rev-parse", "--is-inside-work-tree"], cwd=project.root, check=False, timeout=20)
    if inside.returncode:
        return Check("git", "warn", f"{project.root} is not a git repository", "git init")
    if not _is_ignored(git, project, ".env"):
        return Check("git", "fail", ".env is not ignored, and it holds a password", "echo .env >> .gitignore")
    home = project.home.name
    if not _is_ignored(git, project, f"{home}/"):
        return Check(
            "git", "warn", f"{home}/ is not ignored: it belongs to this machine", f"echo {home}/ >> .gitignore"
        )
    return Check("git", "ok", f"a repository, and .env and {home}/ are ignored")


def _is_ignored(git: str, project: Project, path: str) -> bool:
    return not run([git, "check-ignore", "--quiet", path], cwd=project.root, check=False, timeout=20).returncode


def _dotenv(project: Project) -> Check:
    if (project.root / ".env").is_file():
        return Check(".env", "ok", "is there")
    if not (project.root / ".env.example").is_file():
        return Check(".env", "skip", "this project has no .env.example")
    return Check(".env", "warn", "is missing, so flask and gunicorn do not find the database", "invoke onboard")


def _flask_variables(project: Project) -> list[Check]:
    if not project.uses_flask:
        return [Check("FLASK_APP", "skip", "a project without Flask"), Check("FLASK_ENV", "skip", "same")]
    return [_flask_app(project), _flask_env(project)]


def _flask_app(project: Project) -> Check:
    value, wanted = project.variables.get("FLASK_APP", ""), project.settings.app
    if not value:
        return Check(
            "FLASK_APP", "fail", "is not set, so `flask db` finds no application", f"FLASK_APP={wanted} in .env"
        )
    if value != wanted:
        return Check("FLASK_APP", "warn", f"is {value}, and the suite uses {wanted}", f"FLASK_APP={wanted} in .env")
    return Check("FLASK_APP", "ok", value)


def _flask_env(project: Project) -> Check:
    value = project.variables.get("FLASK_ENV", "")
    if value not in _FLASK_ENVIRONMENTS:
        said = f"is {value!r}" if value else "is not set"
        return Check("FLASK_ENV", "warn", f"{said}, not development or production", "FLASK_ENV=development in .env")
    return Check("FLASK_ENV", "ok", value)


def _dedupe(project: Project) -> Check:
    """Look for the line that keeps Invoke from skipping a task named twice (pyinvoke/invoke#802)."""
    path = project.root / "invoke.yaml"
    if path.is_file() and "dedupe: false" in path.read_text(encoding="utf-8"):
        return Check("invoke.yaml", "ok", "a task named twice runs twice")
    return Check(
        "invoke.yaml",
        "warn",
        "Invoke silently skips a task that is named twice on one command line",
        "write invoke.yaml with: tasks: {dedupe: false}",
    )


def _node(project: Project) -> Check:
    if not project.settings.frontend:
        return Check("Node", "skip", "this project has no frontend")
    reason = missing_node(project)
    if reason:
        return Check("Node", "warn", reason, "install Node.js 20 or newer, then invoke onboard")
    return Check("Node", "ok", installed_node())


def _heads(graph: Graph | None) -> Check:
    heads = graph.heads if graph else ()
    if len(heads) > 1:
        return Check("revisions", "fail", f"{len(heads)} heads: {', '.join(heads)}", "invoke db.merge")
    return Check("revisions", "ok", f"one head: {heads[0]}" if heads else "there are none yet")


def _database_url(project: Project, target: Target | None) -> Check:
    origin = project.resolved.origin("database_url")
    if target is not None and target.url.is_railway_internal:
        return Check(
            "DATABASE_URL",
            "fail",
            f"{target.url.host} resolves only inside Railway",
            "set DATABASE_URL to the value of DATABASE_PUBLIC_URL, or unset it for the embedded server",
        )
    return Check("DATABASE_URL", "ok", f"{target.url.masked if target else ''} ({origin})")


def _server_checks(project: Project, graph: Graph | None, target: Target | None) -> list[Check]:
    if target is None or target.url.is_railway_internal:
        return [Check(name, "skip", "needs a usable DATABASE_URL") for name in _SERVER_QUESTIONS]
    server, unreachable = _attempt("server", lambda: _server_version(target))
    if unreachable or graph is None:
        reason = "needs the server" if unreachable else "needs the revisions"
        first = unreachable or Check("server", "ok", f"PostgreSQL {server}")
        return [first, *(Check(name, "skip", reason) for name in _SERVER_QUESTIONS[1:])]
    position, unknown = _attempt("position", lambda: read_position(project, target.url, graph))
    return [
        Check("server", "ok", f"PostgreSQL {server}"),
        unknown or _position(position),
        _application(project, target, position),
    ]


def _server_version(target: Target) -> str:
    if target.server is not None and not target.server.status().running:
        raise UnavailableError("the embedded server is not running", code="server-down", next="invoke db.start")
    with connect(target.url) as connection:
        return version_text(connection.server_version)


def _position(position: Position | None) -> Check:
    if position is None or position.unknown:
        names = ", ".join(position.unknown) if position else ""
        return Check("position", "fail", f"the files do not know {names}", "check out the code that has it")
    if position.pending:
        return Check("position", "warn", f"{len(position.pending)} pending", "invoke db.upgrade")
    return Check("position", "ok", "the database is at head")


def _application(project: Project, target: Target, position: Position | None) -> Check:
    """Let the project's own env.py connect, and see that it comes out at the same database."""
    if position is None or not position.is_at_head:
        return Check("application", "skip", "models and migrations are compared when the database is at head")
    try:
        drift = Alembic(project, target.url).check()
    except InterlockingError as error:
        if error.code == "no-models":
            return Check("application", "ok", "env.py reaches this database, and names no models to compare it with")
        return Check("application", "fail", error.message, error.next)
    if drift:
        return Check(
            "application",
            "warn",
            f"models and migrations disagree in {counted(len(drift.operations), 'place')}",
            "invoke db.check",
        )
    return Check("application", "ok", "loads, env.py reaches this database, models and migrations agree")
