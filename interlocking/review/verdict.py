"""From judgements to a review: suppressions, configured severities, squawk's opinions, what was not read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from interlocking.errors import UsageError
from interlocking.review.layout import laid_out
from interlocking.review.lint_settings import LintSettings
from interlocking.review.model import SEVERITIES, Finding, Hazard, Problem, Reading
from interlocking.review.reading.suppression import Allowance, about_allowances, find_allowances
from interlocking.review.reading.unreached import DEPENDS, NOT_REACHED, unreached
from interlocking.review.result import Unread

UNREADABLE = "unreadable"
_IMPORTS = {"postgresql": "from sqlalchemy.dialects import postgresql", "sa": "import sqlalchemy as sa"}
OWN_HAZARDS: Mapping[str, Hazard] = {
    hazard.id: hazard
    for hazard in (
        Hazard(UNREADABLE, "error", "a revision that cannot be read without a database", docs="hazards/unreadable.md"),
        Hazard(
            NOT_REACHED, "warning", "what is done depends on the database's answer", docs=f"hazards/{NOT_REACHED}.md"
        ),
        Hazard(DEPENDS, "info", "the database decides which statements run", docs=f"hazards/{NOT_REACHED}.md"),
        Hazard("suppression-unknown", "error", "a comment that allows no known hazard", docs="suppressions.md"),
        Hazard("suppression-without-reason", "error", "a comment that says no reason", docs="suppressions.md"),
    )
}


def require_known(settings: LintSettings, hazards: Mapping[str, Hazard]) -> None:
    """Check the ids in `severities`.

    Raises:
        UsageError: one is no hazard.
    """
    for id_ in settings.severities:
        if id_ not in hazards and id_ not in OWN_HAZARDS:
            close = get_close_matches(id_, [*hazards, *OWN_HAZARDS], n=1)
            raise UsageError(
                f"lint.severities names {id_!r}, which is no hazard",
                code="unknown-hazard",
                why="a misspelled name would be ignored in silence",
                next=f"did you mean {close[0]!r}?" if close else "the hazards are listed in docs/hazards",
            )


def conclude(
    readings: Sequence[Reading], findings: Iterable[Finding], settings: LintSettings, hazards: Mapping[str, Hazard]
) -> tuple[tuple[Finding, ...], tuple[Unread, ...]]:
    """Apply the comments of the files and the configured severities.

    Args:
        readings: the revisions under review.
        findings: all that was found in them.
        settings: hazards may have other severities there.
        hazards: every hazard that the rules know.

    Returns:
        The findings in the order of the revisions and their lines, and what could not be read.
    """
    by_revision: dict[str, list[Finding]] = {reading.revision: [] for reading in readings}
    for finding in findings:
        by_revision[finding.revision].append(finding)
    known = frozenset((*hazards, *OWN_HAZARDS))
    concluded: list[Finding] = []
    unread: list[Unread] = []
    for reading in readings:
        allowances = find_allowances(reading.source)
        found = [*by_revision[reading.revision], *unreached(reading), *about_allowances(reading, allowances, known)]
        levelled = (_pasteable(each, reading) for each in _levelled(found, settings, allowances))
        concluded += sorted(levelled, key=_place)
        unread += [_unread(reading, problem, allowances) for problem in reading.problems]
    return tuple(_each_once(concluded)), tuple(unread)


def _each_once(findings: Iterable[Finding]) -> Iterable[Finding]:
    """Leave out what the same line says again: a loop sends thousands of statements that differ in their values."""
    kept: dict[object, Finding] = {}
    for each in findings:
        kept.setdefault((each.id, each.revision, each.direction, each.line, each.message), each)
    return kept.values()


def _levelled(
    findings: Iterable[Finding], settings: LintSettings, allowances: Sequence[Allowance]
) -> Iterable[Finding]:
    for finding in findings:
        level = settings.severities.get(finding.id, finding.severity)
        if level != "off":
            allowance = next((each for each in allowances if each.allows(finding.id, finding.line)), None)
            reason = allowance.reason if allowance else ""
            changed = allowance or level != finding.severity
            yield replace(finding, severity=level, suppressed=bool(allowance), reason=reason) if changed else finding


def _pasteable(finding: Finding, reading: Reading) -> Finding:
    """Lay the replacement out, with the imports that the file does not have."""
    code, source = finding.replacement, reading.source
    if not code:
        return finding
    missing = [line for name, line in _IMPORTS.items() if re.search(rf"\b{name}\.", code) and line not in source]
    return replace(finding, replacement=laid_out("\n".join((*missing, code))))


def _unread(reading: Reading, problem: Problem, allowances: Sequence[Allowance]) -> Unread:
    allowance = next((each for each in allowances if each.allows(UNREADABLE, problem.line)), None)
    return Unread(
        revision=reading.revision,
        file=reading.file,
        line=problem.line,
        direction=problem.direction,
        kind=problem.kind,
        message=problem.message,
        suppressed=bool(allowance),
        reason=allowance.reason if allowance else "",
    )


def _place(finding: Finding) -> tuple[bool, int, int]:
    """Return by what findings are ordered: as they stand in the file, the worst of one line first."""
    return finding.direction == "downgrade", finding.line, SEVERITIES.index(finding.severity)
