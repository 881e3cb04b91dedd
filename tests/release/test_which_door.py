"""Where a temporary command is written, by the evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from interlocking.release.which_door import DoorName, Evidence, needs_configuration, which_door

BEFORE, LAST, CUTOFF = date(2026, 10, 1), date(2026, 11, 30), date(2026, 12, 1)
READ = Evidence(today=BEFORE, file="railway.toml", config_file="/railway.toml", first_deployed=date(2026, 8, 27))


@pytest.mark.parametrize(
    ("evidence", "door", "why"),
    [
        (READ, "file", "the service's configuration names /railway.toml, and Railway reads it"),
        (replace(READ, today=LAST), "file", "the service's configuration names"),
        (replace(READ, today=CUTOFF), "service", "Railway reads no railway.toml since 2026-12-01"),
        (
            replace(READ, first_deployed=date(2026, 8, 28)),
            "service",
            "services made since 2026-08-28 ignore railway.toml",
        ),
        (replace(READ, infrastructure=".railway/railway.py"), "service", ".railway/railway.py takes the place of"),
        (replace(READ, file=""), "service", "the project has no railway.toml"),
        (replace(READ, config_file=None), "service", "it cannot be known"),
        (replace(READ, config_file=""), "service", "nothing in the service's configuration shows"),
        (replace(READ, config_file="", setting="file"), "file", "the setting override_door"),
        (replace(READ, asked="service", setting="file"), "service", "--via-service asks for it"),
        (replace(READ, asked="file", setting="service"), "file", "--via-file asks for it"),
    ],
)
def test_the_evidence_decides(evidence: Evidence, door: DoorName, why: str) -> None:
    """What was asked for comes first; what cannot be known is not guessed."""
    choice = which_door(evidence)

    assert door == choice.door
    assert why in choice.why


@pytest.mark.parametrize(
    ("evidence", "doubt"),
    [
        (replace(READ, asked="file", today=CUTOFF), "Railway reads no railway.toml since 2026-12-01"),
        (replace(READ, asked="service"), "wins over the service's own settings"),
        (replace(READ, asked="file"), ""),
        (replace(READ, asked="service", today=CUTOFF), ""),
    ],
)
def test_a_wish_against_the_evidence_is_doubted(evidence: Evidence, doubt: str) -> None:
    """It is obeyed, and the doubt is said."""
    assert doubt in which_door(evidence).doubt
    assert bool(doubt) == bool(which_door(evidence).doubt)


def test_railway_is_only_asked_where_it_matters() -> None:
    """The file is local work."""
    assert needs_configuration(READ)
    assert not needs_configuration(replace(READ, asked="file"))
    assert not needs_configuration(replace(READ, setting="service"))
    assert not needs_configuration(replace(READ, today=CUTOFF))
