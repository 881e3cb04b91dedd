"""How `db.review` looks: every operation with its phase, and what was found in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from interlocking.console.finding import finding_lines, unread_lines
from interlocking.console.lint import ending, review_data
from interlocking.console.report import Line, Report, Span, Style, line
from interlocking.review.model import Direction, Phase, Reading
from interlocking.review.parting.splitting import Split, split_revision
from interlocking.review.phases import phases_of
from interlocking.review.result import Review

_PHASE_STYLES: dict[Phase, Style] = {"expand": "good", "contract": "bad", "data": "warn", "none": "dim"}
_LONGEST = 96
_DIRECTIONS: tuple[Direction, ...] = ("upgrade", "downgrade")


def review_report(review: Review, *, sql: bool = False) -> Report:
    """Return the report of `db.review`; exit 1 when something stands against the revisions.

    Args:
        review: what was found.
        sql: show every statement in full.
    """
    lines = [part for reading in review.readings for part in _reading_lines(reading, review, sql=sql)]
    data = {**review_data(review), "revisions": [_reading_data(reading, review) for reading in review.readings]}
    return Report(data, [*lines, *ending(review)], next=_next(review), exit_code=0 if review.passes else 1)


def _reading_lines(reading: Reading, review: Review, *, sql: bool) -> Iterator[Line]:
    phases = review.phases.get((reading.revision, "upgrade"), ())
    words = [Span(phase, _PHASE_STYLES[phase]) for phase in phases_of(phases)]
    title = line(Span(reading.revision, "bold"), "  ", reading.message)
    yield (*title, *(span for word in words for span in (Span("   "), word)))
    for direction in _DIRECTIONS:
        yield from _statement_lines(reading, review, direction, sql=sql)
    for finding in review.of(reading.revision):
        yield line("")
        yield from finding_lines(finding)
    for unread in review.unreadable:
        if unread.revision == reading.revision:
            yield line("")
            yield from unread_lines(unread)
    yield from _split_lines(split_revision(reading, phases))
    yield line("")


def _statement_lines(reading: Reading, review: Review, direction: Direction, *, sql: bool) -> Iterator[Line]:
    statements = reading.statements(direction)
    if not statements:
        return
    yield line("  ", Span(direction, "dim"))
    for place, statement in enumerate(statements):
        phase = review.phase(statement, place)
        word = "" if phase == "none" else phase
        head = (Span(f"    {statement.line:>4}  "), Span(f"{word:<8}  ", _PHASE_STYLES[phase]))
        texts = statement.sql.expandtabs(4).splitlines() if sql else [_first_line(statement.sql)]
        yield (*head, Span(texts[0] if texts else ""))
        yield from (line(" " * 20, part) for part in texts[1:])


def _split_lines(split: Split) -> Iterator[Line]:
    if not (split.parts or split.obstacle):
        return
    yield line("")
    what = f"write {len(split.parts)} revisions instead" if split.parts else f"write one a phase; {split.obstacle}"
    yield line("  ", Span("mixes phases", "bold"), f": {what}")
    for part in split.parts:
        yield line("")
        yield line("    ", Span(part.id, "bold"), "  ", Span(part.phase, _PHASE_STYLES[part.phase]), f": {part.when}")
        yield from (line("      ", Span(text, "good")) for text in ("def upgrade():", *_indented(part.code)))


def _indented(code: str) -> Iterator[str]:
    return (f"    {text}".rstrip() for text in code.splitlines())


def _first_line(sql: str) -> str:
    text = " ".join(sql.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _next(review: Review) -> str:
    if any(finding.fixable for finding in review.active):
        return "invoke db.review --fix, or write what stands under instead"
    return "" if review.passes else "write what stands under instead, then invoke db.review"


def _reading_data(reading: Reading, review: Review) -> dict[str, Any]:
    phases = review.phases.get((reading.revision, "upgrade"), ())
    split = split_revision(reading, phases)
    return {
        "revision": reading.revision,
        "file": reading.file,
        "message": reading.message,
        "phases": list(phases_of(phases)),
        "statements": [
            {
                "direction": direction,
                "line": statement.line,
                "operation": statement.operation.name,
                "phase": review.phase(statement, place),
                "transaction": statement.transaction,
                "autocommit": statement.autocommit,
                "sql": statement.sql,
            }
            for direction in _DIRECTIONS
            for place, statement in enumerate(reading.statements(direction))
        ],
        "split": [
            {"id": part.id, "phase": part.phase, "when": part.when, "upgrade": part.code} for part in split.parts
        ],
        "split_obstacle": split.obstacle,
    }
