"""The environment of a child: the project's own, with the one database that is meant."""

from __future__ import annotations

from pathlib import Path

from interlocking.environment import Project, child_environment
from interlocking.errors import UsageError
from interlocking.postgres.connect import DatabaseIdentity
from interlocking.postgres.target import embedded_server
from interlocking.postgres.url import DatabaseUrl, with_driver_of
from interlocking.upgrade.running.standing import to_message
from interlocking.upgrade.running.target import Target


def variables(project: Project, url: DatabaseUrl, *, session: str) -> dict[str, str]:
    """Return the child's whole environment.

    Args:
        project: gives its `.env` and settings.
        url: becomes `DATABASE_URL`, with the driver that the project itself names.
        session: the application name that every connection of the child gets, so that they can be found.
    """
    settings = project.settings
    return child_environment(
        {
            **project.variables,
            "DATABASE_URL": with_driver_of(settings.database_url.reveal(), url.libpq()),
            "FLASK_APP": settings.app or project.variables.get("FLASK_APP"),
            "PGAPPNAME": session,
        }
    )


def make_target(project: Project, url: DatabaseUrl, identity: DatabaseIdentity) -> Target:
    """Return what the child must know.

    Raises:
        UsageError: the project has no migrations.
    """
    root = project.root.resolve()
    ini = root / project.alembic_ini
    if not ini.is_file():
        raise _no_migrations(project, ini)
    return Target(
        root=root,
        app=project.settings.app if project.uses_flask else "",
        ini=ini,
        migrations=root / project.settings.migrations,
        url=url.sqlalchemy(),
        masked_url=url.masked,
        identity=to_message(identity),
        embedded=embedded_server(project).owns(url),
    )


def _no_migrations(project: Project, ini: Path) -> UsageError:
    return UsageError(
        f"there is no {ini.relative_to(project.root.resolve())}",
        code="no-migrations",
        why="Alembic finds env.py and the revisions through it",
        next="run flask db init" if project.uses_flask else "run alembic init, or set alembic_ini",
    )
