"""How one finding of a review looks: what, where, the lock and whom it blocks, why, and the code to write instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from interlocking.console.report import Line, Span, Style, line
from interlocking.review.finding import Finding, Lock, Severity
from interlocking.review.result import Unread

STYLES: dict[Severity, Style] = {"error": "bad", "warning": "warn", "info": "accent"}
_WIDTH = 100
_INDENT = 11
_MOST_LINES = 6
_LONGEST_LINE = 160


def finding_lines(finding: Finding) -> list[Line]:
    """Return a finding for a person: of what only needs to be known, the sentence; of the rest, all of it."""
    if finding.suppressed:
        return [_head("allowed", "dim", finding), *_said("reason", finding.reason)]
    lines = [_head(finding.severity, STYLES[finding.severity], finding), *_wrapped(finding.message)]
    if finding.severity == "info":
        return lines
    lines += _sql(finding.sql)
    lines += _said("lock", lock_words(finding.lock)) if finding.lock else []
    lines += _said("why", finding.why)
    lines += _code(finding.replacement)
    lines += _said("also", ", ".join(f"squawk: {rule}" for rule in finding.also))
    return [*lines, *_said("docs", f"docs/{finding.docs}" if finding.docs else "")]


def unread_lines(unread: Unread) -> list[Line]:
    """Return what could not be read, for a person."""
    word = "allowed" if unread.suppressed else "error"
    style: Style = "dim" if unread.suppressed else STYLES["error"]
    which = f"{unread.direction}()" if unread.direction else "the file"
    place = Span(f"{unread.file}:{unread.line}", "accent")
    head = line("  ", Span(f"{word:<8} ", style), Span("unreadable", "bold"), "  ", place)
    said = f"{which} could not be read to its end ({unread.kind}): {unread.message}"
    return [head, *_wrapped(said), *_said("reason", unread.reason)]


def lock_words(lock: Lock) -> str:
    """Return a lock as a sentence: `ACCESS EXCLUSIVE on users: blocks reads and writes while every row is read`."""
    relations = f" on {', '.join(lock.relations)}" if lock.relations else ""
    blocks = f": blocks {lock.blocks}" if lock.blocks else ""
    return f"{lock.mode.upper()}{relations}{blocks}" + (f", {lock.held}" if lock.held else "")


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


def _head(word: str, style: Style, finding: Finding) -> Line:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    direction = Span("  downgrade" if finding.direction == "downgrade" else "", "dim")
    return line("  ", Span(f"{word:<8} ", style), Span(finding.id, "bold"), "  ", Span(place, "accent"), direction)


def _sql(sql: str) -> list[Line]:
    lines = [part.rstrip().expandtabs(4) for part in sql.splitlines()]
    shown = lines if len(lines) <= _MOST_LINES else [*lines[: _MOST_LINES - 1], "..."]
    cut = [part if len(part) <= _LONGEST_LINE else f"{part[:_LONGEST_LINE]}..." for part in shown]
    return [line(" " * _INDENT, Span(part, "dim")) for part in cut]


def _code(code: str) -> list[Line]:
    if not code:
        return []
    head = _said("instead", "")
    return [*head, *(line(" " * (_INDENT + 2), Span(part, "good")) for part in code.splitlines())]


def _said(word: str, text: str) -> list[Line]:
    if not text and word != "instead":
        return []
    first, *rest = list(_broken(text, _WIDTH - 8)) or [""]
    lines = [line(" " * _INDENT, Span(f"{word:<8}", "dim"), first)]
    return [*lines, *(line(" " * (_INDENT + 8), part) for part in rest)]


def _wrapped(text: str) -> list[Line]:
    return [line(" " * _INDENT, part) for part in _broken(text, _WIDTH)]


def _broken(text: str, width: int) -> Iterator[str]:
    """Yield lines of at most `width` characters, broken at spaces; textwrap takes ten times as long."""
    for paragraph in text.splitlines():
        taken = ""
        for word in paragraph.split():
            if taken and len(taken) + 1 + len(word) > width:
                yield taken
                taken = word
            else:
                taken = f"{taken} {word}" if taken else word
        if taken:
            yield taken
