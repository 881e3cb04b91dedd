"""The body of db.review, and the review that other tasks end or begin with."""

from __future__ import annotations

from collections.abc import Sequence

from interlocking.console.lint import warning_lines
from interlocking.console.report import Report, mark
from interlocking.console.review import review_report
from interlocking.errors import InterlockingError, UnavailableError
from interlocking.postgres.target import open_target
from interlocking.rehearsal.selection import select_revisions
from interlocking.review import reviewing
from interlocking.review.result import Review
from interlocking.revisions.graph import Graph
from interlocking.tasks.suite import Suite
from interlocking.upgrade.status import load_graph, read_position


def review_target(suite: Suite, *, revision: str, sql: bool) -> Report:
    """Review what is pending on the target, or one revision.

    Args:
        suite: this run.
        revision: only this one; empty: what is pending.
        sql: show every statement in full.
    """
    graph, current = _standing(suite)
    wanted = revision or ("" if current is not None else "head")
    chosen = select_revisions(graph, current=current or (), revision=wanted)
    if not chosen:
        note = "nothing is pending; invoke db.review -r head reviews the newest revision"
        return Report({"passes": True, "revisions": [], "findings": [], "unreadable": []}, [mark("ok", note)])
    return review_report(reviewing.review(suite.project, graph, chosen, live=None), sql=sql)


def review_written(suite: Suite, id_: str) -> Review:
    """Review a revision that was just written."""
    return reviewing.review(suite.project, load_graph(suite.project), [id_])


def warn_before_upgrade(suite: Suite, ids: Sequence[str]) -> None:
    """Tell what production would refuse; a review that is not possible stops no local upgrade."""
    try:
        found = reviewing.review(suite.project, load_graph(suite.project), ids)
    except InterlockingError as error:
        suite.console.story(mark("note", f"not reviewed: {error.message}"))
        return
    suite.console.story(*warning_lines(found))


def _standing(suite: Suite) -> tuple[Graph, tuple[str, ...] | None]:
    """Return the files, and what is applied to the target; None when it cannot be asked."""
    try:
        url = open_target(suite.project).url
        graph = load_graph(suite.project, url)
        return graph, read_position(suite.project, url, graph).current
    except UnavailableError as error:
        suite.console.story(mark("note", f"without a database: {error.message}"))
        return load_graph(suite.project), None
