"""Which revision an environment's database is at."""

from __future__ import annotations

from interlocking.environment import Project
from interlocking.errors import UsageError
from interlocking.plan import Event
from interlocking.postgres.connect import connect
from interlocking.postgres.versions import current_revisions
from interlocking.railway.cli import RailwayCli
from interlocking.railway.discovery import Services
from interlocking.railway.ways import Via, choose_way, open_way


def deployed_schema(project: Project, cli: RailwayCli, services: Services, *, via: Via) -> tuple[str, ...]:
    """Ask the database of an environment for its revisions.

    Args:
        project: whose settings name the version table.
        cli: the environment.
        services: which service is which.
        via: the way to the database; it has to lead here.

    Raises:
        UsageError: `ssh` was asked for, which leads to a command and not to the database.
        RefusedError: no way leads there from here.
        UnavailableError: the database cannot be reached.
    """
    way = choose_way(cli, services, via)
    if way.runs_inside:
        raise UsageError(
            "--via ssh does not lead to the database itself",
            code="bad-flag",
            next="--via tunnel, or --via public",
        )
    cli.progress(Event("note", f"asking the database {way.words}"))
    settings = project.settings
    with open_way(cli, way) as url, connect(url, readonly=True) as connection:
        return current_revisions(
            connection, version_table=settings.version_table, schema=settings.version_table_schema or None
        )
