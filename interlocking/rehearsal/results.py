"""What a round trip found, as plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

StepName = Literal["down", "up-again"]


@dataclass(frozen=True, slots=True)
class StepDifference:
    """One object that is not as it was.

    Args:
        step: after which step: "down" is compared with the state before the revision, "up-again" with the
            state after its first upgrade.
        kind: what it is, in PostgreSQL's word: "table", "column", "type", ...
        name: as the reader knows it.
        change: "missing", "left-behind" or "altered".
        sentence: the whole of it, for a person.
    """

    step: StepName
    kind: str
    name: str
    change: Literal["missing", "left-behind", "altered"]
    sentence: str


@dataclass(frozen=True, slots=True)
class RevisionTrip:
    """The round trip of one revision.

    Args:
        revision: its id.
        ok: whether nothing was lost, left behind or broken; a revision that says it is irreversible is ok.
        error: the step that failed and why; None when all of them ran.
        irreversible: whether its downgrade refuses on purpose.
        remarks: what is worth knowing and no fault, as sentences.
        differences: what was lost or left behind.
        blocked_by: the failed revision without which this one could not be tried; None otherwise.
        seconds_up: its first upgrade; None when that failed or was not tried.
        seconds_down: its downgrade; None when that failed or was not tried.
    """

    revision: str
    ok: bool
    error: str | None = None
    irreversible: bool = False
    remarks: tuple[str, ...] = ()
    differences: tuple[StepDifference, ...] = ()
    blocked_by: str | None = None
    seconds_up: float | None = None
    seconds_down: float | None = None

    def payload(self) -> dict[str, Any]:
        """Return the trip as `db.test-rollback --json` shows it."""
        return {
            "revision": self.revision,
            "ok": self.ok,
            "error": self.error,
            "irreversible": self.irreversible,
            "remarks": list(self.remarks),
            "differences": [
                {"step": each.step, "kind": each.kind, "name": each.name, "change": each.change}
                for each in self.differences
            ],
            "data": [],
            "seconds_up": self.seconds_up,
            "seconds_down": self.seconds_down,
        }


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """The round trips of all revisions in range.

    Args:
        revisions: one each, in the order they were tried; empty when there was nothing to try.
    """

    revisions: tuple[RevisionTrip, ...]

    @property
    def ok(self) -> bool:
        """Whether every revision is."""
        return all(each.ok for each in self.revisions)

    def payload(self) -> dict[str, Any]:
        """Return the result as `db.test-rollback --json` shows it."""
        return {"schema": 1, "revisions": [each.payload() for each in self.revisions]}
