"""How `db.lint` looks: the findings alone, and the verdict."""

from __future__ import annotations

from collections import Counter
from typing import Any

from interlocking.console.finding import finding_data, finding_lines, unread_data, unread_lines
from interlocking.console.report import Line, Report, Span, counted, line, mark
from interlocking.review.finding import SEVERITIES, Finding
from interlocking.review.result import Review


def lint_report(review: Review, *, as_json: bool = False) -> Report:
    """Return the report of `db.lint`; exit 1 when there are errors.

    Args:
        review: what was found.
        as_json: a program will read it: only one of text and data is made, of what may be thousands of findings.
    """
    exit_code = 0 if review.passes else 1
    if as_json:
        return Report(review_data(review), exit_code=exit_code)
    parts = [
        *((each.revision, 0, unread_lines(each)) for each in review.unreadable),
        *((each.revision, 1, finding_lines(each)) for each in review.findings if each.suppressed or _is_loud(each)),
    ]
    order = {revision: number for number, revision in enumerate(review.revisions)}
    parts.sort(key=lambda part: (order[part[0]], part[1]))
    lines = [text for _, _, lines in parts for text in (*lines, line(""))]
    lines += _quiet(review)
    return Report({}, [*lines, *ending(review)], exit_code=exit_code)


def _is_loud(finding: Finding) -> bool:
    return finding.severity != "info"


def _quiet(review: Review) -> list[Line]:
    """Return one line for all that only needs to be known: among hundreds of those nobody would see an error."""
    counts = Counter(finding.id for finding in review.active if not _is_loud(finding))
    if not counts:
        return []
    words = ", ".join(f"{id_} ({number})" if number > 1 else id_ for id_, number in counts.most_common())
    return [mark("note", words, Span("  each: db.review -r REVISION, or --format json", "dim"))]


def review_lines(review: Review) -> list[Line]:
    """Return what was found, for the end of another report: what `db.migrate` wrote."""
    found = [part for each in review.findings for part in [*finding_lines(each), line("")]]
    unread = [part for each in review.unreadable for part in [*unread_lines(each), line("")]]
    return [*unread, *found, *ending(review)]


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


def ending(review: Review) -> list[Line]:
    """Return the last lines: what the review could not look at, and its verdict."""
    notes = [mark("note", note) for note in review.notes]
    if not review.passes:
        return [*notes, mark("fail", summary(review))]
    worst = next((each.severity for each in sorted(review.active, key=lambda f: SEVERITIES.index(f.severity))), "info")
    return [*notes, mark("warn" if worst == "warning" else "ok", summary(review))]
