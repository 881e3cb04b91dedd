"""The body of db.review --fix: read, show the diff, ask, write, review again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from interlocking.console.fixes import fixes_report
from interlocking.console.report import Report, mark
from interlocking.environment import Project
from interlocking.errors import RefusedError
from interlocking.review.fixes.files import perhaps_applied, propose_fixes, put_back_fixes, write_fixes
from interlocking.tasks.reviewing import ReviewPlace, find_place, nothing_pending
from interlocking.tasks.suite import Suite
from interlocking.upgrade.status import read_unfinished


def fix_target(suite: Suite, *, revision: str, dry_run: bool, yes: bool) -> Report:
    """Rewrite what has one right answer.

    Args:
        suite: this run.
        revision: only this one; empty: what is pending.
        dry_run: show the diff and write nothing.
        yes: do not ask.

    Raises:
        RefusedError: a revision is applied, if only in part, or it was not confirmed; nothing was written.
    """
    place = find_place(suite)
    chosen = place.chosen(revision)
    if not chosen:
        return nothing_pending(place.graph)
    _require_pending(place, chosen)
    found = place.review(chosen)
    width = suite.console.width
    command = "invoke db.review --fix" + (f" -r {revision}" if revision else "")
    named = chosen if revision else ()
    spared = perhaps_applied(suite.project, place.graph, pending=place.url is not None, named=named)
    today = datetime.now(UTC).astimezone().date()
    fixes = propose_fixes(suite.project, place.graph, found, today=today, spared=spared)
    if dry_run or not fixes.files:
        return fixes_report(fixes, found, command=command, dry_run=dry_run, width=width)
    plan = fixes.plan(suite.project.settings.migrations)
    if yes:
        suite.console.show_plan(plan)
    suite.console.confirm(plan, assume_yes=yes)
    write_fixes(suite.project, fixes)
    after = find_place(suite)
    found = after.review(_ordered(after, {*chosen, *fixes.revisions}))
    return fixes_report(fixes, found, command=command, dry_run=False, width=width)


def put_back_first(suite: Suite, project: Project, *, touch: bool) -> None:
    """Put back the revision files that a killed fix had begun to change, before any work.

    Args:
        suite: this run.
        project: its settings, which are only being made.
        touch: whether anything may be put back; otherwise it is only told.

    Raises:
        IncompleteError: they cannot be put back; what they hold must not be run.
    """
    if not touch:
        told = "invoke db.review --fix was interrupted while it wrote; the next task that changes something puts back"
        suite.console.story(mark("note", f"{told} the files that it had changed"))
        return
    for path in put_back_fixes(project):
        suite.console.story(mark("note", f"{path.name} is put back: invoke db.review --fix was interrupted"))


def _require_pending(place: ReviewPlace, chosen: Sequence[str]) -> None:
    """What was applied is history: other databases have it, and its checksum is kept."""
    applied = sorted(set(chosen) & place.graph.ancestors(place.current))
    if applied:
        raise RefusedError(
            f"{', '.join(applied)} is applied already",
            code="already-applied",
            why="a rewritten revision would not run again here, and the guard refuses files that were edited since",
            next="write a new revision, or undo this one first: invoke db.downgrade",
        )
    unfinished = read_unfinished(place.suite.project, place.url) if place.url else ""
    if unfinished in chosen:
        raise RefusedError(
            f"{unfinished} is half applied",
            code="half-applied",
            why="its next run goes on after the statements that have committed, so its file must stay as it is",
            next="invoke db.upgrade",
        )


def _ordered(place: ReviewPlace, ids: Collection[str]) -> tuple[str, ...]:
    return tuple(id_ for id_ in place.graph.revisions if id_ in ids)
