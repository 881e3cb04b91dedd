"""Whom the CLI is asked as, about what, and how an answer comes back: what every method of `RailwayCli` stands on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from interlocking.errors import UnavailableError, UsageError
from interlocking.plan import Progress, silent
from interlocking.railway import answers
from interlocking.railway.access import Kind, access_kind, child_changes
from interlocking.railway.calls import CALL_SECONDS, Caller
from interlocking.railway.results import Environment, ProjectStatus
from interlocking.railway.settings import RailwaySettings

OLDEST_CLI = "5.43.1"  # what is asked here was read from this version's source; later ones only add

Learn = Callable[[Iterable[str]], None]


def forget(_values: Iterable[str]) -> None:
    """Take note of nothing."""


class RailwaySession:
    """One environment of one project on Railway, as the CLI shows it.

    Every method raises:
        UnavailableError: the CLI is missing or too old, Railway cannot be reached or refuses the login.
        UsageError: the folder is not linked, or there is no such environment or service.

    Args:
        root: the folder of the project; its link is the target unless a token or the setting `project` names one.
        variables: the process environment and `.env`.
        settings: the platform's settings.
        environment: name or id of the environment.
        progress: told of pauses and of long waits.
        learn: told every secret that comes to light.
    """

    def __init__(
        self,
        root: Path,
        variables: Mapping[str, str],
        settings: RailwaySettings,
        *,
        environment: str,
        progress: Progress = silent,
        learn: Learn = forget,
    ) -> None:
        self.root = root
        self.variables_here = variables
        self.settings = settings
        self.environment = environment
        self.progress = progress
        self.access: Kind = access_kind(variables)
        self.learn = learn

    def version(self) -> str:
        """Return the CLI's version, as `5.43.1`.

        Raises:
            UnavailableError: it is not installed, or too old.
        """
        return self._version

    def status(self) -> ProjectStatus:
        """Return the project and the environment that every call goes to."""
        return self._status

    @cached_property
    def caller(self) -> Caller:
        """How the executable is started."""
        project = "" if self.access == "project-token" else self.settings.project
        return Caller(self.root, child_changes(self.variables_here, project=project), self.progress)

    @cached_property
    def _version(self) -> str:
        completed = self.caller.start(["--version"], timeout=60)
        found = answers.version(completed.stdout)
        if not found:
            raise answers.unexpected("--version", "does not name a version")
        if _numbers(found) < _numbers(OLDEST_CLI):
            raise UnavailableError(
                f"the Railway CLI {found} is too old; {OLDEST_CLI} is the oldest that is known to work",
                code="railway-too-old",
                why="older ones refuse tokens of projects, and lack commands that are needed here",
                next="railway upgrade, or npm install -g @railway/cli",
            )
        return found

    @cached_property
    def _status(self) -> ProjectStatus:
        try:
            answer = self.json("status")
        except UnavailableError as error:
            if self.access != "project-token" or error.code != "railway-token-refused":
                raise
            return self._status_of_token()
        found = answers.project_status(answer, environment=self.environment)
        if found is None:
            raise UsageError(
                f"the Railway project {answer.get('name')!r} has no environment {self.environment!r}",
                code="railway-environment-not-found",
                why="the token of a project knows only its own environment",
                next="railway environment list, then --environment NAME",
            )
        return found

    def _status_of_token(self) -> ProjectStatus:
        """Return what a project's token can tell where Railway does not let it ask for the project.

        It was reported once that `status` refuses such tokens although they can deploy; a bad token fails here too.
        """
        listed = answers.services(self.json("service", "list"))
        services = {service.id: service.name for service in listed}
        return ProjectStatus("", "the token's project", "", Environment("", self.environment), services)

    def json(self, *command: str, service: str = "") -> Any:  # noqa: ANN401 - any JSON value
        """Return what a command that only reads answers."""
        return self.document(list(command), asked=" ".join(command), service=service)

    def document(
        self,
        arguments: list[str],
        *,
        asked: str,
        service: str = "",
        input: str | None = None,
        repeatable: bool = True,
    ) -> Any:  # noqa: ANN401 - any JSON value
        """Return the JSON document of a call; see `ask`."""
        stdout = self.ask(arguments, asked=asked, service=service, input=input, repeatable=repeatable)
        return answers.document(stdout, asked=asked)

    def ask(
        self,
        arguments: list[str],
        *,
        asked: str,
        service: str = "",
        input: str | None = None,
        timeout: float | None = None,
        repeatable: bool = True,
    ) -> str:
        """Return stdout of a call that names its place and wants JSON.

        Args:
            arguments: the command and its flags, without place and `--json`.
            asked: the command in words, for errors.
            service: name or id; empty for a command about the whole environment.
            input: for its standard input.
            timeout: seconds; the usual ones when None.
            repeatable: as in `Caller.ask`.
        """
        self.version()
        place = [*(["--service", service] if service else []), "--environment", self.environment, "--json"]
        completed = self.caller.ask(
            [*arguments, *place], asked=asked, input=input, timeout=timeout or CALL_SECONDS, repeatable=repeatable
        )
        return completed.stdout


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
