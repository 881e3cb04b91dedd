"""The adapter on a shop of Local Railway, as a task would open it, but quick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from interlocking.plan import Event
from interlocking.railway.cli import RailwayCli
from interlocking.railway.local.creation import ACCOUNT_TOKEN
from interlocking.railway.local.journal import Call, calls
from interlocking.railway.settings import RailwaySettings
from tests.railway.local.calls import Shop

ACCOUNT = {"RAILWAY_API_TOKEN": ACCOUNT_TOKEN}
QUICK = RailwaySettings(deadline=120.0, settle=0.2, poll=0.05)


@dataclass
class Told:
    """What the adapter told, and which secrets came to light."""

    events: list[Event] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Everything that a person would have read."""
        return "\n".join(event.text for event in self.events)


def open_shop(
    shop: Shop,
    variables: Mapping[str, str] | None = None,
    *,
    settings: RailwaySettings = QUICK,
    environment: str = "production",
    told: Told | None = None,
) -> RailwayCli:
    """Return the adapter for a shop; by an account's token unless other variables are given."""
    heard = told or Told()
    return RailwayCli(
        shop.folder,
        ACCOUNT if variables is None else variables,
        settings,
        environment=environment,
        progress=heard.events.append,
        learn=heard.secrets.extend,
    )


def asked(shop: Shop, *command: str) -> list[Call]:
    """Return the calls of a command that the stand-in was asked, oldest first."""
    return [call for call in calls(shop.world) if tuple(call.argv[: len(command)]) == command]
