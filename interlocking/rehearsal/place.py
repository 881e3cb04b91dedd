"""On which server scratch databases are made. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from interlocking.postgres.url import DatabaseUrl, parse
from interlocking.settings import Settings


@dataclass(frozen=True, slots=True)
class ScratchPlace:
    """A server for scratch databases.

    Args:
        server: whose it is: named by the setting, the target's own, or the suite's embedded one.
        url: any database of it; None for the embedded one, which may have to be started first.
        reason: why this one, for a person.
    """

    server: Literal["setting", "target", "embedded"]
    url: DatabaseUrl | None
    reason: str


def choose_scratch_place(settings: Settings, target: DatabaseUrl, *, is_production: bool = False) -> ScratchPlace:
    """Say where to make scratch databases for `target`.

    Never on a server that is not on this machine, unless it was named for that: copies cost it memory,
    disk and checkpoints while people use it.

    Args:
        settings: `scratch_url` decides when it is set.
        target: the database of the task.
        is_production: whether it is an environment's, whose tunnel may look local.

    Raises:
        UsageError: `scratch_url` is malformed.
    """
    if settings.scratch_url:
        url = parse(settings.scratch_url.reveal())
        return ScratchPlace("setting", url, f"scratch_url names {url.masked}")
    if target.is_local and not is_production:
        return ScratchPlace("target", target, f"{target.masked} is on this machine")
    whose = "production's" if is_production else "not on this machine"
    hint = "set scratch_url to use another server than the embedded one"
    return ScratchPlace("embedded", None, f"{target.masked} is {whose}; {hint}")
