"""Where a temporary command must be written to count: `railway.toml`, or the service's live configuration. Pure.

Railway reads the file until 2026-12-01, and only for services that used it before 2026-08-28; where it reads it,
the file wins over the service's own settings. A wrong guess means a release without its migration, so what cannot be
known is not guessed: the service's configuration is used, which every service has, and the release proves
afterwards that the database is at head. Source: https://docs.railway.com/reference/config-as-code
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from interlocking.railway.config_file import CUTOFF, OPT_IN_CLOSED
from interlocking.railway.settings import OverrideDoor

DoorName = Literal["file", "service"]
DoorWish = OverrideDoor


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about a service and its project.

    Args:
        today: the day of the deployment.
        file: the configuration file's name; empty when the project has none.
        infrastructure: the file of infrastructure as code, such as `.railway/railway.py`; empty when there is none.
        asked: what was asked for on the command line.
        setting: what the project's settings say.
        config_file: the file that the live configuration names; empty when it names none; None when it was not read.
        first_deployed: the day of the service's first deployment, the nearest to the day on which it was made that can
            be known; None when it cannot.
    """

    today: date
    file: str = ""
    infrastructure: str = ""
    asked: DoorWish = "auto"
    setting: DoorWish = "auto"
    config_file: str | None = None
    first_deployed: date | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Which one, and why.

    Args:
        door: the file, or the service's live configuration.
        why: the evidence, in words.
        doubt: why it may be the wrong one although it was asked for; empty without doubt.
    """

    door: DoorName
    why: str
    doubt: str = ""


def which_door(evidence: Evidence) -> Choice:
    """Choose where to write."""
    against = _against_the_file(evidence)
    if evidence.asked != "auto":
        return _told(evidence.asked, f"--via-{evidence.asked} asks for it", evidence, against)
    if evidence.setting != "auto":
        return _told(evidence.setting, "the setting override_door asks for it", evidence, against)
    if against:
        return Choice("service", against)
    if evidence.config_file:
        return Choice("file", f"the service's configuration names {evidence.config_file}, and Railway reads it")
    if evidence.config_file is None:
        return Choice("service", f"it cannot be known whether Railway reads {evidence.file} for this service")
    return Choice("service", f"nothing in the service's configuration shows that Railway reads {evidence.file} for it")


def needs_configuration(evidence: Evidence) -> bool:
    """Return whether the live configuration could change the choice."""
    return evidence.asked == evidence.setting == "auto" and not _against_the_file(evidence)


def _told(door: DoorName, why: str, evidence: Evidence, against: str) -> Choice:
    doubt = ""
    if door == "file":
        doubt = against
    elif not against and evidence.config_file:
        doubt = f"Railway reads {evidence.config_file}, and what it says wins over the service's own settings"
    return Choice(door, why, doubt)


def _against_the_file(evidence: Evidence) -> str:
    """Return what proves that Railway does not read the file; empty when nothing does."""
    if not evidence.file:
        return "the project has no railway.toml"
    if evidence.today >= CUTOFF:
        return f"Railway reads no {evidence.file} since {CUTOFF.isoformat()}"
    if evidence.infrastructure:
        return f"{evidence.infrastructure} takes the place of {evidence.file}"
    if evidence.first_deployed is not None and evidence.first_deployed >= OPT_IN_CLOSED:
        closed = OPT_IN_CLOSED.isoformat()
        return (
            f"it was first deployed on {evidence.first_deployed}: services made since {closed} ignore {evidence.file}"
        )
    return ""
