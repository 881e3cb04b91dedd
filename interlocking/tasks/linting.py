"""The body of db.lint, which the hook of pre-commit runs too."""
# ruff: noqa: PLC0415 - a lint whose result was kept imports next to nothing

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from interlocking.console.lint import lint_report
from interlocking.console.report import Report
from interlocking.errors import UsageError
from interlocking.review import linting
from interlocking.review.lint_settings import lint_settings
from interlocking.review.result import Review
from interlocking.tasks.suite import Suite

if TYPE_CHECKING:
    from interlocking.environment import Project
    from interlocking.revisions.graph import Graph

FORMATS = ("text", "json", "github", "sarif")


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
    with _without_collector():
        return _linted(suite, since=since, every=every, form=form)


def _linted(suite: Suite, *, since: str, every: bool, form: str) -> Report:
    first = since or ("" if every else lint_settings(suite.project).since)
    found = linting.lint(
        suite.project,
        lambda: _graph(suite.project),
        lambda graph: _chosen(graph, since=first),
        selection=(first,),
        one_release=bool(since),
    )
    return _formatted(suite, found, form)


def _graph(project: Project) -> Graph:
    from interlocking.upgrade.status import load_graph

    return load_graph(project)


def _chosen(graph: Graph, *, since: str) -> tuple[str, ...]:
    from interlocking.rehearsal.selection import select_revisions

    return select_revisions(graph, current=(), since=since, everything=not since)


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
    return lint_report(found, as_json=suite.console.as_json)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Search for no garbage, now or later, in what a lint makes: it keeps nearly all of it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
