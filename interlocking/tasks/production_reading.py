"""The bodies of db.prod-status, -current and -history: read-only, through whichever way reaches the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast, get_args

from interlocking.console.production import environment_report
from interlocking.console.report import Report
from interlocking.console.standing import current_report, history_report
from interlocking.errors import UsageError
from interlocking.postgres.mark import require_mark
from interlocking.railway.ways import Via
from interlocking.release.preflight import migration_checks
from interlocking.release.production import Production, open_production, survey
from interlocking.revisions.order import newest_first
from interlocking.revisions.position import Position, locate_database
from interlocking.tasks.edge import Suite

VIAS: tuple[str, ...] = get_args(Via)


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
    if via not in VIAS:
        raise UsageError(f"--via {via} is no way to a database", code="bad-via", next=f"one of: {', '.join(VIAS)}")
    chosen = cast("Via", via)
    with open_production(
        suite.project, environment=environment, via=chosen, progress=suite.console.progress, learn=suite.learn
    ) as production:
        suite.console.story(f"note  {production.way.via}: {production.way.why}")
        yield production


def _position(production: Production) -> Position:
    require_mark(production.reach.mark(), production.environment)
    return locate_database(production.graph, production.reach.current())
