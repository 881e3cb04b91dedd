"""Why a connection failed, read from what libpq said. Pure.

libpq gives a failed connection no SQLSTATE, only text: the client's own messages, or the server's after
`FATAL:`, in the server's language. A text that is not recognised is passed on, masked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from interlocking.errors import UnavailableError, UsageError
from interlocking.postgres.url import DatabaseUrl
from interlocking.redaction import Redactor

OLDEST_SUPPORTED = 13


@dataclass(frozen=True, slots=True)
class _Failure:
    """One known failure: how it is recognised, and what is said about it.

    Args:
        pattern: of libpq's text.
        code: the id of the error.
        message: what happened, about {place}, {user} and {database}.
        next: what helps.
        why: why it is so.
    """

    pattern: str
    code: str
    message: str
    next: str
    why: str = ""


_FAILURES = (
    _Failure(
        r"password authentication failed|no password supplied|role \".*\" does not exist|role \".*\" is not permitted",
        "password-refused",
        "{place} refuses the user {user!r} or the password",
        "correct user and password in DATABASE_URL; on Railway copy it again, because a new password changes it",
    ),
    _Failure(
        r"database \".*\" does not exist",
        "database-missing",
        "{place} has no database {database!r}",
        "correct the name in DATABASE_URL, or create it: createdb {database}",
    ),
    _Failure(
        r"too many clients|too many connections|connection slots are reserved|connection limit exceeded",
        "too-many-connections",
        "{place} accepts no more connections",
        "close some (see pg_stat_activity), or wait and try again",
        "each process of the application holds connections of its own",
    ),
    _Failure(
        r"starting up|shutting down|recovery mode|not yet accepting connections|not accepting connections",
        "server-starting",
        "{place} is starting, stopping or recovering",
        "wait a few seconds and try again",
    ),
    _Failure(
        r"does not support SSL|root certificate file|certificate verify failed|no encryption|SSL (?:error|off)"
        r"|SSL/TLS required|sslmode value",
        "ssl-required",
        "{place} and DATABASE_URL disagree about TLS",
        "add ?sslmode=require to DATABASE_URL, or ?sslmode=disable for a server without TLS",
    ),
    _Failure(
        r"no pg_hba.conf entry",
        "host-refused",
        "{place} does not let {user!r} in from here",
        "add a line to its pg_hba.conf, or connect from an address that it allows",
    ),
    _Failure(
        r"could not translate host name|Name or service not known|nodename nor servname",
        "host-not-found",
        "the host {host!r} does not exist, or there is no network",
        "correct the host in DATABASE_URL",
    ),
    _Failure(
        r"No such file or directory",
        "connection-refused",
        "no PostgreSQL has a socket in {host}",
        "start the server, or name its host: postgresql://user@localhost/{database}",
    ),
    _Failure(
        r"Connection refused",
        "connection-refused",
        "nothing listens at {place}",
        "start that server; for the embedded one: invoke db.start",
    ),
    _Failure(
        r"timeout expired|timed out|No route to host|Network is unreachable",
        "timeout",
        "{place} does not answer",
        "check host, port and network (a firewall or a sleeping service looks like that)",
    ),
    _Failure(
        r"server closed the connection|expected authentication request|received invalid response",
        "not-postgresql",
        "what listens at {place} hung up or is not PostgreSQL",
        "check host and port in DATABASE_URL; behind Railway's proxy, check that the database is running",
    ),
)


def explain_connection_failure(said: str, url: DatabaseUrl) -> UnavailableError:
    """Turn the text of a failed connection into an error with a remedy.

    Args:
        said: text of psycopg2's OperationalError.
        url: what was connected to.
    """
    if url.is_railway_internal and re.search(r"translate host name|timeout|timed out|unreachable|not known", said):
        return _railway_internal(url)
    names = {"place": f"{url.host}:{url.port}", "host": url.host, "user": url.user, "database": url.database}
    for failure in _FAILURES:
        if re.search(failure.pattern, said, re.IGNORECASE):
            return UnavailableError(
                failure.message.format(**names), code=failure.code, why=failure.why, next=failure.next.format(**names)
            )
    return UnavailableError(
        f"cannot connect to {url.masked}: {_one_line(said, url)}",
        code="database-unreachable",
        next="check DATABASE_URL and the server's log",
    )


def bad_option(said: str, url: DatabaseUrl) -> UsageError:
    """The URL has a query parameter that libpq does not know."""
    return UsageError(
        f"the database URL has a parameter that PostgreSQL's driver refuses: {_one_line(said, url)}",
        code="bad-database-url",
        next="remove it from DATABASE_URL",
    )


def unsupported_server(version: int) -> UnavailableError | None:
    """Return an error when a server is too old, else None.

    Args:
        version: as libpq gives it: 150008 is 15.8, 90624 is 9.6.24.
    """
    major = version // 10000
    if major >= OLDEST_SUPPORTED:
        return None
    return UnavailableError(
        f"the server is PostgreSQL {major}, and the oldest supported version is {OLDEST_SUPPORTED}",
        code="unsupported-server",
        why="older ones lack catalog columns and commands that the suite relies on",
        next="upgrade the server, or set DATABASE_URL to a newer one",
    )


def read_only(url: DatabaseUrl, *, standby: bool) -> UnavailableError:
    """The database cannot be written."""
    what = "is a standby, which only reads" if standby else "only allows reading (default_transaction_read_only)"
    return UnavailableError(
        f"{url.masked} {what}",
        code="read-only",
        why="a migration has to write",
        next="set DATABASE_URL to the primary server, or allow writing",
    )


def _railway_internal(url: DatabaseUrl) -> UnavailableError:
    return UnavailableError(
        f"{url.host} exists only inside Railway's private network",
        code="host-not-found",
        why="from this machine the name cannot be resolved",
        next="use the value of DATABASE_PUBLIC_URL, or run the command inside the service: railway ssh",
    )


def _one_line(said: str, url: DatabaseUrl) -> str:
    return Redactor([url.password.reveal()])(" ".join(said.split()))
