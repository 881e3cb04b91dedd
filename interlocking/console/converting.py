"""How a converted configuration looks."""

from __future__ import annotations

from typing import Any

from interlocking.console.report import Line, Report, Span, counted, line, mark
from interlocking.release.converting import TARGET, Conversion

_REVIEW = "railway config plan"


def converted_report(conversion: Conversion, *, written: bool) -> Report:
    """Return the report of `railway.migrate-config`.

    Args:
        conversion: what was proven.
        written: whether the file was written; otherwise it is shown.
    """
    lines: list[Line] = [] if written else [line(text) for text in conversion.source.splitlines()] + [line("")]
    lines.append(
        mark(
            "ok",
            f"{TARGET} {'is written' if written else 'would say this'}: evaluated, and equal for ",
            Span(", ".join(conversion.environments), "accent"),
        )
    )
    lines += _notes(conversion)
    return Report(_data(conversion, written=written), lines, next=_REVIEW if written else "")


def _notes(conversion: Conversion) -> list[Line]:
    lines = []
    for service in conversion.services:
        if service.variables is not None:
            lines.append(
                mark("ok", f"{service.name}: {counted(len(service.variables), 'variable')} kept by preserve()")
            )
        lines += [mark("note", f"{service.name}: not written: {what}") for what in service.left_out]
    if conversion.unknown:
        lines.append(mark("warn", f"without variables and live settings: {conversion.unknown}"))
    return lines


def _data(conversion: Conversion, *, written: bool) -> dict[str, Any]:
    return {
        "path": TARGET,
        "written": written,
        "project": conversion.project,
        "environments": list(conversion.environments),
        "source": conversion.source,
        "services": [
            {
                "name": service.name,
                "variables": list(service.variables) if service.variables is not None else None,
                "left_out": list(service.left_out),
            }
            for service in conversion.services
        ],
    }
