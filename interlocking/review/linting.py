"""A review without a database, whose result is kept: while no file has changed, nothing is read again."""
# ruff: noqa: PLC0415 - a run whose result was kept imports neither the rules nor the parser

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from interlocking.environment import Project
from interlocking.review.kept import Results
from interlocking.review.lint_settings import LintSettings, lint_settings
from interlocking.review.result import Review

if TYPE_CHECKING:
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
    results = Results(project, settings, selection, one_release=one_release)
    return results.kept() or results.keep(_review(project, load, choose, settings, results, one_release=one_release))


def _review(
    project: Project,
    load: Callable[[], Graph],
    choose: Callable[[Graph], Collection[str]],
    settings: LintSettings,
    results: Results,
    *,
    one_release: bool,
) -> Review:
    """Review for the first time; the child that will be needed loads Alembic while this process loads the rules."""
    from interlocking.review.reading import Shelf
    from interlocking.review.rendering import start_ahead

    is_needed = not Shelf(project, settings.postgres).has(results.marks)
    with start_ahead(project.root) if is_needed else nullcontext() as ahead:
        from interlocking.review.reviewing import review

        graph = load()
        return review(project, graph, choose(graph), one_release=one_release, deployed_first=one_release, ahead=ahead)
