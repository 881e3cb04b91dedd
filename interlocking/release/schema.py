"""Which revision an environment's database is at."""

from __future__ import annotations

from interlocking.environment import Project
from interlocking.plan import Event
from interlocking.postgres.mark import require_mark
from interlocking.railway.cli import RailwayCli
from interlocking.railway.discovery import Services
from interlocking.railway.ways import Via, choose_way
from interlocking.release.production import open_reach
from interlocking.upgrade.status import load_graph


def deployed_schema(project: Project, cli: RailwayCli, services: Services, *, via: Via) -> tuple[str, ...]:
    """Ask the database of an environment for its revisions.

    Args:
        project: whose settings name the version table.
        cli: the environment.
        services: which service is which.
        via: the way to the database.

    Raises:
        RefusedError: no way leads there from here, or the database is marked as another environment's.
        UnavailableError: the database cannot be reached.
    """
    way = choose_way(cli, services, via)
    cli.progress(Event("note", f"asking the database {way.words}"))
    with open_reach(project, cli, way, load_graph(project)) as reach:
        require_mark(reach.mark(), cli.status().environment.name)
        return reach.current()
