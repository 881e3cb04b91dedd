"""How `db.review` looks: every operation with its phase, and what was found in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interlocking.console.finding import STYLES, WIDTH, findings_lines, grouped, is_loud, unread_lines
from interlocking.console.lint import ending, next_step, review_data
from interlocking.console.report import Line, Report, Span, Style, broken, line
from interlocking.review.finding import Severity
from interlocking.review.model import Direction, Phase, Reading, Statement
from interlocking.review.parting.splitting import Split, split_revision
from interlocking.review.phases import phases_of
from interlocking.review.result import Review

_PHASE_STYLES: dict[Phase, Style] = {"expand": "good", "contract": "accent", "data": "warn", "none": "dim"}
_LINES = 2
_MOST = 10
_WORDS: dict[Severity, str] = {"error": "error", "warning": "warn", "info": ""}
_DIRECTIONS: tuple[Direction, ...] = ("upgrade", "downgrade")


def review_report(review: Review, *, sql: bool = False, proof: str = "", width: int = WIDTH) -> Report:
    """Return the report of `db.review`; exit 1 when something stands against the revisions.

    Args:
        review: what was found.
        sql: show every statement in full.
        proof: what to type next when nothing stands against them.
        width: how many characters a line may have.
    """
    lines = [part for reading in review.readings for part in _reading_lines(reading, review, width, sql=sql)]
    data = {**review_data(review), "revisions": [_reading_data(reading, review) for reading in review.readings]}
    step = next_step(review) or proof
    return Report(data, [*lines, *ending(review, width)], next=step, exit_code=0 if review.passes else 1)


def _reading_lines(reading: Reading, review: Review, width: int, *, sql: bool) -> Iterator[Line]:
    phases = review.phases.get((reading.revision, "upgrade"), ())
    words = [Span(phase, _PHASE_STYLES[phase]) for phase in phases_of(phases)]
    title = line(Span(reading.revision, "bold"), "  ", reading.message)
    yield (*title, *(span for word in words for span in (Span("   "), word)))
    severities = _severities(review, reading.revision)
    for direction in _DIRECTIONS:
        yield from _statement_lines(reading, review, direction, severities, width, sql=sql)
    yield line("")
    for unread in review.unreadable:
        if unread.revision == reading.revision:
            yield from unread_lines(unread, width)
    yield from findings_lines(review.of(reading.revision), width)
    yield from _split_lines(split_revision(reading, phases))


def _severities(review: Review, revision: str) -> Mapping[object, Severity]:
    """Return the worst that is said about each statement, of what a person has to look at."""
    loud = (each for each in review.of(revision) if is_loud(each) and not each.suppressed)
    return {(worst.direction, worst.line, worst.sql): worst.severity for worst, *_ in grouped(loud)}


def _statement_lines(
    reading: Reading,
    review: Review,
    direction: Direction,
    severities: Mapping[object, Severity],
    width: int,
    *,
    sql: bool,
) -> Iterator[Line]:
    statements = reading.statements(direction)
    if statements:
        yield line("  ", Span(direction, "dim"))
    for place, statement in enumerate(statements):
        phase = review.phase(statement, place)
        word = "" if phase == "none" else phase
        head = (Span(f"    {statement.line:>4}  "), Span(f"{word:<8}  ", _PHASE_STYLES[phase]))
        said = _said(statement, severities) if severities else ()
        margin = sum(len(span.text) for span in (*head, *said))
        texts = statement.sql.expandtabs(4).splitlines() if sql else _shortened(statement.sql, width - margin)
        yield (*head, *said, Span(texts[0] if texts else ""))
        yield from (line(" " * margin, part) for part in texts[1:])


def _said(statement: Statement, severities: Mapping[object, Severity]) -> Line:
    severity = severities.get((statement.direction, statement.line, statement.sql), "info")
    return line(Span(f"{_WORDS[severity]:<7}", STYLES[severity]))


def _split_lines(split: Split) -> Iterator[Line]:
    if not (split.parts or split.obstacle):
        return
    what = f"write {len(split.parts)} revisions instead" if split.parts else f"write one a phase; {split.obstacle}"
    yield line("  ", Span("mixes phases", "bold"), f": {what}")
    for part in split.parts:
        yield line("")
        yield line("    ", Span(part.id, "bold"), "  ", Span(part.phase, _PHASE_STYLES[part.phase]), f": {part.when}")
        yield from (line("      ", Span(text, "good")) for text in ("def upgrade():", *_indented(part.code)))
    yield line("")


def _indented(code: str) -> Iterator[str]:
    return (f"    {text}".rstrip() for text in code.splitlines())


def _shortened(sql: str, width: int) -> list[str]:
    """Return the begin of a statement, as far as two lines go."""
    begin = sql[: _MOST * width]
    lines = broken(" ".join(begin.split()), width)
    if len(lines) <= _LINES and len(begin) == len(sql):
        return lines
    return [*lines[: _LINES - 1], f"{lines[_LINES - 1][: width - 3]}..." if len(lines) >= _LINES else "..."]


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
