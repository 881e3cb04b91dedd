"""The body of db.lint, which the hook of pre-commit runs too."""
# ruff: noqa: PLC0415 - a lint whose result was kept imports next to nothing

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from interlocking.console.lint import lint_report
from interlocking.console.report import Report
from interlocking.errors import InterlockingError, UsageError
from interlocking.review import linting
from interlocking.review.lint_settings import lint_settings
from interlocking.review.result import Review
from interlocking.tasks.suite import Suite

if TYPE_CHECKING:
    from interlocking.environment import Project
    from interlocking.review.model import Hazard
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
    suite.console.as_json = form == "json" or (suite.console.as_json and form != "sarif")  # which is JSON already
    with _without_collector(), _failing_in(suite, form):
        return _formatted(suite, _found(suite, since=since, every=every), form)


def explain(id_: str) -> Report:
    """Return the page about a hazard.

    Raises:
        UsageError: there is no such hazard.
    """
    from interlocking.console.explained import explained_report
    from interlocking.review import pages

    return explained_report(id_, pages.explain(id_, _hazards()))


def _found(suite: Suite, *, since: str, every: bool) -> Review:
    first = since or ("" if every else lint_settings(suite.project).since)
    return linting.lint(
        suite.project,
        lambda: _graph(suite.project),
        lambda graph: _chosen(graph, since=first),
        selection=(first,),
        one_release=bool(since),
    )


def _graph(project: Project) -> Graph:
    from interlocking.upgrade.status import load_graph

    return load_graph(project)


def _chosen(graph: Graph, *, since: str) -> tuple[str, ...]:
    from interlocking.rehearsal.selection import select_revisions

    return select_revisions(graph, current=(), since=since, everything=not since)


def _formatted(suite: Suite, found: Review, form: str) -> Report:
    if form == "github":
        from interlocking.console.github import annotation_lines, github_report

        placed, sources = _placed(suite, found)
        suite.console.story(*annotation_lines(placed, sources))
        return github_report(placed)
    if form == "sarif":
        from interlocking.console.sarif import sarif_report
        from interlocking.review.pages import page_of

        return sarif_report(*_placed(suite, found), _hazards(), page_of)
    return lint_report(found, as_json=suite.console.as_json, width=suite.console.width)


def _hazards() -> Mapping[str, Hazard]:
    from interlocking.review.hazards import HAZARDS
    from interlocking.review.verdict import OWN_HAZARDS

    return {**HAZARDS, **OWN_HAZARDS}


def _placed(suite: Suite, found: Review) -> tuple[Review, Mapping[str, str]]:
    """Return a review with the files as the repository names them, and their texts.

    A project may be a folder of its repository: GitHub shows nothing at a path that begins there.
    """
    from interlocking.review.files import text_of

    root, workspace = suite.project.root.resolve(), suite.console.context.workspace
    above = Path(workspace).resolve() if workspace else root
    prefix = f"{root.relative_to(above).as_posix()}/" if root != above and root.is_relative_to(above) else ""
    files = {each.file for each in found.findings} | {each.file for each in found.unreadable}
    sources = {f"{prefix}{file}": text_of(root / file) for file in files}
    findings = tuple(replace(each, file=f"{prefix}{each.file}") for each in found.findings)
    unreadable = tuple(replace(each, file=f"{prefix}{each.file}") for each in found.unreadable)
    return (replace(found, findings=findings, unreadable=unreadable) if prefix else found), sources


@contextmanager
def _failing_in(suite: Suite, form: str) -> Iterator[None]:
    """Say an error, which comes in the place of a review, in the format that was asked for."""
    try:
        yield
    except InterlockingError as error:
        if form == "github":
            from interlocking.console.github import failed_lines, failed_report

            suite.console.story(*failed_lines(error))
            suite.console.result(failed_report(error))
        if form == "sarif":
            from interlocking.console.sarif import failed_report as failed_sarif

            suite.console.result(failed_sarif(error))
        raise


@contextmanager
def _without_collector() -> Iterator[None]:
    """Search for no garbage, now or later, in what a lint makes: it keeps nearly all of it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
