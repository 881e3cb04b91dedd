"""Which revision an environment's database is at, and what that means for a tree."""

from __future__ import annotations

from interlocking.environment import Project
from interlocking.plan import Event
from interlocking.postgres.mark import require_mark
from interlocking.railway.cli import RailwayCli
from interlocking.railway.discovery import Services
from interlocking.railway.ways import Via, choose_way
from interlocking.release.production import open_reach
from interlocking.revisions.position import Position, locate_database
from interlocking.upgrade.status import load_graph


def deployed_position(project: Project, cli: RailwayCli, services: Services, *, via: Via) -> Position:
    """Ask the database of an environment for its revisions, and compare them with the files of this tree.

    Args:
        project: whose settings name the version table and the files.
        cli: the environment.
        services: which service is which.
        via: the way to the database.

    Raises:
        RefusedError: no way leads there from here, or the database is marked as another environment's.
        UnavailableError: the database cannot be reached.
    """
    way = choose_way(cli, services, via)
    graph = load_graph(project)
    cli.progress(Event("note", f"asking the database {way.words}"))
    with open_reach(project, cli, way, graph) as reach:
        require_mark(reach.mark(), cli.status().environment.name)
        return locate_database(graph, reach.current())


def unmigrated_words(position: Position) -> str:
    """Return what code that is deployed without migrations meets; empty when it meets what it knows."""
    if position.unknown:
        return f"the database is at {', '.join(position.unknown)}, which this code does not know"
    if position.pending:
        return f"not applied with it: {', '.join(position.pending)}; invoke deploy.with-migrations does both"
    return ""
