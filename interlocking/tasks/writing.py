"""The bodies of db.migrate and db.merge."""

from __future__ import annotations

from datetime import UTC, date, datetime

from interlocking.console.report import Report, mark
from interlocking.console.written import merged_report, written_report
from interlocking.plan import Plan, Step
from interlocking.postgres.target import open_target
from interlocking.tasks.edge import Suite
from interlocking.tasks.reviewing import review_written
from interlocking.upgrade.running.runner import Alembic
from interlocking.upgrade.status import load_graph, read_standing, remember_check
from interlocking.upgrade.writing import write_merge, write_revision


def migrate(suite: Suite, *, message: str, empty: bool, dry_run: bool) -> Report:
    """Write the revision that brings the database to the models.

    Args:
        suite: this run.
        message: what it does.
        empty: without operations, to be filled in by hand.
        dry_run: show what would be written.
    """
    url = open_target(suite.project).url
    standing = read_standing(suite.project, url)
    alembic = Alembic(suite.project, url, suite.console.progress)
    written = write_revision(alembic, standing, message=message, today=_today(), empty=empty, dry_run=dry_run)
    if not empty:
        remember_check(suite.project, standing.position.current, written.upgrade)
    found = review_written(suite, url, written.revision) if written.path and not empty else None
    root, width = suite.project.root, suite.console.width
    return written_report(written, root, dry_run=dry_run, empty=empty, found=found, width=width)


def merge(suite: Suite, *, message: str, dry_run: bool) -> Report:
    """Join all heads with one revision."""
    graph = load_graph(suite.project)
    if len(graph.heads) <= 1:
        return Report({"revision": None}, [mark("ok", "there is one head; nothing to merge")])
    if dry_run:
        step = Step(f"write a revision after {' and '.join(graph.heads)}", undo="delete the file")
        return suite.console.plan(Plan("merge", suite.project.settings.migrations, (step,)))
    alembic = Alembic(suite.project, open_target(suite.project).url, suite.console.progress)
    written = write_merge(alembic, graph, message=message, today=_today())
    return merged_report(written, suite.project.root)


def _today() -> date:
    return datetime.now(UTC).astimezone().date()
