"""The bodies of db.prod-status, -current and -history: read-only, through whichever way reaches the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from interlocking.console.production import environment_report
from interlocking.console.report import Report
from interlocking.console.standing import current_report, history_report
from interlocking.plan import Event
from interlocking.postgres.mark import require_mark
from interlocking.railway.ways import parse_via
from interlocking.release.preflight import migration_checks
from interlocking.release.production import Production, open_production, survey
from interlocking.revisions.order import newest_first
from interlocking.revisions.position import Position, locate_database
from interlocking.tasks.edge import Suite


def status(suite: Suite, *, environment: str, via: str) -> Report:
    """Show everything there is to know about an environment's database."""
    with reached(suite, environment=environment, via=via) as production:
        found = survey(suite.project, production)
        files = [production.graph.revisions[id_].path for id_ in found.position.pending]
        checks = migration_checks(found, files, suite.project.root)
        return environment_report(production, found, checks)


def current(suite: Suite, *, environment: str, via: str) -> Report:
    """Show the revision of an environment's database."""
    with reached(suite, environment=environment, via=via) as production:
        return current_report(_position(production))


def history(suite: Suite, *, environment: str, via: str) -> Report:
    """List the revisions and which of them an environment's database has."""
    with reached(suite, environment=environment, via=via) as production:
        graph = production.graph
        oldest_first = reversed(newest_first(graph, graph.revisions))
        return history_report([graph.revisions[id_] for id_ in oldest_first], graph, _position(production))


@contextmanager
def reached(suite: Suite, *, environment: str, via: str) -> Iterator[Production]:
    """Open the way to an environment's database, and say which one it is and why.

    Raises:
        UsageError: there is no such way.
        InterlockingError: the way cannot be gone.
    """
    progress, learn = suite.console.progress, suite.learn
    with open_production(
        suite.project, environment=environment, via=parse_via(via), progress=progress, learn=learn
    ) as production:
        suite.console.progress(Event("note", production.way.words))
        yield production


def _position(production: Production) -> Position:
    require_mark(production.reach.mark(), production.environment)
    return locate_database(production.graph, production.reach.current())
