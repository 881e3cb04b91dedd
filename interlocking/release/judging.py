"""What the review says about the revisions of a move, before anything reaches an environment."""

from __future__ import annotations

from collections.abc import Sequence

from interlocking.checks import Check
from interlocking.environment import Project
from interlocking.postgres.connect import connect
from interlocking.release.production import Production, Survey
from interlocking.release.reach import Direct
from interlocking.review.lint_settings import lint_settings
from interlocking.review.losses import Loss, losses
from interlocking.review.reading.revisions import read_revisions
from interlocking.review.result import Review
from interlocking.review.reviewing import review
from interlocking.review.schema.live import Rows, read_live

_COUNT_SECONDS = 5.0


def review_path(project: Project, production: Production, survey: Survey, path: Sequence[str]) -> Review:
    """Review the revisions that an upgrade would apply, with the tables of the environment at hand.

    Args:
        project: whose files they are.
        production: where they go.
        survey: how that stands.
        path: their ids.
    """
    applied = production.graph.ancestors(survey.position.current)
    if not isinstance(production.reach, Direct):
        return review(project, production.graph, path, applied=applied)
    with connect(production.reach.url) as connection:
        live = read_live(connection, sizes=True)
        return review(project, production.graph, path, live=live, applied=applied)


def review_check(found: Review) -> Check:
    """Judge a review: what it calls an error is refused unless the file allows it with a reason."""
    stopped = [f"{each.file}:{each.line} {each.id}" for each in found.errors]
    stopped += [f"{each.file}:{each.line} cannot be read" for each in found.unread]
    if not stopped:
        warned = sum(each.severity == "warning" for each in found.active)
        return Check("review", "ok", f"no errors, {warned} warnings" if warned else "nothing found")
    return Check(
        "review",
        "fail",
        "; ".join(stopped),
        "invoke db.review shows the recipe; or write `# interlocking: allow <id>: reason` on that line",
    )


def loss_checks(project: Project, production: Production, path: Sequence[str]) -> list[Check]:
    """Say what a downgrade destroys, with the number of rows where the database can be asked.

    Args:
        project: whose files they are.
        production: where they are undone.
        path: the ids of the revisions, newest first.
    """
    settings = lint_settings(project)
    revisions = [production.graph.revisions[id_] for id_ in path]
    readings = read_revisions(project, revisions, settings, server_version=settings.postgres)
    found = losses([statement for reading in readings for statement in reading.downgrade])
    if not found:
        return [Check("data", "ok", "no table, column or row is destroyed by a statement that can be read")]
    if not isinstance(production.reach, Direct):
        return [_told(each, None) for each in found]
    with connect(production.reach.url, readonly=True) as connection:
        rows = Rows(connection, _COUNT_SECONDS)
        return [_told(each, _count(rows, each)) for each in found]


def _count(rows: Rows, loss: Loss) -> int | None:
    return rows.filled(loss.table, loss.column) if loss.column else rows.count(loss.table)


def _told(loss: Loss, count: int | None) -> Check:
    number = "how many is not known" if count is None else f"{count:,}"
    if loss.column:
        return Check("data", "warn", f"the column {loss.table}.{loss.column} is lost, with its values: {number}")
    what = "is lost, with its rows" if loss.how == "dropped" else "loses rows; it has"
    return Check("data", "warn", f"the table {loss.table} {what}: {number}")
