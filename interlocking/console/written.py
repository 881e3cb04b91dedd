"""How a written revision, a comparison and a move look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from interlocking.console.finding import WIDTH
from interlocking.console.lint import next_step, review_data, review_lines
from interlocking.console.report import Line, Report, Span, counted, line, mark
from interlocking.review.result import Review
from interlocking.upgrade.results import Drift, Moved, Operation, Written

_UPGRADE = "invoke db.upgrade"


def written_report(
    written: Written,
    root: Path,
    *,
    dry_run: bool,
    empty: bool = False,
    found: Review | None = None,
    width: int = WIDTH,
) -> Report:
    """Return the report of `db.migrate`.

    Args:
        written: what was, or would be, written.
        root: the project's root: paths are shown from there.
        dry_run: nothing was to be written.
        empty: the revision was asked for without operations.
        found: what a review says about it.
        width: how many characters a line may have.
    """
    data: dict[str, Any] = {
        "revision": written.revision if written.path else None,
        "path": str(written.path) if written.path else None,
        "dry_run": dry_run,
        "upgrade": _operations_data(written.upgrade),
        "downgrade": _operations_data(written.downgrade),
        **({"review": review_data(found)} if found else {}),
    }
    if written.path is None and not written.upgrade and not empty:
        return Report(data, [mark("ok", "nothing changed: models and migrations agree")])
    reviewed = review_lines(found, width) if found else []
    return Report(data, [*_written_lines(written, root), *reviewed], _after_writing(written, empty=empty, found=found))


def merged_report(written: Written, root: Path) -> Report:
    """Return the report of `db.merge`: a revision without operations, to which nothing need be added.

    Args:
        written: what was written.
        root: as in `written_report`.
    """
    return replace(written_report(written, root, dry_run=False, empty=True), next=_UPGRADE)


def drift_report(drift: Drift) -> Report:
    """Return the report of `db.check`; exit 1 when models and migrations disagree."""
    data = {"ok": not drift, "operations": _operations_data(drift.operations)}
    if not drift:
        return Report(data, [mark("ok", "models and migrations agree")])
    lines = [mark("fail", f"the models say {counted(len(drift.operations), 'thing')} that no revision does"), line("")]
    return Report(
        data,
        lines + _operation_lines(drift.operations),
        next='invoke db.migrate -m "what changed"',
        exit_code=1,
    )


def moved_report(moved: Moved, *, undo: str) -> Report:
    """Return the report of `db.upgrade`, `db.downgrade` and `db.stamp`."""
    data = {
        "before": list(moved.before),
        "after": list(moved.after),
        "steps": [
            {**asdict(step), "seconds": round(step.seconds, 3), "waited": round(step.waited, 3)} for step in moved.steps
        ],
        "undo": undo,
    }
    where = ", ".join(moved.after) or "base: no revision is applied"
    lines = [mark("ok", "the database is at ", Span(where, "bold"))]
    if undo and moved.before != moved.after:
        lines.append(line(Span("undo: ", "dim"), undo))
    return Report(data, lines)


def nothing_to_do_report(current: Sequence[str]) -> Report:
    """Return the report of a move that is no move: calm, and exit 0."""
    where = ", ".join(current) or "base"
    data = {"before": list(current), "after": list(current), "steps": [], "undo": ""}
    return Report(data, [mark("ok", "already at ", Span(where, "bold"), "; nothing to do")])


def sql_report(sql: str) -> Report:
    """Return the SQL of an offline run."""
    return Report({"sql": sql}, [line(text) for text in sql.splitlines()])


def _written_lines(written: Written, root: Path) -> list[Line]:
    if written.path is None:
        head = mark("note", "dry run: this would be written; nothing was")
    else:
        path = written.path.relative_to(root) if written.path.is_relative_to(root) else written.path
        head = mark("ok", "wrote ", Span(str(path), "accent"))
    lines = [head]
    if written.upgrade:
        lines += [line(""), line(Span("upgrade", "bold")), *_operation_lines(written.upgrade)]
    if written.downgrade:
        lines += [line(""), line(Span("downgrade", "bold")), *_operation_lines(written.downgrade)]
    return [*lines, line("")] if len(lines) > 1 else lines


def _after_writing(written: Written, *, empty: bool, found: Review | None) -> str:
    if written.path is None:
        return 'invoke db.migrate -m "what it does"'
    if step := next_step(found) if found else "":
        return step
    return "fill it in, then invoke db.test-rollback" if empty else "review it, then invoke db.test-rollback"


def _operation_lines(operations: Sequence[Operation]) -> list[Line]:
    lines: list[Line] = []
    for operation in operations:
        lines.append(line("  ", operation.words))
        lines += [line("      ", Span(text, "dim")) for sql in operation.sql for text in f"{sql};".splitlines()]
    return lines


def _operations_data(operations: Sequence[Operation]) -> list[dict[str, Any]]:
    return [{"words": operation.words, "sql": list(operation.sql)} for operation in operations]
