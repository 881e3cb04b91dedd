"""The body of db.review, and the review that other tasks end or begin with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from interlocking.console.lint import warning_lines
from interlocking.console.report import Report, mark
from interlocking.console.review import review_report
from interlocking.errors import InterlockingError, UnavailableError
from interlocking.postgres.connect import connect
from interlocking.postgres.target import open_target
from interlocking.postgres.url import DatabaseUrl
from interlocking.rehearsal.selection import select_revisions
from interlocking.review.result import Review
from interlocking.review.reviewing import review
from interlocking.review.schema.live import Live, read_live
from interlocking.revisions.graph import Graph
from interlocking.revisions.order import pending
from interlocking.tasks.suite import Suite
from interlocking.upgrade.status import load_graph, read_position


def review_target(suite: Suite, *, revision: str, sql: bool) -> Report:
    """Review what is pending on the target, or one revision.

    Args:
        suite: this run.
        revision: only this one; empty: what is pending, or the newest one where the target cannot be asked.
        sql: show every statement in full.
    """
    place = find_place(suite)
    chosen = place.chosen(revision)
    if not chosen:
        return nothing_pending(place.graph)
    proof = f"invoke db.test-rollback{f' --revision {revision}' if revision else ''}" if place.url else ""
    return review_report(place.review(chosen), sql=sql, proof=proof, width=suite.console.width)


@dataclass(frozen=True)
class ReviewPlace:
    """What is reviewed against what.

    Attributes:
        suite: this run.
        graph: the revision files.
        url: the target; None where it cannot be asked.
        current: what it holds.
    """

    suite: Suite
    graph: Graph
    url: DatabaseUrl | None
    current: tuple[str, ...] = ()

    def chosen(self, revision: str) -> tuple[str, ...]:
        """Return what is meant: one revision, or what is pending; without a database the newest one."""
        default = "" if self.url else "head"
        return select_revisions(self.graph, current=self.current, revision=revision or default)

    def review(self, chosen: Sequence[str]) -> Review:
        """Review revisions."""
        if self.url is None:
            return review(self.suite.project, self.graph, chosen)
        return _with_database(self.suite, self.url, self.graph, chosen, self.current)


def find_place(suite: Suite) -> ReviewPlace:
    """Read the files, and where the target stands if it can be asked."""
    try:
        url = open_target(suite.project).url
        graph = load_graph(suite.project, url)
        return ReviewPlace(suite, graph, url, read_position(suite.project, url, graph).current)
    except UnavailableError as error:
        suite.console.story(mark("note", f"without a database: {error.message}"))
        return ReviewPlace(suite, load_graph(suite.project), None)


def review_written(suite: Suite, url: DatabaseUrl, id_: str) -> Review:
    """Review a revision that was just written, which the database at head does not have.

    Args:
        suite: this run.
        url: the target.
        id_: the revision.
    """
    graph = load_graph(suite.project, url)
    return _with_database(suite, url, graph, [id_], graph.parents(id_))


def warn_before_upgrade(suite: Suite, graph: Graph, ids: Sequence[str]) -> None:
    """Tell what production would refuse; a review that is not possible stops no local upgrade.

    Args:
        suite: this run.
        graph: the revision files.
        ids: what is about to be applied.
    """
    try:
        suite.console.story(*warning_lines(review(suite.project, graph, ids)))
    except InterlockingError as error:
        suite.console.story(mark("note", f"not reviewed: {error.message}"))


def _with_database(
    suite: Suite, url: DatabaseUrl, graph: Graph, chosen: Sequence[str], current: Sequence[str]
) -> Review:
    """Review with what the database says, when it stands right before these revisions."""
    if set(chosen) & graph.ancestors(current) or tuple(chosen) != pending(graph, current)[: len(chosen)]:
        return review(suite.project, graph, chosen)
    begun = bool(current)  # an empty database says nothing of how far production is: each is a release of its own
    with _live(url) as live:
        return review(suite.project, graph, chosen, one_release=begun, live=live, applied=graph.ancestors(current))


@contextmanager
def _live(url: DatabaseUrl) -> Iterator[Live]:
    """Yield what a database says. Its sizes are those of a development database: they silence nothing."""
    with connect(url) as connection:
        yield read_live(connection, sizes=False)


def nothing_pending(graph: Graph) -> Report:
    """Return the report of a review of nothing."""
    said = (
        "nothing is pending; invoke db.review -r head reviews the newest revision"
        if graph.revisions
        else 'there is no revision yet; invoke db.migrate -m "..." writes the first'
    )
    return Report({"passes": True, "revisions": [], "findings": [], "unreadable": [], "notes": []}, [mark("ok", said)])
