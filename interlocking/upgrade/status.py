"""Where a database stands among the revision files: what `db.status` and `db.current` show.

The files are read statically and the version table with psycopg2 alone; Alembic is started only for a
revision file that cannot be read without running it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from interlocking.environment import Project
from interlocking.postgres.connect import connect, version_text
from interlocking.postgres.url import DatabaseUrl
from interlocking.postgres.versions import column_of_table, current_revisions
from interlocking.revisions.directory import locations_of, read_history
from interlocking.revisions.graph import Graph, build_graph
from interlocking.revisions.model import Revision
from interlocking.revisions.position import Position, locate_database
from interlocking.upgrade.audit.row import AuditRow
from interlocking.upgrade.audit.tables import progress_name
from interlocking.upgrade.results import Operation

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - a class, whatever its name says

_AUDIT_ROWS = 3


@dataclass(frozen=True, slots=True)
class LastCheck:
    """What `db.check` found when it last ran.

    Args:
        at: the revisions that the database was at.
        when: date and time, ISO 8601.
        operations: what was missing, in words; empty when models and migrations agreed.
    """

    at: tuple[str, ...]
    when: str
    operations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A database among the revision files.

    Args:
        target: the masked URL.
        server: the server's version, as `18.6`.
        graph: the revision files.
        position: what is applied and what is not.
        last_check: the last comparison with the models, if there was one.
        audit: what the guard ran last, newest first.
    """

    target: str
    server: str
    graph: Graph
    position: Position
    last_check: LastCheck | None
    audit: tuple[AuditRow, ...] = ()


def load_graph(project: Project, url: DatabaseUrl | None = None) -> Graph:
    """Read the revision files of a project.

    Args:
        project: whose settings say where the migrations are.
        url: the database for Alembic's environment, should a file need Alembic to be read.

    Raises:
        UsageError: the files are missing or do not hang together.
    """
    history = read_history(locations_of(project))
    if history.unreadable:
        history = history.completed(_read_by_alembic(project, url))
    return build_graph(history)


def read_position(project: Project, url: DatabaseUrl, graph: Graph) -> Position:
    """Ask the database for its revisions.

    Raises:
        UnavailableError: the database cannot be reached.
    """
    with connect(url, readonly=True) as connection:
        return locate_database(graph, _current(project, connection))


def read_unfinished(project: Project, url: DatabaseUrl) -> str:
    """Return the revision of which the guard has committed only a part; empty when there is none.

    Raises:
        UnavailableError: the database cannot be reached.
    """
    settings = project.settings
    table, schema = progress_name(settings.version_table), settings.version_table_schema or None
    with connect(url, readonly=True) as connection:
        return next(iter(column_of_table(connection, "revision", table=table, schema=schema)), "")


def read_standing(project: Project, url: DatabaseUrl) -> Standing:
    """Read files, database, the last check and the last rows of the audit.

    Raises:
        UsageError: the files are missing or do not hang together.
        UnavailableError: the database cannot be reached.
    """
    from interlocking.upgrade.audit.trail import last_rows  # noqa: PLC0415 - loads the driver

    graph = load_graph(project, url)
    with connect(url, readonly=True) as connection:
        position = locate_database(graph, _current(project, connection))
        server = version_text(connection.server_version)
        audit = last_rows(connection, _AUDIT_ROWS)
    return Standing(url.masked, server, graph, position, read_last_check(project), audit)


def read_last_check(project: Project) -> LastCheck | None:
    """Return what the last `db.check` found, or None."""
    path = _last_check_path(project)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return LastCheck(tuple(data["at"]), data["when"], tuple(data["operations"]))
    except (OSError, ValueError, KeyError):
        return None


def remember_check(project: Project, at: tuple[str, ...], drift: Sequence[Operation]) -> None:
    """Remember a comparison of models and migrations, for `db.status`.

    Args:
        project: where it is remembered.
        at: the revisions that the database was at.
        drift: what was missing; empty when they agreed.
    """
    when = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
    check = LastCheck(at, when, tuple(operation.words for operation in drift))
    path = _last_check_path(project)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(asdict(check)), encoding="utf-8")


def _current(project: Project, connection: Connection) -> tuple[str, ...]:
    settings = project.settings
    return current_revisions(
        connection, version_table=settings.version_table, schema=settings.version_table_schema or None
    )


def _read_by_alembic(project: Project, url: DatabaseUrl | None) -> Iterable[Revision]:
    """Let Alembic run the files that cannot be read statically; slower, and the only way."""
    from interlocking.postgres.target import open_target  # noqa: PLC0415 - the rare way
    from interlocking.upgrade.running.runner import Alembic  # noqa: PLC0415 - same

    return Alembic(project, url or open_target(project).url).revisions()


def _last_check_path(project: Project) -> Path:
    return project.home / "last-check.json"
