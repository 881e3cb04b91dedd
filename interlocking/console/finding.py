"""How the findings of a review look: what, where, the lock and whom it blocks, why, and the code to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from interlocking.console.report import Line, Span, Style, broken, line
from interlocking.review.finding import SEVERITIES, Finding, Lock, Severity
from interlocking.review.result import Unread

STYLES: dict[Severity, Style] = {"error": "bad", "warning": "warn", "info": "accent"}
WIDTH = 100
_INDENT = 11
_NOTE_INDENT = 17
_LABEL = 9
_MOST_LINES = 6


def grouped(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return findings with those about one statement together, the worst of them first."""
    groups: dict[object, list[Finding]] = {}
    for each in findings:
        groups.setdefault((each.revision, each.direction, each.line, each.sql), []).append(each)
    return [sorted(group, key=lambda each: SEVERITIES.index(each.severity)) for group in groups.values()]


def findings_lines(findings: Sequence[Finding], width: int = WIDTH) -> list[Line]:
    """Return findings for a person: what hurts, statement by statement; what is allowed; and the notes in a list.

    Args:
        findings: of one revision, in the order of their lines.
        width: how many characters a line may have; code is never broken, because it is pasted.
    """
    active = [each for each in findings if not each.suppressed]
    lines = [each for group in grouped(filter(is_loud, active)) for each in (*_group(group, width), line(""))]
    for allowed in (each for each in findings if each.suppressed):
        lines += [*_head("allowed", "dim", allowed, width), *_said("reason", allowed.reason, width), line("")]
    notes = [part for each in active if not is_loud(each) for part in _note(each, width)]
    return [*lines, *notes, *([line("")] if notes else [])]


def is_loud(finding: Finding) -> bool:
    """Say whether a person has to look at it."""
    return finding.severity != "info"


def unread_lines(unread: Unread, width: int = WIDTH) -> list[Line]:
    """Return what could not be read, for a person."""
    word = "allowed" if unread.suppressed else "error"
    style: Style = "dim" if unread.suppressed else STYLES["error"]
    head = _headed(_what(word, style, "unreadable"), (Span(f"{unread.file}:{unread.line}", "accent"),), width)
    return [*head, *_wrapped(unread_words(unread), width), *_said("reason", unread.reason, width), line("")]


def unread_words(unread: Unread) -> str:
    """Return what could not be read as a sentence."""
    which = f"{unread.direction}()" if unread.direction else "the file"
    hint = "; the setting lint.deadline says how long it may take" if unread.kind == "deadline" else ""
    return f"{which} could not be read to its end: {unread.message}{hint}"


def lock_words(lock: Lock) -> str:
    """Return a lock as a sentence: `ACCESS EXCLUSIVE on users: blocks reads and writes while every row is read`."""
    relations = f" on {', '.join(lock.relations)}" if lock.relations else ""
    blocks = f": blocks {lock.blocks}" if lock.blocks else ""
    return f"{lock.mode.upper()}{relations}{blocks}" + (f", {lock.held}" if lock.held else "")


def advice(replacement: str) -> str:
    """Return a replacement that is no code, only a comment of one line, as a sentence; empty when it is code."""
    is_sentence = replacement.startswith("# ") and "\n" not in replacement and ": allow" not in replacement
    return replacement.removeprefix("# ") if is_sentence else ""


def finding_data(finding: Finding) -> dict[str, Any]:
    """Return a finding for a program."""
    lock = finding.lock
    return {
        "id": finding.id,
        "severity": finding.severity,
        "revision": finding.revision,
        "direction": finding.direction,
        "file": finding.file,
        "line": finding.line,
        "table": finding.table,
        "column": finding.column,
        "message": finding.message,
        "statement": finding.sql,
        "lock": {"mode": lock.mode, "relations": list(lock.relations), "blocks": lock.blocks, "held": lock.held}
        if lock
        else None,
        "why": finding.why,
        "replacement": finding.replacement,
        "phase": finding.phase,
        "suppressed": finding.suppressed,
        "reason": finding.reason,
        "source": finding.source,
        "also": list(finding.also),
        "docs": finding.docs,
        "fixable": finding.fixable,
    }


