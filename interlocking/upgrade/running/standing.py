"""Which database is meant, and where it stands: asked on connections of our own, beside Alembic."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from interlocking.postgres.connect import DatabaseIdentity, connect, identity
from interlocking.postgres.url import DatabaseUrl
from interlocking.postgres.versions import current_revisions

_ROLLBACK_SECONDS = 10.0
_POLL_SECONDS = 0.01
_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"


def measure(url: DatabaseUrl) -> DatabaseIdentity:
    """Return what a connection to `url` reaches, to recognise it by.

    Raises:
        UnavailableError: the database cannot be reached.
    """
    with connect(url) as connection:
        return identity(connection)


def to_message(measured: DatabaseIdentity) -> dict[str, Any]:
    """Return an identity as a channel carries it."""
    return {
        "system_identifier": measured.system_identifier,
        "database": measured.database,
        "database_oid": measured.database_oid,
        "postmaster_started_at": measured.postmaster_started_at.isoformat(),
        "host": measured.host,
        "port": measured.port,
    }


def from_message(values: dict[str, Any]) -> DatabaseIdentity:
    """Return the identity that `to_message` described."""
    started = datetime.fromisoformat(values["postmaster_started_at"])
    return DatabaseIdentity(**{**values, "postmaster_started_at": started})


def read_versions(url: DatabaseUrl, version_table: tuple[str | None, str]) -> tuple[str, ...]:
    """Return the revisions in the version table, sorted.

    Args:
        url: the database.
        version_table: schema (None for the first of the search path) and name.
    """
    schema, name = version_table
    with connect(url, readonly=True) as connection:
        return current_revisions(connection, version_table=name, schema=schema)


def end_session(url: DatabaseUrl, application_name: str) -> None:
    """End every connection of that name, and wait until their transactions are rolled back.

    A backend that waits for a lock does not notice that its client is gone: it would keep its place in the
    queue, and everybody else behind it.
    """
    with connect(url) as connection, connection.cursor() as cursor:
        deadline = time.monotonic() + _ROLLBACK_SECONDS
        while time.monotonic() < deadline:
            cursor.execute(_END, (application_name,))
            if not cursor.rowcount:
                return
            time.sleep(_POLL_SECONDS)
