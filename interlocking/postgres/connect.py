"""Connections, each failure in words; and which database a connection really reaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from interlocking.postgres import failures
from interlocking.postgres.url import DatabaseUrl

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - a class, whatever its name says

    from interlocking.postgres.session import Session


def connect(
    url: DatabaseUrl,
    *,
    application_name: str = "interlocking",
    timeout_s: int = 5,
    autocommit: bool = True,
    readonly: bool = False,
) -> Session:
    """Open a connection; as a context manager it closes at the end of the block.

    Args:
        url: the database.
        application_name: how it is found in `pg_stat_activity`.
        timeout_s: whole seconds that each address of the host may take; libpq takes at least 2.
        autocommit: whether each statement is a transaction of its own.
        readonly: whether PostgreSQL refuses every write.

    Raises:
        UnavailableError: it cannot be had; the code and the next step say why.
        UsageError: the URL has a parameter that the driver does not know.
    """
    import psycopg2  # noqa: PLC0415 - 20 ms that listing the tasks does not need

    from interlocking.postgres.session import Session  # noqa: PLC0415 - loads psycopg2

    try:
        session = psycopg2.connect(
            url.libpq(),
            connection_factory=Session,
            application_name=application_name,
            connect_timeout=timeout_s,
        )
    except psycopg2.OperationalError as error:
        raise failures.explain_connection_failure(str(error), url) from None  # its text may quote the password
    except psycopg2.ProgrammingError as error:
        raise failures.bad_option(str(error), url) from None
    unsupported = failures.unsupported_server(session.server_version)
    if unsupported:
        session.close()
        raise unsupported
    session.set_session(autocommit=autocommit, readonly=readonly or None)
    return session


def version_text(number: int) -> str:
    """Return a connection's `server_version`, such as 180006, as people write it: `18.6`."""
    return f"{number // 10000}.{number % 10000}"


def require_writable(connection: Connection, url: DatabaseUrl) -> None:
    """Refuse a database that cannot be written.

    Raises:
        UnavailableError: code `read-only`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery(), current_setting('transaction_read_only')::bool")
        standby, read_only = cursor.fetchone() or (False, False)
    if standby or read_only:
        raise failures.read_only(url, standby=standby)


@dataclass(frozen=True, slots=True)
class DatabaseIdentity:
    """Which database a connection reaches, as the server itself says.

    Args:
        system_identifier: of the data directory; a replica shares it. None when the role may not see it.
        database: its name.
        database_oid: its number, which a dropped and recreated database does not keep.
        postmaster_started_at: when this very server process began; a replica's differs.
        host: the server's own address; None on a Unix socket, and inside a container not the one dialled.
        port: the server's own port; None on a Unix socket.
    """

    system_identifier: int | None
    database: str
    database_oid: int
    postmaster_started_at: datetime
    host: str | None
    port: int | None

    def is_same_database(self, other: DatabaseIdentity) -> bool:
        """Whether both are one database of one running server, however each of them was reached.

        A system identifier that one of the roles may not see does not count.
        """
        systems = {self.system_identifier, other.system_identifier} - {None}
        return len(systems) <= 1 and self._rest() == other._rest()

    def _rest(self) -> tuple[object, ...]:
        return (self.database, self.database_oid, self.postmaster_started_at)


def identity(connection: Connection) -> DatabaseIdentity:
    """Ask a connection which database it reaches.

    Source: https://www.postgresql.org/docs/current/functions-info.html (pg_control_system, which a server
    may forbid, pg_postmaster_start_time).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT current_database(), d.oid::bigint, pg_postmaster_start_time(),
                   host(inet_server_addr()), inet_server_port(),
                   has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
            FROM pg_catalog.pg_database d WHERE d.datname = current_database()
            """
        )
        row = cursor.fetchone()
        assert row is not None  # noqa: S101 - the database one is connected to exists
        *facts, may_see_system = row
        system = None
        if may_see_system:
            cursor.execute("SELECT system_identifier FROM pg_catalog.pg_control_system()")
            (system,) = cursor.fetchone() or (None,)
    return DatabaseIdentity(system, *facts)
