"""The command in a service's live configuration, through the CLI: `environment config` and `environment edit`."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

from interlocking.change import Copy
from interlocking.errors import IncompleteError
from interlocking.railway.cli import RailwayCli
from interlocking.release.commands import KEYS, Kind
from interlocking.release.doors import Written
from interlocking.release.file_door import command_text

_LISTED_SECONDS = 60.0
_LOOK_SECONDS = 3.0


class ServiceDoor:
    """One command of one service.

    Args:
        railway: the CLI, for the environment that is meant; called when it is first needed.
        service: the service's id.
        name: its name, for a person.
        kind: which command.
    """

    deploys = True

    def __init__(
        self,
        railway: RailwayCli,
        service: str,
        name: str,
        kind: Kind,
    ) -> None:
        self._railway = railway
        self._service = service
        self._name = name
        self._kind = kind

    @property
    def subject(self) -> Mapping[str, str]:
        """The service, and which command of it."""
        place = {"service": self._service, "name": self._name, "environment": self._railway.environment}
        return {"door": "service", **place, "kind": self._kind}

    @property
    def target(self) -> str:
        """The service and its environment."""
        return f"the configuration of {self._name} in {self._railway.environment}"

    def read(self) -> Copy | None:
        """Return the value as it stands in the configuration; None when there is no such service any more."""
        configuration = self._railway.configuration().get(self._service)
        if configuration is None:
            return None
        return Copy(_encoded(configuration.raw.get("deploy", {}).get(KEYS[self._kind])), {})

    def command(self, data: bytes) -> str:
        """Return the command in the value."""
        return command_text(json.loads(data))

    def with_command(self, data: bytes, command: str) -> bytes:
        """Return the value for another command, in the form of this one: Railway shows both a text and a list."""
        as_text = self._kind == "start-command" or isinstance(json.loads(data), str)
        return _encoded(command if as_text else [command])

    def write(self, data: bytes, *, instead_of: Copy, attributes: Mapping[str, int]) -> Written:  # noqa: ARG002 - a file's
        """Commit the value, and read it back; null removes it.

        Raises:
            IncompleteError: code `override-not-there`: it was committed, and another value stands there.
        """
        before = frozenset(each.id for each in self._railway.deployments(self._service))
        patch = {"services": {self._service: {"deploy": {KEYS[self._kind]: json.loads(data)}}}}
        self._railway.edit(patch, message=f"interlocking: {KEYS[self._kind]}")
        self._prove(data)
        return Written(_newest_deployment(self._railway, self._service, before))

    def sweep(self) -> None:
        """Nothing: Railway takes an edit as a whole or not at all."""

    def _prove(self, data: bytes) -> None:
        found = self.read()
        if found is None or found.data != data:
            raise IncompleteError(
                f"Railway committed the change of {self.target}, and another command stands there",
                code="override-not-there",
                why="a deployment now would run without the migration",
                next="look at the service's settings in Railway's dashboard",
            )


def _newest_deployment(railway: RailwayCli, service: str, before: frozenset[str]) -> str:
    """Return the deployment that an edit began, waiting a little until it is listed; empty when none is.

    A service that was never deployed begins none.
    """
    deadline = time.monotonic() + _LISTED_SECONDS
    while before:
        new = next((each.id for each in railway.deployments(service) if each.id not in before), "")
        if new or time.monotonic() > deadline:
            return new
        time.sleep(min(_LOOK_SECONDS, railway.settings.poll))
    return ""


def _encoded(value: object) -> bytes:
    """Return a value as bytes to compare; an empty list and nothing are the same, as Railway shows neither."""
    return json.dumps(value or None, ensure_ascii=False).encode()
