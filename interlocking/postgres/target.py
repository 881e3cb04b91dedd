"""Which database a task means: the one of `DATABASE_URL`, or the embedded server's.

After onboarding `.env` holds the embedded server's real URL; it is recognised here, so that the server is
started when it is down.
"""

from __future__ import annotations

from dataclasses import dataclass

from interlocking.environment import Project
from interlocking.errors import RefusedError
from interlocking.postgres.connect import connect
from interlocking.postgres.embedded import EmbeddedServer
from interlocking.postgres.mark import read_mark
from interlocking.postgres.url import DatabaseUrl, parse


@dataclass(frozen=True, slots=True)
class Target:
    """The database that the `db` tasks work on.

    Args:
        url: where it is.
        server: the suite's own server when the database is on it, else None.
    """

    url: DatabaseUrl
    server: EmbeddedServer | None


def find_target(project: Project) -> Target:
    """Say which database is meant, starting nothing.

    Raises:
        UsageError: `DATABASE_URL` is malformed.
    """
    server = embedded_server(project)
    if project.settings.uses_embedded:
        return Target(server.url(), server)
    url = parse(project.settings.database_url.reveal())
    return Target(url, server if server.owns(url) else None)


def open_target(project: Project) -> Target:
    """Say which database is meant, and start the embedded server when it is there.

    Raises:
        UsageError: `DATABASE_URL` is malformed.
        UnavailableError: the embedded server cannot be started.
    """
    target = find_target(project)
    if target.server is not None:
        target.server.ensure_running(adopt=target.url)
        target.server.ensure_database(target.url.database)
    return target


def require_local(target: Target, *, task: str) -> None:
    """Refuse a database that is not on this machine, or is an environment's behind a local address: a tunnel.

    Args:
        target: what the task would work on.
        task: what it would do, in words.

    Raises:
        RefusedError: the host is another machine, or the database is marked.
        UnavailableError: it cannot be asked for its mark.
    """
    if not target.url.is_local:
        raise RefusedError(
            f"{task} is for local databases only, and {target.url.masked} is not on this machine",
            code="not-local",
            why="nothing was changed",
            next="unset DATABASE_URL to use the embedded server",
        )
    mark = environment_mark(target.url)
    if mark:
        raise RefusedError(
            f"{task} is for local databases only, and this one is marked as {mark}",
            code="marked-database",
            why=f"{target.url.masked} is a local address, and leads to an environment: a tunnel; nothing was changed",
            next="unset DATABASE_URL to use the embedded server",
        )


def environment_mark(url: DatabaseUrl) -> str:
    """Return the environment that a database says it belongs to; empty for one of nobody's.

    Raises:
        UnavailableError: it cannot be reached.
    """
    with connect(url, readonly=True) as connection:
        return read_mark(connection)


def embedded_server(project: Project) -> EmbeddedServer:
    """Return the project's own server, which may not run and may not exist yet."""
    return EmbeddedServer(project.home, database=project.settings.embedded_database or None)
