"""What a review says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from interlocking.review.finding import SEVERITIES, Direction, Finding, Lock, Phase

if TYPE_CHECKING:
    from interlocking.review.model import Reading, Statement


@dataclass(frozen=True, slots=True)
class Unread:
    """A revision, or one direction of it, that could not be read to its end.

    Attributes:
        revision: its id.
        file: from the project's root.
        line: where it stopped; 0 when unknown.
        direction: which function; None when the file could not be loaded.
        kind: see `Problem.kind`.
        message: what was said.
        suppressed: a comment allows it: a person has read it.
        reason: what that comment says.
    """

    revision: str
    file: str
    line: int
    direction: Direction | None
    kind: str
    message: str
    suppressed: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """What is known about the revisions under review.

    Attributes:
        revisions: their ids, in the order of their application.
        findings: in that order; suppressed ones too.
        unreadable: what could not be read.
        notes: what the review could not look at, one sentence each.
        readings: the revisions as they were read; empty when the result was kept from an earlier run.
        phases: for each revision and direction, one phase a statement; as `readings`.
    """

    revisions: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    unreadable: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()
    phases: Mapping[tuple[str, Direction], tuple[Phase, ...]] = field(default_factory=dict)

    @property
    def active(self) -> tuple[Finding, ...]:
        """The findings that no comment allows."""
        return tuple(finding for finding in self.findings if not finding.suppressed)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The errors that no comment allows."""
        return tuple(finding for finding in self.active if finding.severity == "error")

    @property
    def unread(self) -> tuple[Unread, ...]:
        """What could not be read and no comment allows."""
        return tuple(each for each in self.unreadable if not each.suppressed)

    @property
    def passes(self) -> bool:
        """Whether nothing stands against these revisions: no error, and all were read."""
        return not self.errors and not self.unread

    def phase(self, statement: Statement, place: int) -> Phase:
        """Return the phase of a statement, which is the `place`-th of its revision and direction."""
        phases = self.phases.get((statement.revision, statement.direction), ())
        return phases[place] if place < len(phases) else "none"

    def of(self, revision: str) -> tuple[Finding, ...]:
        """Return the findings of one revision."""
        return tuple(finding for finding in self.findings if finding.revision == revision)


def worst_first(findings: tuple[Finding, ...]) -> list[Finding]:
    """Return findings by severity, those of one severity in their own order; suppressed ones last."""
    return sorted(findings, key=lambda finding: (finding.suppressed, SEVERITIES.index(finding.severity)))


def to_data(review: Review) -> dict[str, Any]:
    """Return what a later run may be given instead of reading everything again."""
    return {
        "revisions": review.revisions,
        "findings": [_plain(finding) for finding in review.findings],
        "unreadable": [_plain(each) for each in review.unreadable],
        "notes": review.notes,
    }


def _plain(found: Finding | Unread | Lock) -> dict[str, Any]:
    """Return the fields as they are; `asdict` copies every one of them."""
    values = {name: getattr(found, name) for name in found.__slots__}
    return {name: _plain(value) if isinstance(value, Lock) else value for name, value in values.items()}


def from_data(data: Mapping[str, Any]) -> Review:
    """Return the review of `to_data`."""
    return Review(
        revisions=tuple(data["revisions"]),
        findings=tuple(_finding(each) for each in data["findings"]),
        unreadable=tuple(Unread(**each) for each in data["unreadable"]),
        notes=tuple(data["notes"]),
    )


def _finding(data: Mapping[str, Any]) -> Finding:
    lock = data["lock"]
    return Finding(
        **{
            **data,
            "lock": Lock(**{**lock, "relations": tuple(lock["relations"])}) if lock else None,
            "also": tuple(data["also"]),
        }
    )
