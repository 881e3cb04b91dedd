"""`invoke railway.check`: questions in the order in which the answers depend on each other. Read-only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from interlocking.checks import Check
from interlocking.environment import Project
from interlocking.errors import InterlockingError
from interlocking.journal import Journal
from interlocking.postgres.url import parse
from interlocking.railway.cli import RailwayCli
from interlocking.railway.discovery import Services, tell_apart
from interlocking.railway.results import Service
from interlocking.redaction import Secret
from interlocking.tasks.asking import open_railway
from interlocking.tasks.diagnosis_railway import always_migrates, config_file_check
from interlocking.tasks.edge import Suite

_QUESTIONS = ("CLI", "access", "project", "services", "deployments", "variables")
_KINDS = {
    "project-token": "RAILWAY_TOKEN, a project's token: no tunnel and no console through SSH",
    "api-token": "RAILWAY_API_TOKEN, an account's or a workspace's token",
    "login": "the login of the CLI",
}

T = TypeVar("T")


def check_railway(suite: Suite, environment: str) -> list[Check]:
    """Ask every question about the way to Railway.

    Args:
        suite: the running task.
        environment: its name; empty: the setting's.

    Returns:
        The answers; those behind a failure are skipped.
    """
    return [*environment_checks(suite, environment), config_file_check(suite.project)]


def environment_checks(suite: Suite, environment: str) -> list[Check]:
    """Ask what only Railway knows of an environment."""
    answers = list(_answers(suite, environment))
    asked = {check.name for check in answers}
    first = answers[-1].name if answers else ""
    skipped = [name for name in _QUESTIONS if name not in asked and not _is_about(name, asked)]
    return [*answers, *(Check(name, "skip", f"needs: {first}") for name in skipped)]


def _answers(suite: Suite, environment: str) -> Iterator[Check]:
    """Yield answers until one is missing that the others stand on."""
    cli, wrong = _attempt("access", lambda: open_railway(suite, environment))
    if cli is None:
        yield from wrong
        return
    version, missing = _attempt("CLI", cli.version)
    yield from missing or [Check("CLI", "ok", version or "")]
    if missing:
        return
    yield Check("access", "ok", _KINDS[cli.access])
    status, unknown = _attempt("project", cli.status)
    yield from unknown
    if status is None:
        return
    yield Check("project", "ok", f"{status.name} / {status.environment.name}")
    listed, refused = _attempt("services", cli.services)
    services, unclear = _attempt("services", lambda: tell_apart(listed or (), cli.settings))
    yield from refused or unclear
    if listed is None or services is None:
        return
    yield from _services(suite.project, services)
    yield _deployment(services.backend, first="invoke deploy.with-migrations")
    if services.frontend is not None:
        yield _deployment(services.frontend, first="invoke deploy.frontend")
    yield from _start_command(suite.project, cli, services.backend)
    yield from _variables(suite.project, cli, services)


def _attempt(name: str, work: Callable[[], T]) -> tuple[T | None, list[Check]]:
    """Return what `work` returns, or nothing and the check that failed."""
    try:
        return work(), []
    except InterlockingError as error:
        return None, [Check(name, "fail", error.message, error.next)]


def _is_about(name: str, asked: set[str]) -> bool:
    """Whether a question with several answers was asked."""
    return name in ("deployments", "variables") and any(each.startswith(name) for each in asked)


def _services(project: Project, services: Services) -> Iterator[Check]:
    named = [("backend", services.backend), ("frontend", services.frontend), ("database", services.database)]
    found = [f"{role} {each.name}" for role, each in named if each is not None]
    if services.database is None:
        yield Check("services", "warn", f"{', '.join(found)}; no PostgreSQL service", "is the database elsewhere?")
    elif project.settings.frontend and services.frontend is None:
        yield Check(
            "services", "warn", f"{', '.join(found)}; no frontend", "set frontend in [tool.interlocking.railway]"
        )
    else:
        yield Check("services", "ok", ", ".join(found))


def _deployment(service: Service, *, first: str) -> Check:
    name = f"deployments of {service.name}"
    latest = service.latest
    if latest is None and not service.deployment_id:
        return Check(name, "warn", "there was never one", first)
    if latest is not None and latest.id != service.deployment_id:
        serves = f"{service.deployment_id} serves" if service.deployment_id else "nothing serves"
        return Check(
            name, "warn", f"the newest is {latest.status}, and {serves}", f"invoke deploy.logs --deployment {latest.id}"
        )
    return Check(name, "ok", f"{service.deployment_id} serves ({service.status})")


def _start_command(project: Project, cli: RailwayCli, backend: Service) -> Iterator[Check]:
    """Judge the service's own start command, where it has one beside the file's."""
    name = f"start command of {backend.name}"
    configurations, refused = _attempt(name, cli.configuration)
    yield from refused
    found = (configurations or {}).get(backend.id)
    if found is None or not found.start_command:
        return
    if any(change.subject.get("service") == backend.id for change in Journal(project.home).changes()):
        yield Check(name, "skip", "is a temporary one")
        return
    yield always_migrates(name, found.start_command)


def _variables(project: Project, cli: RailwayCli, services: Services) -> Iterator[Check]:
    """Ask for those that the guide requires of the backend; a sealed one cannot be seen, which is said."""
    variables, refused = _attempt("variables", lambda: cli.variables(services.backend.name))
    yield from refused
    if variables is None:
        return
    yield _database_url(variables)
    if project.uses_flask:
        yield _expected(variables, "FLASK_APP", project.settings.app)
        yield _expected(variables, "FLASK_ENV", "production")


def _database_url(variables: Mapping[str, Secret]) -> Check:
    name = "variables: DATABASE_URL"
    if "DATABASE_URL" not in variables:
        return Check(name, "fail", _absent(), "reference the database: ${{Postgres.DATABASE_URL}}")
    url, malformed = _attempt(name, lambda: parse(variables["DATABASE_URL"].reveal()))
    if url is None:
        return malformed[0]
    if not url.is_railway_internal:
        return Check(name, "warn", f"{url.masked} leaves the private network", "use ${{Postgres.DATABASE_URL}}")
    return Check(name, "ok", url.masked)


def _expected(variables: Mapping[str, Secret], variable: str, wanted: str) -> Check:
    name, remedy = f"variables: {variable}", f"set it to {wanted}"
    if variable not in variables:
        return Check(name, "warn", _absent(), remedy)
    value = variables[variable].reveal()
    return Check(name, "ok", value) if value == wanted else Check(name, "warn", f"is {value!r}", remedy)


def _absent() -> str:
    return "is not set, or sealed: sealed variables are never shown"
