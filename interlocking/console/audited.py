"""How rows of the audit look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from interlocking.console.report import Line, Span, Style, columns, line
from interlocking.upgrade.audit.row import AuditRow

_STYLES: dict[str, Style] = {"applied": "good", "failed": "bad", "interrupted": "warn", "running": "accent"}


def audit_lines(rows: Sequence[AuditRow]) -> list[Line]:
    """Return a heading and one line a row; nothing when there are none."""
    if not rows:
        return []
    cells = [
        (f"{row.started:%Y-%m-%d %H:%M}", _what(row), Span(row.outcome, _STYLES[row.outcome]), _how(row))
        for row in rows
    ]
    return [line(""), line(Span("last of the audit", "dim")), *columns(cells)]


def audit_data(row: AuditRow) -> dict[str, Any]:
    """Return a row as JSON carries it."""
    return {**asdict(row), "started": row.started.isoformat()}


def _what(row: AuditRow) -> str:
    return f"{'accept' if row.kind == 'accepted' else row.direction} {row.revision}"


def _how(row: AuditRow) -> str:
    took = f"{row.seconds:.1f} s" if row.seconds is not None else ""
    tries = f"{row.tries} tries, waited {row.waited:.1f} s" if row.tries > 1 else ""
    return ", ".join(filter(None, (took, tries, f"by {row.actor}")))
