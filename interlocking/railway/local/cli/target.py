"""Who asks, and for what: which credential wins, and which project, environment and service are meant. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from interlocking.railway.local.cli import errors
from interlocking.railway.local.cli.arguments import Arguments
from interlocking.railway.local.entities import Environment, Instance, Link, Service, Token, TokenKind
from interlocking.railway.local.state import State

PROJECT_VARIABLE, API_VARIABLE = "RAILWAY_TOKEN", "RAILWAY_API_TOKEN"


@dataclass(frozen=True)
class Credential:
    """What is sent.

    Args:
        kind: what the server takes it for.
        variable: where it came from; empty for the stored login.
        environment: id of the one that a project token fixes.
    """

    kind: TokenKind
    variable: str = ""
    environment: str | None = None

    def rejected(self) -> errors.CliError:
        """Return the error for a call that this credential may not make."""
        return errors.rejected(self.variable) if self.variable else errors.login_rejected()


@dataclass(frozen=True)
class Target:
    """What a command is about.

    Args:
        state: it was found in.
        environment: the chosen one; None where every environment is meant.
        service: id or name that was linked or set in the environment, not given by a flag.
        root: the linked directory, else where the command was called.
    """

    state: State
    environment: Environment | None
    service: str | None
    root: Path

    @property
    def place(self) -> Environment:
        """The environment.

        Raises:
            CliError: none is chosen.
        """
        if self.environment is None:
            raise errors.CliError(
                "No environment specified. Set RAILWAY_ENVIRONMENT_ID, use --environment, or run "
                "`railway environment` to link one."
            )
        return self.environment

    def services(self) -> list[Service]:
        """Return the services of the environment, in the order they were made."""
        here = [each.service for each in self.state.instances.values() if each.environment == self.place.id]
        return [each for each in self.state.services.values() if each.id in here]

    def instance(self, service: Service) -> Instance:
        """Return the service as it is in the environment."""
        return self.state.instance(self.place.id, service.id)

    def exact(self, name: str) -> Service | None:
        """Find a service by its exact name or id: `up`, `run`, `service status` and most others."""
        return next((each for each in self.services() if name in (each.name, each.id)), None)

    def loose(self, name: str) -> Service | None:
        """Find a service by its id or its name in any case: `variable`, `ssh`."""
        low = name.lower()
        return next((each for each in self.services() if low in (each.name.lower(), each.id)), None)


def credential(state: State, environ: Mapping[str, str]) -> Credential:
    """Return the credential that wins; a variable that is set but empty counts as set.

    Raises:
        CliError: there is none, or the server does not accept it.
    """
    if PROJECT_VARIABLE in environ:
        return _project_token(state, environ[PROJECT_VARIABLE])
    if API_VARIABLE in environ:
        found = _known(state, environ[API_VARIABLE], "workspace", "account")
        if found is None:
            raise errors.rejected(API_VARIABLE)
        return Credential(found.kind, API_VARIABLE)
    logins = [each for each in state.tokens if each.kind == "oauth"]
    if not logins:
        raise errors.unauthorized()
    if logins[0].value == "rejected":
        raise errors.login_rejected()
    return Credential("oauth")


def has_credentials(state: State, environ: Mapping[str, str]) -> bool:
    """Return whether there is anything to send at all, be it good or bad."""
    return PROJECT_VARIABLE in environ or API_VARIABLE in environ or any(each.kind == "oauth" for each in state.tokens)


def find_target(state: State, who: Credential, arguments: Arguments, environ: Mapping[str, str], cwd: Path) -> Target:
    """Find project, environment and service.

    Raises:
        CliError: nothing says which, or it does not exist.
    """
    named, wanted = arguments.text("project"), arguments.text("environment")
    if named is not None and wanted is None:
        raise errors.CliError("--environment is required when using --project")
    exact_link = state.links.get(str(cwd))
    if named is not None:
        _check_project(state, named)
        base = Target(state, None, None, cwd)
    elif who.kind == "project":
        link = exact_link or Link(None)
        base = Target(state, state.environments[str(who.environment)], link.service, cwd)
    else:
        base = _from_environment(state, environ, cwd) or _from_link(state, cwd)
    return _with_environment(base, who, wanted)


def linked(state: State, cwd: Path) -> tuple[Path, Link] | None:
    """Return the link of a directory or of its nearest ancestor, and where it stands."""
    for each in (cwd, *cwd.parents):
        if str(each) in state.links:
            return each, state.links[str(each)]
    return None


def find_environment(state: State, wanted: str) -> Environment | None:
    """Find an environment by its name (any case) or id."""
    alive = [each for each in state.environments.values() if not each.deleted]
    return next((each for each in alive if wanted.lower() in (each.name.lower(), each.id)), None)


def _project_token(state: State, value: str) -> Credential:
    if not value:
        raise errors.rejected(PROJECT_VARIABLE)
    found = _known(state, value, "project")
    if found is None:
        raise errors.invalid(PROJECT_VARIABLE)
    return Credential("project", PROJECT_VARIABLE, found.environment)


def _known(state: State, value: str, *kinds: str) -> Token | None:
    return next((each for each in state.tokens if value and each.value == value and each.kind in kinds), None)


def _check_project(state: State, named: str) -> None:
    if named not in (state.project.id, state.project.name):
        raise errors.project_not_found()
    if state.project.deleted:
        raise errors.CliError("Project is deleted. Run `railway link` to connect to a project.")


def _from_environment(state: State, environ: Mapping[str, str], cwd: Path) -> Target | None:
    project, environment = environ.get("RAILWAY_PROJECT_ID"), environ.get("RAILWAY_ENVIRONMENT_ID")
    if project is None:
        if environment is not None:
            raise errors.CliError("RAILWAY_ENVIRONMENT_ID cannot be set without RAILWAY_PROJECT_ID.")
        return None
    if project != state.project.id:
        raise errors.project_not_found()
    _, link = linked(state, cwd) or (cwd, Link(None))
    chosen = environment if environment is not None else link.environment
    found = find_environment(state, chosen) if chosen is not None else None
    if chosen is not None and found is None:
        raise errors.environment_not_found(chosen)
    return Target(state, found, environ.get("RAILWAY_SERVICE_ID", link.service), cwd)


def _from_link(state: State, cwd: Path) -> Target:
    found = linked(state, cwd)
    if found is None:
        raise errors.no_linked_project()
    root, link = found
    _check_project(state, state.project.id)
    environment = state.environments.get(link.environment or "")
    if environment and environment.deleted:
        raise errors.CliError("Environment is deleted. Run `railway environment` to connect to an environment.")
    return Target(state, environment, link.service, root)


def _with_environment(base: Target, who: Credential, wanted: str | None) -> Target:
    environment = base.environment
    if wanted is not None:
        environment = find_environment(base.state, wanted)
        if environment is None:
            raise errors.environment_not_found(wanted)
    if environment and who.environment not in (None, environment.id):
        raise who.rejected()
    if environment and environment.restricted:
        raise errors.CliError(
            f'Environment "{environment.name}" is restricted. Ask a workspace admin for access, or choose an '
            "unrestricted environment."
        )
    return Target(base.state, environment, base.service, base.root)
