"""How `db.review --fix` looks: what was fixed, what was left and why, and what the review says now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from interlocking.console.lint import ending, review_data
from interlocking.console.report import Line, Report, Span, counted, diff_span, line, mark
from interlocking.review.fixes.result import FileChange, Fixed, Fixes, Left
from interlocking.review.model import Finding
from interlocking.review.result import Review


def fixes_report(fixes: Fixes, review: Review, *, command: str, dry_run: bool) -> Report:
    """Return the report; exit 1 when something stands against the revisions still.

    Args:
        fixes: what was written, or would be.
        review: of the revisions as they are now.
        command: what writes the fixes.
        dry_run: nothing was written.
    """
    data = {
        "dry_run": dry_run,
        "fixed": [_fixed_data(each) for each in fixes.fixed],
        "left": [{**_place(each.finding), "reason": each.reason} for each in fixes.left],
        "files": [{"file": each.name, "change": each.change, "diff": each.diff} for each in fixes.files],
        "review": review_data(review),
    }
    lines = [*_diffs(fixes.files if dry_run else ()), *map(_fixed_line, fixes.fixed), *map(_left_line, fixes.left)]
    if dry_run or not fixes.files:
        files = counted(len(fixes.files), "file")
        lines.append(mark("note", f"{files} would change; nothing was written" if fixes.files else "nothing to fix"))
    code = 0 if dry_run or review.passes else 1
    return Report(
        data, [*lines, *(() if dry_run else ending(review))], next=_next(fixes, command, dry_run), exit_code=code
    )


def _diffs(files: tuple[FileChange, ...]) -> Iterator[Line]:
    for each in files:
        for text in each.diff.splitlines():
            yield line(diff_span(text))
        yield line("")


def _fixed_line(fixed: Fixed) -> Line:
    where = f"{fixed.finding.file}:{fixed.finding.line}"
    behind = f"; goes on in {', '.join(fixed.revisions[1:])}" if fixed.revisions[1:] else ""
    return mark("ok", f"{where}  ", Span(fixed.finding.id, "bold"), behind)


def _left_line(left: Left) -> Line:
    where = f"{left.finding.file}:{left.finding.line}"
    return mark("skip", f"{where}  ", Span(left.finding.id, "bold"), f"  left to you: {left.reason}")


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


def _next(fixes: Fixes, command: str, dry_run: bool) -> str:  # noqa: FBT001 - one caller
    if not fixes.files:
        return ""
    return command if dry_run else "read the diff, then invoke db.test-rollback"
