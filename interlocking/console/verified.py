"""How a verification looks: which applied files were edited, which are missing."""

from __future__ import annotations

from typing import Any

from interlocking.console.report import Line, Report, Span, counted, diff_span, line, mark
from interlocking.upgrade.verifying.verify import Edited, Verification, accept_command


def verified_report(found: Verification, *, accepted: str = "") -> Report:
    """Return the report of `db.verify`; exit 1 when an applied file is not what was applied.

    Args:
        found: what was found.
        accepted: the revision that was signed just before; empty for none.
    """
    lines = [mark("ok", f"{accepted} is accepted as it is now")] if accepted else []
    for each in found.edited:
        lines += _edited_lines(each)
    lines += [mark("fail", Span(id_, "bold"), "  was applied, and its file is gone") for id_ in found.missing]
    lines += [
        mark("fail", Span(id_, "bold"), "  the database is at it, and these files do not know it")
        for id_ in found.unknown
    ]
    return Report(
        data=_data(found, accepted),
        lines=[*lines, *_summary(found)],
        next=_next_step(found),
        exit_code=0 if found.ok else 1,
    )


def _edited_lines(each: Edited) -> list[Line]:
    row = each.applied
    verb = "accepted" if row.kind == "accepted" else "applied"
    when = f"edited since it was {verb} ({row.started:%Y-%m-%d %H:%M} by {row.actor})"
    missing = [] if each.diff else [line("        ", Span("git does not have what was applied", "dim"))]
    return [
        mark("fail", Span(each.revision, "bold"), f"  {when}"),
        *missing,
        *(line("        ", diff_span(text)) for text in each.diff.splitlines()),
    ]


def _summary(found: Verification) -> list[Line]:
    lines = []
    if found.ok and found.compared:
        said = f"{counted(found.compared, 'applied revision')} compared: each still has the file that was applied"
        lines.append(mark("ok", said))
    elif found.ok and not found.unrecorded:
        lines.append(mark("ok", "no revision is applied: there is nothing to compare"))
    if found.unrecorded:
        lines.append(
            mark("note", f"{len(found.unrecorded)} applied without the guard: nobody recorded what their files were")
        )
    return lines


def _next_step(found: Verification) -> str:
    if found.unknown:
        return "check out the code that knows it"
    if found.ok:
        return ""
    first = found.edited[0].revision if found.edited else found.missing[0]
    return f"put the file back and write a new revision; or sign it: {accept_command(first)}"


def _data(found: Verification, accepted: str) -> dict[str, Any]:
    return {
        "ok": found.ok,
        "accepted": accepted or None,
        "edited": [_edited_data(each) for each in found.edited],
        "missing": list(found.missing),
        "unknown": list(found.unknown),
        "compared": found.compared,
        "unrecorded": list(found.unrecorded),
    }


def _edited_data(each: Edited) -> dict[str, Any]:
    return {
        "revision": each.revision,
        "file": str(each.path),
        "applied": each.applied.started.isoformat(),
        "actor": each.applied.actor,
        "git_commit": each.applied.git_commit,
        "recorded": each.applied.checksum,
        "found": each.found or None,
        "diff": each.diff,
    }
