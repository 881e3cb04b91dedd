"""A review without a database, whose result is kept: while no file has changed, nothing is read again."""
# ruff: noqa: PLC0415 - a run whose result was kept imports neither the rules nor the parser

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from interlocking.environment import Project
from interlocking.review.kept import ResultCache
from interlocking.review.lint_settings import LintSettings, lint_settings
from interlocking.review.result import Review

if TYPE_CHECKING:
    from interlocking.review.reading.rendering import Ahead
    from interlocking.revisions.graph import Graph


def lint(
    project: Project,
    load: Callable[[], Graph],
    choose: Callable[[Graph], Collection[str]],
    *,
    selection: Sequence[str],
    one_release: bool,
) -> Review:
    """Review revisions.

    Args:
        project: whose they are.
        load: reads the revision files.
        choose: returns what is reviewed.
        selection: what `choose` goes by.
        one_release: see `reviewing.review`.

    Raises:
        UsageError: a setting or the statistics file is wrong, or `load` and `choose` say so.
    """
    settings = lint_settings(project)
    with ExitStack() as stack:
        ahead = None if ResultCache.are_kept(project) else _start_ahead(project, stack)
        results = ResultCache(project, settings, selection, one_release=one_release)
        if kept := results.kept():
            return kept
        if ahead is None and not _is_read(project, settings, results):
            ahead = _start_ahead(project, stack)
        from interlocking.review.reviewing import review

        graph = load()
        found = review(project, graph, choose(graph), one_release=one_release, deployed_first=one_release, ahead=ahead)
        return results.keep(found)


def _start_ahead(project: Project, stack: ExitStack) -> Ahead:
    """Start the child that will be needed: it loads Alembic while this process loads the rules."""
    from interlocking.review.reading.rendering import start_ahead

    return stack.enter_context(start_ahead(project.root))


def _is_read(project: Project, settings: LintSettings, results: ResultCache) -> bool:
    from interlocking.review.reading.revisions import ReadingCache

    return ReadingCache(project, settings.postgres).has(results.marks)
