"""The bodies of db.review and db.lint, and the review that other tasks end or begin with."""
# ruff: noqa: PLC0415 - a lint whose result was kept imports neither psycopg2 nor the rules

from __future__ import annotations

from collections.abc import Sequence

from interlocking.console.report import Report, mark
from interlocking.console.review import lint_report, review_report, warning_lines
from interlocking.errors import InterlockingError, UnavailableError, UsageError
from interlocking.rehearsal.selection import select_revisions
from interlocking.review import reviewing
from interlocking.review.lint_settings import lint_settings
from interlocking.review.result import Review
from interlocking.revisions.graph import Graph
from interlocking.tasks.suite import Suite
from interlocking.upgrade.status import load_graph

FORMATS = ("text", "json", "github", "sarif")


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


def lint(suite: Suite, *, since: str, every: bool, form: str) -> Report:
    """List the findings of the whole history, or of the end of it.

    Args:
        suite: this run.
        since: this one and what came after it; empty: what the setting `lint.since` says.
        every: the whole history, whatever that setting says.
        form: one of `text`, `json`, `github`, `sarif`.

    Raises:
        UsageError: there is no such format, or no such revision.
    """
    if form not in FORMATS:
        raise UsageError(f"there is no format {form!r}", code="unknown-format", next=f"one of {', '.join(FORMATS)}")
    first = since or ("" if every else lint_settings(suite.project).since)
    found = reviewing.lint(
        suite.project,
        lambda: load_graph(suite.project),
        lambda graph: select_revisions(graph, current=(), since=first, everything=not first),
        selection=(first,),
        one_release=bool(since),
    )
    return _formatted(suite, found, form)


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
    from interlocking.postgres.target import open_target
    from interlocking.upgrade.status import read_position

    try:
        url = open_target(suite.project).url
        graph = load_graph(suite.project, url)
        return graph, read_position(suite.project, url, graph).current
    except UnavailableError as error:
        suite.console.story(mark("note", f"without a database: {error.message}"))
        return load_graph(suite.project), None


def _formatted(suite: Suite, found: Review, form: str) -> Report:
    if form == "github":
        from interlocking.console.github import annotation_lines, github_report

        suite.console.story(*annotation_lines(found))
        return github_report(found)
    if form == "sarif":
        from interlocking.console.sarif import sarif_report
        from interlocking.review.rules import HAZARDS
        from interlocking.review.verdict import OWN_HAZARDS

        return sarif_report(found, {**HAZARDS, **OWN_HAZARDS})
    suite.console.as_json = suite.console.as_json or form == "json"
    return lint_report(found)
