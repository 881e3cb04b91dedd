"""How a release looks: what became of it, and what its rehearsal's clients met."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from interlocking.checks import Check
from interlocking.console.doctor import check_lines
from interlocking.console.production import saved_data, watched_lines
from interlocking.console.report import Line, Report, Span, columns, counted, line, mark
from interlocking.railway.verdicts import Verdict
from interlocking.release.rehearsing import Rehearsed
from interlocking.release.releasing import Released
from interlocking.release.traffic import Share
from interlocking.release.watch import Watched

_LOG_LINES = 20


def released_report(done: Released) -> Report:
    """Return the report of `deploy.with-migrations`; exit 5 when all is not well."""
    data = {
        "environment": done.environment,
        "ok": done.ok,
        "before": list(done.before),
        "after": list(done.after),
        **saved_data(done.saved),
        "deployments": [_verdict_data(each) for each in done.verdicts],
        "checks": [asdict(check) for check in done.checks],
        "reverted": done.reverted,
        "carries_override": done.carries_override,
        "watched": asdict(done.watched) if done.watched else None,
        "undo": done.undo,
    }
    lines = [line for each in done.verdicts if not each.ok for line in _failed_lines(each.words, each.why)]
    lines += [*check_lines(done.checks), *watched_lines(done.watched)]
    if done.reverted:
        lines.append(mark("ok", f"the original command: {done.reverted}"))
    if done.carries_override:
        lines.append(mark("warn", "what runs was built with the temporary command: it migrates at each restart too"))
    where = ", ".join(done.after) or "base"
    said = "released; the database is at " if done.ok else "not released as planned; the database is at "
    lines.append(mark("ok" if done.ok else "fail", said, Span(where, "bold")))
    if done.undo:
        lines.append(line(Span("undo: ", "dim"), done.undo))
    return Report(data, lines, next=_next(done), exit_code=0 if done.ok else 5)


def rehearsed_report(rehearsed: Rehearsed) -> Report:
    """Return the report of `deploy.rehearse`; exit 1 when the release failed or a client noticed it."""
    total = rehearsed.total
    data = {
        "ok": rehearsed.ok,
        "previous": rehearsed.previous,
        "applied": list(rehearsed.applied),
        "steps": [_share_data(each) for each in rehearsed.shares],
        "requests": total.requests,
        "failures": total.failures,
        "longest_stall": round(total.longest, 3),
        "seconds": round(rehearsed.seconds, 1),
        "release": dict(rehearsed.result),
        "folder": str(rehearsed.folder) if rehearsed.folder else None,
    }
    rows: list[list[str | Span]] = [[Span(name, "dim") for name in ("requests", "failed", "longest", "during")]]
    rows += [
        [str(each.requests), _failed(each), f"{each.longest * 1000:.0f} ms", each.title] for each in rehearsed.shares
    ]
    lines = [*_story(rehearsed), *columns(rows, indent=0), line(""), _verdict_line(rehearsed)]
    if rehearsed.folder:
        lines.append(line("      ", Span(str(rehearsed.folder), "accent")))
    if not rehearsed.ok:
        return Report(data, lines, exit_code=1)
    return Report(data, lines, next="invoke deploy.with-migrations")


def _verdict_line(rehearsed: Rehearsed) -> Line:
    total, applied = rehearsed.total, ", ".join(rehearsed.applied) or "no revision"
    met = f"{counted(total.requests, 'request')}, longest wait {total.longest * 1000:.0f} ms"
    if rehearsed.ok:
        return mark("ok", f"applied {applied}; {met}, none failed")
    if rehearsed.exit_code:
        return mark("fail", f"the release ended with exit {rehearsed.exit_code}; {met}")
    said = ", ".join(f"{count} times {what}" for what, count in total.failures.items())
    return mark("fail", f"applied {applied}; {met}; {said}")


def _story(rehearsed: Rehearsed) -> list[Line]:
    """Repeat what a failed release said: without it nobody could mend it."""
    if rehearsed.exit_code == 0:
        return []
    lines = [line("  ", Span(text, "dim")) for text in rehearsed.story]
    for each in rehearsed.result.get("deployments", ()):
        if each["why"]:
            lines += _failed_lines(f"deployment {each['deployment']} {each['outcome']}", each["why"])
    lines += check_lines([Check(**each) for each in rehearsed.result.get("checks", ()) if each["verdict"] == "fail"])
    if watched := rehearsed.result.get("watched"):
        lines += watched_lines(Watched(**watched))
    return [*lines, line("")]


def _failed(share: Share) -> Span:
    count = sum(share.failures.values())
    return Span(str(count), "bad" if count else "")


def _share_data(share: Share) -> dict[str, Any]:
    return {
        "step": share.title,
        "requests": share.requests,
        "failures": share.failures,
        "longest_stall": round(share.longest, 3),
    }


def _verdict_data(verdict: Verdict) -> dict[str, Any]:
    return {
        "deployment": verdict.deployment_id,
        "outcome": verdict.outcome,
        "status": verdict.status,
        "seconds": round(verdict.seconds, 1),
        "why": "" if verdict.ok else verdict.why,
    }


def _failed_lines(words: str, why: str) -> list[Line]:
    reason, *log = why.splitlines()
    shown = [reason, *log[-_LOG_LINES:]]
    return [mark("fail", words), *(line("      ", Span(text, "dim")) for text in shown)]


def _next(done: Released) -> str:
    if not done.ok:
        return "invoke deploy.logs" if done.verdicts else ""
    return "invoke deploy.backend, to run without the temporary command" if done.carries_override else ""
