"""Poolers between here and the server, and the way around them.

Behind a pooler that lends a server connection for one transaction (PgBouncer's `pool_mode = transaction`) the
next transaction may have another session: a session lock then belongs to nobody in particular.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text

from interlocking.errors import RefusedError
from interlocking.redaction import Secret
from interlocking.upgrade.guarding.side import SideConnection

_PID = "SELECT pg_backend_pid()"
_ROUNDS = 20


def direct_engine(url: Secret) -> Engine:
    """Return an engine for the server itself.

    Raises:
        UsageError: the URL is malformed.
    """
    from interlocking.postgres.url import parse  # noqa: PLC0415 - few have such a URL, and every run would load it

    return create_engine(parse(url.reveal()).sqlalchemy())


def require_same_database(connection: Connection, direct: Connection) -> None:
    """Refuse a direct URL that leads elsewhere than the application's own.

    Raises:
        RefusedError: they are two databases.
    """
    from interlocking.postgres.connect import identity  # noqa: PLC0415 - same

    ours, theirs = (identity(each.connection.dbapi_connection) for each in (connection, direct))  # type: ignore[arg-type]  # psycopg2's
    if not ours.is_same_database(theirs):
        raise RefusedError(
            f"direct_url leads to another database ({theirs.database}) than the application's URL ({ours.database})",
            code="other-database",
            why="another database than the intended one would change",
            next="correct INTERLOCKING_GUARD_DIRECT_URL",
        )


def require_sessions(side: SideConnection, connection: Connection) -> None:
    """Refuse a connection whose session changes from one transaction to the next.

    A session that is the client's own has one process, which the server named when the client connected. A
    pooler names another; then two connections take turns, often enough for a pool that others use too, and it
    shows whether they are lent each other's. One after the other, because a pool may have a single session.

    Raises:
        RefusedError: session locks mean nothing here.
    """
    (pid,) = side.row(_PID)
    if side.raw.info.backend_pid != pid and any(_is_lent(side, connection) for _ in range(_ROUNDS)):
        raise RefusedError(
            "the database URL leads to a pooler in transaction mode",
            code="transaction-pooling",
            why="one upgrade at a time is a lock of a session, and behind it there are none; nothing was changed",
            next="set INTERLOCKING_GUARD_DIRECT_URL to the URL of the server itself, or use the pooler in session mode",
        )


def _is_lent(side: SideConnection, connection: Connection) -> bool:
    (before,) = side.row(_PID)
    with connection.begin():
        other: Any = connection.execute(text(_PID)).scalar_one()
    (after,) = side.row(_PID)
    return bool(before != after or before == other)
