"""How the position of a database looks: current, heads, history, one revision, status."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from interlocking.console.audited import audit_data, audit_lines
from interlocking.console.report import Line, Report, Span, Style, columns, counted, line, mark
from interlocking.revisions.graph import Graph
from interlocking.revisions.model import Revision
from interlocking.revisions.position import Position
from interlocking.upgrade.status import LastCheck, Standing

_UPGRADE = "invoke db.upgrade"


def current_report(position: Position) -> Report:
    """Return the report of `db.current`: the shape of its JSON is part of the contract."""
    lines = [line(_with_head(id_, position)) for id_ in position.current]
    return Report(
        data=position_data(position),
        lines=lines or [line(Span("no revision is applied", "dim"))],
        next=_UPGRADE if position.pending else "",
    )


def heads_report(graph: Graph) -> Report:
    """Return the report of `db.heads`."""
    lines = columns(((id_, graph.revisions[id_].message) for id_ in graph.heads), indent=0)
    several = len(graph.heads) > 1
    return Report(data={"heads": list(graph.heads)}, lines=lines, next="invoke db.merge" if several else "")


def history_report(revisions: Sequence[Revision], graph: Graph, position: Position | None) -> Report:
    """Return the report of `db.history`, newest first.

    Args:
        revisions: those to show, in upgrade order.
        graph: all revisions.
        position: where the database stands; None when it cannot be asked.
    """
    newest_first = list(reversed(revisions))
    pending = set(position.pending) if position else set()
    rows: list[list[str | Span]] = [
        [*_revision_cells(each), *_marks(each, graph, position, pending)] for each in newest_first
    ]
    data = [_revision_data(each, graph, None if position is None else each.id not in pending) for each in newest_first]
    return Report(data={"revisions": data}, lines=columns(rows, indent=0) or [line("there are no revisions yet")])


def show_report(revision: Revision, graph: Graph, root: Path) -> Report:
    """Return the report of `db.show`: one revision, what it stands on, what stands on it, its file."""
    rows: list[tuple[Span, str | Span]] = [
        (Span("revision", "dim"), Span(revision.id, "bold")),
        (Span("message", "dim"), revision.message),
        (Span("after", "dim"), ", ".join(revision.down_revisions) or "base"),
        (Span("before", "dim"), ", ".join(graph.children[revision.id]) or "nothing (head)"),
        (Span("file", "dim"), str(_relative(revision.path, root))),
    ]
    source = revision.path.read_text(encoding="utf-8", errors="replace") if revision.path.suffix == ".py" else ""
    lines = [*columns(rows, indent=0), line(""), *(line(text) for text in source.splitlines())]
    return Report(data=_revision_data(revision, graph, None), lines=lines)


def status_report(standing: Standing) -> Report:
    """Return the report of `db.status`: one screen that says where the database stands."""
    position, graph = standing.position, standing.graph
    lines = [
        line(Span("database  ", "dim"), Span(standing.target, "accent")),
        line(Span("server    ", "dim"), f"PostgreSQL {standing.server}"),
        line(Span("current   ", "dim"), ", ".join(position.current) or "no revision is applied"),
        line(Span("head      ", "dim"), ", ".join(position.heads) or "there are no revisions yet"),
        line(""),
        *_verdict_lines(position, graph),
        *_check_lines(standing),
        *audit_lines(standing.audit),
    ]
    data = {
        **position_data(position),
        "target": standing.target,
        "server": standing.server,
        "drift": _check_data(standing.last_check),
        "audit": [audit_data(row) for row in standing.audit],
    }
    return Report(data=data, lines=lines, next=_next_step(position))


def _verdict_lines(position: Position, graph: Graph) -> list[Line]:
    if position.unknown:
        return [
            mark(
                "fail",
                f"the files do not know {', '.join(position.unknown)}: this code is older than the database",
            )
        ]
    lines = [mark("ok", "the database is at head")] if not position.pending else []
    if position.pending:
        lines = [mark("warn", f"{len(position.pending)} pending"), *_pending_lines(position, graph)]
    if len(position.heads) > 1:
        lines.append(mark("warn", f"{len(position.heads)} heads: two branches must become one before the next release"))
    return lines


def _pending_lines(position: Position, graph: Graph) -> list[Line]:
    return columns((_revision_cells(graph.revisions[id_]) for id_ in position.pending), indent=6)


def _check_lines(standing: Standing) -> list[Line]:
    check = standing.last_check
    if standing.position.pending and (check is None or check.operations or check.at != standing.position.current):
        return [mark("note", "models and migrations are compared at head: invoke db.check after the upgrade")]
    if check is None:
        return [mark("note", "models and migrations have not been compared yet: invoke db.check")]
    if check.at != standing.position.current:
        place = ", ".join(check.at) or "base"
        return [mark("note", f"models and migrations were last compared at {place}: invoke db.check")]
    when = _readable(check.when)
    if check.operations:
        missing = counted(len(check.operations), "operation")
        return [mark("warn", f"drift at the last check ({when}): {missing} missing; invoke db.check shows them")]
    return [mark("ok", f"models and migrations agreed at the last check ({when})")]


def _readable(when: str) -> str:
    """Return an ISO 8601 time to the minute, in the zone that it names."""
    moment = datetime.fromisoformat(when)
    return f"{moment:%Y-%m-%d %H:%M} {moment.tzname() or ''}".rstrip()


def _next_step(position: Position) -> str:
    if position.unknown:
        return "check out the code that knows it, or see `invoke db.history`"
    if position.pending:
        return _UPGRADE
    return "invoke db.merge" if len(position.heads) > 1 else ""


def position_data(position: Position) -> dict[str, Any]:
    """Return where a database stands, as every task that reports it does."""
    return {
        "current": list(position.current),
        "heads": list(position.heads),
        "pending": list(position.pending),
        "unknown": list(position.unknown),
    }


def _check_data(check: LastCheck | None) -> dict[str, Any] | None:
    if check is None:
        return None
    return {"at": list(check.at), "when": check.when, "operations": list(check.operations)}


def _revision_cells(revision: Revision) -> tuple[str, str]:
    return revision.id, revision.message


def _revision_data(revision: Revision, graph: Graph, applied: bool | None) -> dict[str, Any]:  # noqa: FBT001 - a JSON value
    return {
        "revision": revision.id,
        "down_revisions": list(revision.down_revisions),
        "depends_on": list(revision.depends_on),
        "branch_labels": list(revision.branch_labels),
        "message": revision.message,
        "file": str(revision.path),
        "head": revision.id in graph.heads,
        "applied": applied,
    }


def _marks(revision: Revision, graph: Graph, position: Position | None, pending: Collection[str]) -> list[Span]:
    marks: list[tuple[str, Style]] = []
    if revision.id in graph.heads:
        marks.append(("head", "accent"))
    if position is not None:
        if revision.id in position.current:
            marks.append(("current", "good"))
        elif revision.id in pending:
            marks.append(("pending", "warn"))
    if len(revision.down_revisions) > 1:
        marks.append(("merge", "dim"))
    return [Span(", ".join(word for word, _ in marks), marks[-1][1])] if marks else []


def _with_head(id_: str, position: Position) -> Span:
    if id_ in position.unknown:
        return Span(f"{id_} (unknown to the files)", "bad")
    return Span(f"{id_} (head)" if id_ in position.heads else id_)


def _relative(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path
