"""How a temporary command looks: made, already there, put back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from interlocking.change import Change
from interlocking.console.report import Line, Report, Span, line, mark
from interlocking.railway.verdicts import Verdict
from interlocking.release.commands import words
from interlocking.release.overrides import Applied, Reverted
from interlocking.release.planning import REVERT, PlannedOverride
from interlocking.release.recovery import described

_FAILED = 5


def applied_report(planned: PlannedOverride, applied: Applied, verdict: Verdict | None) -> Report:
    """Return the report of an override that is in place.

    Args:
        planned: what was planned.
        applied: what was done.
        verdict: of the deployment that Railway began by itself; None when it began none.
    """
    lines = [
        mark("ok", f"the temporary {words(planned.kind)} stands in ", Span(planned.door.target, "accent")),
        line("      ", Span(planned.after, "dim")),
    ]
    if not planned.door.deploys:
        lines.append(line("      it counts from the next deployment on, and stays until it is put back"))
    data = {"change": applied.change.id, "state": applied.change.state, **_planned_data(planned)}
    return Report(
        {"changed": True, "override": {**data, **_verdict_data(applied.deployment, verdict)}},
        [*lines, *_verdict_lines(verdict)],
        next=REVERT if planned.door.deploys else f"invoke deploy.backend, then {REVERT}",
        exit_code=_exit_code([verdict]),
    )


def migrates_already_report(planned: PlannedOverride) -> Report:
    """Return the report of a command that needs no migration in front of it."""
    lines = [
        mark("ok", f"nothing to do: the {words(planned.kind)} in {planned.door.target} migrates already"),
        line("      ", Span(planned.before, "dim")),
        mark("warn", "it does so on every deployment; invoke doctor says what that means"),
    ]
    return Report({"changed": False, "override": _planned_data(planned)}, lines)


def held_already_report(change: Change) -> Report:
    """Return the report of an override that is in place already."""
    data = {"changed": False, "override": {"change": change.id, "state": change.state, **change.subject}}
    return Report(data, [mark("ok", f"nothing to do: {described(change)}")])


def reverted_report(reverted: Sequence[tuple[Reverted, Verdict | None]]) -> Report:
    """Return the report of overrides that are no more.

    Args:
        reverted: each with the verdict of the deployment that Railway began by itself.
    """
    if not reverted:
        return Report({"reverted": []}, [mark("ok", "nothing to do: no temporary command is in place")])
    lines: list[Line] = []
    for each, verdict in reverted:
        lines += [mark("ok", _revertedwords(each)), *_verdict_lines(verdict)]
    data = [
        {"change": each.change.id, "how": each.how, **each.change.subject, **_verdict_data(each.deployment, verdict)}
        for each, verdict in reverted
    ]
    return Report({"reverted": data}, lines, exit_code=_exit_code([verdict for _, verdict in reverted]))


def _revertedwords(reverted: Reverted) -> str:
    kind = words(reverted.change.subject["kind"])
    if reverted.how == "put back":
        return f"the original {kind} stands in {reverted.target} again"
    if reverted.how == "kept as it is":
        return f"{reverted.target} stays as it is; the original {kind} is forgotten"
    return f"the original {kind} stood in {reverted.target} already"


def _planned_data(planned: PlannedOverride) -> dict[str, Any]:
    return {
        "kind": planned.kind,
        "door": planned.choice.door,
        "target": planned.door.target,
        "why": planned.choice.why,
        "before": planned.before or None,
        "after": planned.after,
    }


def _verdict_data(deployment: str, verdict: Verdict | None) -> dict[str, Any]:
    return {"deployment": deployment or None, "outcome": verdict.outcome if verdict else None}


def _verdict_lines(verdict: Verdict | None) -> list[Line]:
    if verdict is None:
        return []
    if verdict.ok:
        return [mark("ok", verdict.words)]
    return [mark("fail", verdict.words), *(line("      ", part) for part in verdict.why.splitlines())]


def _exit_code(verdicts: Sequence[Verdict | None]) -> int:
    return _FAILED if any(verdict is not None and not verdict.ok for verdict in verdicts) else 0
