"""How a round trip looks: one line a revision, and beneath it what was lost, left behind or worth a remark."""

from __future__ import annotations

from interlocking.console.report import Line, Report, Span, Verdict, line, mark
from interlocking.rehearsal.results import RevisionTrip, RoundTrip


def roundtrip_report(trip: RoundTrip) -> Report:
    """Return the report of `db.test-rollback`; exit 1 when a revision failed."""
    if not trip.revisions:
        text = "nothing is pending; `--all` tries every revision, `--revision` one of them"
        return Report(trip.payload(), [mark("ok", text)])
    width = max(len(each.revision) for each in trip.revisions)
    lines = [text for each in trip.revisions for text in _revision_lines(each, width)]
    failed = [each for each in trip.revisions if not each.ok]
    return Report(
        trip.payload(),
        [*lines, line(""), _summary(trip, failed)],
        next=f"correct it, then invoke db.test-rollback --revision {failed[0].revision}" if failed else "",
        exit_code=0 if trip.ok else 1,
    )


def _revision_lines(each: RevisionTrip, width: int) -> list[Line]:
    word, text = _verdict(each)
    lines = [mark(word, Span(f"{each.revision:<{width}}", "bold"), "  ", text, Span(_seconds(each), "dim"))]
    lines += [line("        ", Span("- ", "bad"), difference.sentence) for difference in each.differences]
    lines += [line("        ", part) for part in (each.error or "").splitlines()]
    lines += [line("        ", Span("remark: ", "dim"), remark) for remark in each.remarks]
    return lines


def _verdict(each: RevisionTrip) -> tuple[Verdict, str]:
    if each.blocked_by:
        return "skip", f"not tried: it needs {each.blocked_by}, which failed"
    if each.irreversible:
        return "note", "irreversible: its downgrade refuses on purpose"
    if each.ok:
        return "ok", "up, down, up again: nothing lost, nothing left behind"
    if each.differences:
        return "fail", "the round trip does not come back to the same schema"
    return "fail", "the round trip stopped"


def _seconds(each: RevisionTrip) -> str:
    if each.seconds_up is None:
        return ""
    down = f", down {each.seconds_down:.2f} s" if each.seconds_down is not None else ""
    return f"  up {each.seconds_up:.2f} s{down}"


def _summary(trip: RoundTrip, failed: list[RevisionTrip]) -> Line:
    tried = [each for each in trip.revisions if not each.blocked_by]
    irreversible = sum(each.irreversible for each in tried)
    parts = [f"{len(tried)} tried", f"{len(failed)} failed"]
    if irreversible:
        parts.append(f"{irreversible} irreversible")
    return mark("fail" if failed else "ok", ", ".join(parts))
