"""The Railway CLI as one class, a method for each thing that is needed, typed results.

Every call names its service and its environment, none passes `--yes` to `up`, and none creates what was not asked
for. `service` is always a name in its exact case, or an id.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from interlocking.environment import Project, secret_values
from interlocking.errors import IncompleteError, UsageError
from interlocking.plan import Progress, silent
from interlocking.postgres.url import DatabaseUrl
from interlocking.railway import answers
from interlocking.railway.access import require_account
from interlocking.railway.inside import read_inside, with_sentinel
from interlocking.railway.results import (
    Deployment,
    Edit,
    Inside,
    LogLine,
    Service,
    ServiceConfiguration,
    Upload,
    VolumeBackup,
    service_named,
)
from interlocking.railway.session import Learn, RailwaySession, forget
from interlocking.railway.settings import railway_settings
from interlocking.railway.tunnel import open_tunnel
from interlocking.redaction import Secret

_UPLOAD_SECONDS = 1800.0
_INSIDE_SECONDS = 3600.0

LogKind = Literal["build", "deploy"]


def open_cli(
    project: Project, *, environment: str = "", progress: Progress = silent, learn: Learn = forget
) -> RailwayCli:
    """Return the CLI for a project; nothing is started yet.

    Args:
        project: whose folder, settings and variables count.
        environment: name or id; empty: the setting's.
        progress: told of pauses and of long waits.
        learn: told every secret that comes to light, so that it can be masked.

    Raises:
        UsageError: a setting cannot be read, two tokens are set, or an empty one is.
    """
    settings = railway_settings(project)
    return RailwayCli(
        project.root,
        project.variables,
        settings,
        environment=environment or settings.environment,
        progress=progress,
        learn=learn,
    )


class RailwayCli(RailwaySession):
    """One environment of one project on Railway, as the CLI shows it."""

    def services(self) -> tuple[Service, ...]:
        """Return every service of the environment: what serves, and what is coming."""
        return answers.services(self.json("service", "list"))

    def service(self, name: str) -> Service:
        """Return one service.

        Raises:
            UsageError: there is none of this exact name or id; the message lists those that are.
        """
        listed = self.services()
        found = service_named(listed, name)
        if found is None:
            raise UsageError(
                f"the Railway environment {self.environment!r} has no service {name!r}",
                code="railway-service-not-found",
                why=f"it has: {', '.join(each.name for each in listed) or 'none'}; names count in their exact case",
                next="name yours in [tool.interlocking.railway]",
            )
        return found

    def deployments(self, service: str, *, limit: int = 20) -> tuple[Deployment, ...]:
        """Return the deployments of a service, newest first."""
        return answers.deployments(self.json("deployment", "list", "--limit", str(limit), service=service))

    def up(self, service: str, *, folder: Path, message: str) -> Upload:
        """Upload a folder and begin a deployment; its verdict is for `waiting.wait_for` to tell.

        Args:
            service: which one.
            folder: what is uploaded, all but what `.gitignore` and `.railwayignore` name.
            message: see `answers.deploy_message`.

        Raises:
            UnavailableError: the upload was not accepted.
        """
        self.status()  # without a link `up` could make a new project (agents, --yes)
        arguments = [str(folder.resolve()), "--path-as-root", "--detach", "--message", message]
        completed = self.ask(["up", *arguments], asked="up", service=service, timeout=_UPLOAD_SECONDS)
        return answers.upload(completed, asked="up")

    def logs(
        self, service: str, deployment_id: str, *, kind: LogKind = "deploy", lines: int = 200, since: str = ""
    ) -> tuple[LogLine, ...]:
        """Return log lines of one deployment, oldest first.

        Args:
            service: whose it is.
            deployment_id: without it the CLI would show the last success, not the newest.
            kind: of the build, or of the running container.
            lines: how many at most.
            since: RFC 3339, or a time ago such as `5m`; empty: from the beginning.
        """
        arguments = ["logs", deployment_id, f"--{'deployment' if kind == 'deploy' else kind}", "--lines", str(lines)]
        if since:
            arguments += ["--since", since]
        return answers.log_lines(self.ask(arguments, asked="logs", service=service))

    def variables(self, service: str) -> dict[str, Secret]:
        """Return a service's variables, references resolved. Sealed ones are missing: absent is not unset."""
        answer = self.json("variable", "list", service=service)
        values = {name: value for name, value in answer.items() if isinstance(value, str)}
        self.learn(secret_values(values))
        return {name: Secret(value) for name, value in values.items()}

    def configuration(self) -> dict[str, ServiceConfiguration]:
        """Return the live configuration of each service, by its id; without the values of variables."""
        return answers.configuration(self.json("environment", "config"))

    def edit(self, patch: Mapping[str, Any], *, message: str) -> Edit:
        """Change the live configuration; Railway deploys the services that it concerns.

        Args:
            patch: `{"services": {<id>: {"deploy": {...}}}}`: ids, not names; it travels on stdin.
            message: why.

        Raises:
            IncompleteError: the answer does not say that it was committed; nobody knows then.
        """
        arguments = ["environment", "edit", "--message", message]
        answer = self.document(arguments, asked="environment edit", input=json.dumps(patch), repeatable=False)
        found = answers.edit(answer)
        if found is None:
            raise IncompleteError(
                "Railway does not say that the change of the configuration was committed",
                code="railway-edit-unproven",
                why=str(answer.get("message") or "the answer has no word about it"),
                next="look at the service's settings in Railway's dashboard before trying again",
            )
        return found

    def backups(self, service: str) -> tuple[VolumeBackup, ...]:
        """Return the snapshots of a database's volume."""
        return answers.backups(self.json("postgres", "pitr", "backup", "list", service=service))

    def begin_backup(self, service: str, name: str) -> None:
        """Ask for a snapshot of a database's volume; it is made some time later: see `waiting.take_backup`."""
        arguments = ["postgres", "pitr", "backup", "create", "--name", name]
        self.document(arguments, asked="postgres pitr backup create", service=service, repeatable=False)

    @contextmanager
    def tunnel(self, service: str) -> Iterator[DatabaseUrl]:
        """Open an SSH tunnel to a database for the length of the block.

        Raises:
            RefusedError: with a project token there is no SSH.
            UnavailableError: it did not open.
        """
        require_account(self.access, purpose="a tunnel to the database")
        self.version()
        name = self.status().services.get(service, service)  # `connect` knows no ids
        arguments = ["connect", name, "--tunnel-only", "--environment", self.environment]
        with open_tunnel(self.caller, arguments, learn=self.learn) as url:
            yield url

    def run_inside(self, service: str, command: Sequence[str], *, timeout: float = _INSIDE_SECONDS) -> Inside:
        """Run a command in the container that serves now, with its code and its network.

        Args:
            service: which one.
            command: program and arguments; a shell there sees them quoted.
            timeout: seconds.

        Raises:
            RefusedError: with a project token there is no SSH.
            UnavailableError: no connection, nothing ran.
            IncompleteError: it is not known whether it ran.
        """
        require_account(self.access, purpose="a command inside the container")
        self.version()
        sentinel = f"interlocking-{secrets.token_hex(8)}"
        place = ["ssh", "--service", service, "--environment", self.environment]
        completed = self.caller.start([*place, "--", with_sentinel(command, sentinel)], timeout=timeout)
        return read_inside(completed, sentinel, command=command)
