"""A project linked to a world of Local Railway in which its service `web` is deployed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from interlocking.environment import load_project
from interlocking.railway.cli import RailwayCli, open_cli
from interlocking.railway.local import deployments
from interlocking.railway.local.creation import ACCOUNT_TOKEN, ServiceSpec, postgres
from interlocking.release.overrides import Overrides
from interlocking.release.planning import Wish
from tests.railway.local.calls import DATABASE, make_shop

START = "gunicorn app"
VARIABLES = {
    "INTERLOCKING_TODAY": "2026-12-01",
    "INTERLOCKING_RAILWAY_POLL": "100ms",
    "INTERLOCKING_RAILWAY_SETTLE": "100ms",
    "INTERLOCKING_RAILWAY_DEADLINE": "2min",
    "RAILWAY_API_TOKEN": ACCOUNT_TOKEN,
}


class LiveShop:
    """The project and its world.

    Args:
        folder: for both.
        web: more about the service, as `ServiceSpec` takes it.
    """

    def __init__(self, folder: Path, **web: Any) -> None:
        spec = ServiceSpec("web", deploy={"startCommand": START}, **web)
        self.shop = make_shop(folder, spec, postgres(database_url=DATABASE))
        self.root = self.shop.folder
        self.path = self.shop.environment()["PATH"]
        self._deployed()

    @property
    def deploy(self) -> dict[str, Any]:
        """The deploy section of the service, as Railway has it now."""
        found: dict[str, Any] = self.shop.instance().configuration.get("deploy", {})
        return found

    def set(self, **deploy: Any) -> None:
        """Let somebody change it in the dashboard."""
        at = self.shop.instance()
        with self.shop.world.change() as state:
            state.instance(at.environment, at.service).configuration["deploy"] = deploy

    def first_deployed(self, moment: str) -> None:
        """Let its only deployment be of another moment."""
        with self.shop.world.change() as state:
            at = state.deployments_of(self.shop.instance().environment, self.shop.instance().service)
            at[-1].created = moment

    def overrides(self) -> Overrides:
        """The project's temporary commands; the world's `railway` has to be on PATH."""
        project = load_project(self.root, VARIABLES)

        def railway(environment: str) -> RailwayCli:
            return open_cli(project, environment=environment)

        return Overrides(project, railway)

    def _deployed(self) -> None:
        """Let the service have code that serves; what is deployed later follows the script, without processes."""
        at = self.shop.instance()
        with self.shop.world.change() as state:
            made = deployments.add(state, state.instance(at.environment, at.service), snapshot=self.root, meta={})
            state.deployments[made.id].status = "SUCCESS"
        self.shop.world.folder_of(made.id).mkdir()
        self.shop.world.trap("script", [{"status": "BUILDING", "asks": 1}, {"status": "SUCCESS"}])


def via_service(kind: Any = "start-command") -> Wish:
    """Wish for the service's configuration."""
    return Wish("production", web, kind=kind, asked="service")


def web(railway: RailwayCli) -> tuple[str, str]:
    """Find the service."""
    found = railway.service("web")
    return found.id, found.name