def unread_data(unread: Unread) -> dict[str, Any]:
    """Return what could not be read, for a program."""
    return {
        "revision": unread.revision,
        "file": unread.file,
        "line": unread.line,
        "direction": unread.direction,
        "kind": unread.kind,
        "message": unread.message,
        "suppressed": unread.suppressed,
        "reason": unread.reason,
    }


def _group(group: list[Finding], width: int) -> Iterator[Line]:
    """Yield what is said about one statement; place and statement stand there once."""
    worst, *others = group
    yield from _head(worst.severity, STYLES[worst.severity], worst, width)
    yield from _wrapped(worst.message, width)
    yield from _sql(worst.sql, width)
    yield from _details(worst, width)
    for other in others:
        yield _what(other.severity, STYLES[other.severity], other.id)
        yield from _wrapped(other.message, width)
        yield from _details(replace(other, lock=None) if other.lock == worst.lock else other, width)
    also = dict.fromkeys(chain.from_iterable(each.also for each in group))
    yield from _said("also", f"squawk: {', '.join(also)}" if also else "", width)


def _details(finding: Finding, width: int) -> Iterator[Line]:
    yield from _said("lock", lock_words(finding.lock) if finding.lock else "", width)
    yield from _said("why", finding.why, width)
    if sentence := advice(finding.replacement):
        yield from _said("instead", sentence, width)
    elif finding.replacement:
        yield line(" " * _INDENT, Span("instead", "dim"))
        yield from (line(" " * (_INDENT + 2), Span(part, "good")) for part in finding.replacement.splitlines())


def _note(finding: Finding, width: int) -> Iterator[Line]:
    """Yield what only needs to be known: number of the line, hazard, sentence."""
    down = " (downgrade)" if finding.direction == "downgrade" else ""
    at = str(finding.line or "")
    first, *rest = broken(f"{finding.id}: {finding.message}{down}", width - _NOTE_INDENT) or [""]
    sentence = first.removeprefix(finding.id)
    yield line("  ", Span("info     ", STYLES["info"]), f"{at:>4}  ", Span(finding.id, "bold"), sentence)
    yield from (line(" " * _NOTE_INDENT, part) for part in rest)


def _head(word: str, style: Style, finding: Finding, width: int) -> list[Line]:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    direction = Span("  downgrade" if finding.direction == "downgrade" else "", "dim")
    return _headed(_what(word, style, finding.id), (Span(place, "accent"), direction), width)


def _headed(what: Line, where: Line, width: int) -> list[Line]:
    """Return what is wrong and where, on a second line where one is too narrow for both."""
    if sum(len(span.text) for span in (*what, *where)) + 2 <= width:
        return [(*what, Span("  "), *where)]
    return [what, (Span(" " * _INDENT), *where)]


def _what(word: str, style: Style, id_: str) -> Line:
    return line("  ", Span(f"{word:<8} ", style), Span(id_, "bold"))


def _sql(sql: str, width: int) -> list[Line]:
    shown = sql[: width * _MOST_LINES]
    lines = broken(shown.expandtabs(4), width - _INDENT)
    if len(lines) > _MOST_LINES or len(shown) < len(sql):
        lines = [*lines[: _MOST_LINES - 1], "..."]
    return [line(" " * _INDENT, Span(part, "dim")) for part in lines]


def _said(word: str, text: str, width: int) -> list[Line]:
    if not text:
        return []
    first, *rest = broken(text, width - _INDENT - _LABEL) or [""]
    lines = [line(" " * _INDENT, Span(f"{word:<{_LABEL}}", "dim"), first)]
    return [*lines, *(line(" " * (_INDENT + _LABEL), part) for part in rest)]


def _wrapped(text: str, width: int) -> list[Line]:
    return [line(" " * _INDENT, part) for part in broken(text, width - _INDENT)]
