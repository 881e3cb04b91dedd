"""How `doctor` looks: one line a check, its remedy beneath it when it did not pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from interlocking.checks import Check
from interlocking.console.report import Line, Report, Span, line, mark


def doctor_report(checks: Sequence[Check]) -> Report:
    """Return the report on `checks`; exit 1 when one failed."""
    lines = check_lines(checks)
    failed = sum(check.verdict == "fail" for check in checks)
    warned = sum(check.verdict == "warn" for check in checks)
    lines += [line(""), line(f"{len(checks)} checks, {failed} failed, {warned} warned")]
    return Report(
        data={"checks": [asdict(check) for check in checks], "ok": not failed},
        lines=lines,
        exit_code=1 if failed else 0,
    )


def check_lines(checks: Sequence[Check]) -> list[Line]:
    """Return one line a check, and its remedy beneath it when it did not pass."""
    width = max((len(check.name) for check in checks), default=0)
    lines: list[Line] = []
    for check in checks:
        lines.append(mark(check.verdict, Span(f"{check.name:<{width}}  ", "bold"), check.message))
        if check.remedy:
            lines.append(line(" " * (width + 8), Span("remedy: ", "dim"), check.remedy))
    return lines
