"""How `db.review --fix` looks: what was fixed, what was left and why, and what the review says now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from interlocking.console.finding import WIDTH
from interlocking.console.lint import ending, next_step, review_data
from interlocking.console.report import Line, Report, counted, diff_span, line, mark, told
from interlocking.review.fixes.result import FileChange, Fixed, Fixes
from interlocking.review.model import Finding
from interlocking.review.result import Review


def fixes_report(fixes: Fixes, review: Review, *, command: str, dry_run: bool, width: int = WIDTH) -> Report:
    """Return the report; exit 1 when something stands against the revisions still.

    Args:
        fixes: what was written, or would be.
        review: of the revisions as they are now.
        command: what writes the fixes.
        dry_run: nothing was written.
        width: how many characters a line may have.
    """
    data = {
        "dry_run": dry_run,
        "fixed": [_fixed_data(each) for each in fixes.fixed],
        "left": [{**_place(each.finding), "reason": each.reason} for each in fixes.left],
        "files": [{"file": each.name, "change": each.change, "diff": each.diff} for each in fixes.files],
        "review": review_data(review),
    }
    lines = [*_diffs(fixes.files if dry_run else ()), *_done_lines(fixes, width)]
    if dry_run or not fixes.files:
        files = counted(len(fixes.files), "file")
        lines.append(mark("note", f"{files} would change; nothing was written" if fixes.files else "nothing to fix"))
    if dry_run:
        lines += _others(fixes, review, width)
    else:
        lines += ending(review, width)
    step = command if dry_run and fixes.files else _next(fixes, review)
    return Report(data, lines, next=step, exit_code=0 if dry_run or review.passes else 1)


def _diffs(files: tuple[FileChange, ...]) -> Iterator[Line]:
    for each in files:
        for text in each.diff.splitlines():
            yield line(diff_span(text))
        yield line("")


def _done_lines(fixes: Fixes, width: int) -> Iterator[Line]:
    for fixed in sorted(fixes.fixed, key=lambda each: _order(each.finding)):
        behind = f"; goes on in {', '.join(fixed.revisions[1:])}" if fixed.revisions[1:] else ""
        yield from told("ok", f"{_where(fixed.finding)} {fixed.finding.id}{behind}", width)
    for left in sorted(fixes.left, key=lambda each: _order(each.finding)):
        yield from told("skip", f"{_where(left.finding)} {left.finding.id} left to you: {left.reason}", width)


def _others(fixes: Fixes, review: Review, width: int) -> list[Line]:
    """Return how many errors have no one right answer: a dry run that names only the rest would look like all."""
    named = [*(each.finding for each in fixes.fixed), *(each.finding for each in fixes.left)]
    others = sum(each not in named for each in review.errors)
    said = f"{counted(others, 'other error')} without one right answer; invoke db.review shows what to write"
    return told("note", said, width) if others else []


def _where(finding: Finding) -> str:
    return f"{finding.file}:{finding.line}"


def _order(finding: Finding) -> tuple[str, int]:
    return finding.file, finding.line


def _fixed_data(fixed: Fixed) -> dict[str, Any]:
    return {**_place(fixed.finding), "revisions": list(fixed.revisions)}


def _place(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "revision": finding.revision,
        "file": finding.file,
        "line": finding.line,
        "table": finding.table,
        "column": finding.column,
    }


def _next(fixes: Fixes, review: Review) -> str:
    if not fixes.files:
        return next_step(review, fixes="")
    return "read the diff, then invoke db.test-rollback" if review.passes else "invoke db.review, for what is left"
