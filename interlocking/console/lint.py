"""How `db.lint` looks: the findings alone, and the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from interlocking.console.finding import WIDTH, finding_data, findings_lines, is_loud, unread_data, unread_lines
from interlocking.console.report import Line, Report, Span, counted, mark, told
from interlocking.review.finding import SEVERITIES, Finding
from interlocking.review.result import Review


def lint_report(review: Review, *, as_json: bool = False, width: int = WIDTH) -> Report:
    """Return the report of `db.lint`; exit 1 when there are errors.

    Args:
        review: what was found.
        as_json: a program will read it: only one of text and data is made, of what may be thousands of findings.
        width: how many characters a line may have.
    """
    exit_code = 0 if review.passes else 1
    if as_json:
        return Report(review_data(review), exit_code=exit_code)
    loud = tuple(each for each in review.findings if each.suppressed or is_loud(each))
    last = ending(review, width, more="the same with")
    lines = [*_found_lines(review, loud, width), *_quiet(review, width), *last]
    return Report({}, lines, next=next_step(review, fixes="", allow=True), exit_code=exit_code)


def _found_lines(review: Review, findings: Iterable[Finding], width: int) -> list[Line]:
    """Return revision by revision what could not be read, and what was found."""
    parts: dict[str, list[Line]] = {id_: [] for id_ in review.revisions}
    for each in review.unreadable:
        parts[each.revision] += unread_lines(each, width)
    for revision, group in groupby(findings, key=lambda each: each.revision):
        parts[revision] += findings_lines(list(group), width)
    return [each for lines in parts.values() for each in lines]


def _quiet(review: Review, width: int) -> list[Line]:
    """Return one line for all that only needs to be known: among hundreds of those nobody would see an error."""
    counts = Counter(finding.id for finding in review.active if not is_loud(finding))
    words = [f"{id_} ({number})" if number > 1 else id_ for id_, number in counts.most_common()]
    return told("note", f"for information: {', '.join(words)}; --format json has them all", width) if words else []


def review_lines(review: Review, width: int) -> list[Line]:
    """Return what was found, for the end of another report: what `db.migrate` wrote."""
    return [*_found_lines(review, review.findings, width), *ending(review, width)]


def next_step(review: Review, *, fixes: str = "invoke db.review --fix", allow: bool = False) -> str:
    """Return what to do about a review; empty when nothing stands against it.

    Args:
        review: what was found.
        fixes: the command that rewrites what has one right answer; empty: it is not offered.
        allow: say how a finding is allowed.
    """
    if fixes and any(finding.fixable and is_loud(finding) for finding in review.active):
        return f'{fixes}, or write the code under "instead"'
    if review.passes:
        return ""
    if not review.errors:
        return "correct what could not be read, then invoke db.review"
    if allow:
        return 'write the code under "instead", or allow it on its line: # interlocking: allow ID: reason'
    return 'write the code under "instead", then invoke db.review'


def warning_lines(review: Review) -> list[Line]:
    """Return what stands against pending revisions, as warnings before a local upgrade; none when nothing does."""
    said = [(each.file, each.line, each.id, each.message) for each in review.errors]
    said += [(each.file, each.line, "unreadable", each.message) for each in review.unread]
    if not said:
        return []
    lines = [mark("warn", f"{file}:{at}  ", Span(id_, "bold"), f"  {message}") for file, at, id_, message in said]
    return [*lines, mark("note", "production refuses these; invoke db.review shows what to write instead")]


def review_data(review: Review) -> dict[str, Any]:
    """Return a review for a program: the keys of `db.lint --format json`."""
    return {
        "passes": review.passes,
        "findings": [finding_data(finding) for finding in review.findings],
        "unreadable": [unread_data(each) for each in review.unreadable],
        "notes": list(review.notes),
    }


def summary(review: Review) -> str:
    """Return a review in one line: `2 revisions: 1 error, 3 warnings, 1 allowed`."""
    counts = [
        counted(number, severity if severity != "info" else "note")
        for severity in SEVERITIES
        if (number := sum(finding.severity == severity for finding in review.active))
    ]
    allowed = sum(finding.suppressed for finding in review.findings)
    counts += [f"{allowed} allowed"] if allowed else []
    counts += [f"{len(review.unread)} unreadable"] if review.unread else []
    return f"{counted(len(review.revisions), 'revision')}: {', '.join(counts) or 'nothing found'}"


def ending(review: Review, width: int = WIDTH, *, more: str = "invoke db.lint") -> list[Line]:
    """Return the last lines: where to read more, what the review could not look at, and its verdict."""
    known = next((each.id for each in review.active if is_loud(each)), "")
    notes = told("note", f"more about one: {more} --explain {known}", width) if known else []
    notes += [part for note in review.notes for part in told("note", note, width)]
    if not review.passes:
        return [*notes, mark("fail", summary(review))]
    worst = next((each.severity for each in sorted(review.active, key=lambda f: SEVERITIES.index(f.severity))), "info")
    return [*notes, mark("warn" if worst == "warning" else "ok", summary(review))]
