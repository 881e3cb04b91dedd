"""The review before anything reaches a database that others use."""

from __future__ import annotations

from collections.abc import Collection

from interlocking.environment import Project
from interlocking.errors import RefusedError
from interlocking.review.live import Live
from interlocking.review.result import Review
from interlocking.review.reviewing import review
from interlocking.revisions.graph import Graph
from interlocking.revisions.order import pending


def review_pending(project: Project, graph: Graph, current: Collection[str], *, live: Live | None = None) -> Review:
    """Review what an upgrade to the heads would apply, as one release.

    Args:
        project: whose revisions.
        graph: the revision files.
        current: the ids in the version table of the database.
        live: what that database says: `read_live(connection, sizes=True)`.
    """
    return review(project, graph, pending(graph, current), live=live, applied=graph.ancestors(current))


def require_passing(found: Review) -> None:
    """Let a release go on only when nothing stands against it.

    Raises:
        RefusedError: there is an error that no comment allows, or a revision could not be read.
    """
    if found.passes:
        return
    said = [f"{each.file}:{each.line} {each.id}: {each.message}" for each in found.errors]
    said += [f"{each.file}:{each.line} cannot be read: {each.message}" for each in found.unread]
    raise RefusedError(
        f"the review found {len(said)} {'error' if len(said) == 1 else 'errors'} in what is pending",
        code="review-errors",
        why="\n".join(said),
        next="invoke db.review, then the recipe it shows, or # interlocking: allow <id>: reason on that line",
    )
