"""Database URLs: read any spelling, name the driver, never show the password.

Pure. Every URL of the suite passes through `parse`, because SQLAlchemy 2.1 reads a bare
`postgresql://` as psycopg 3 while the installed driver is psycopg2. Unlike libpq, a URL must name its
host and its database: what a task touches never depends on `PGHOST` or the name of the user.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from interlocking.errors import UsageError
from interlocking.redaction import Secret, mask_url

_SCHEMES = frozenset({"postgres", "postgresql", "postgresql+psycopg2", "postgresql+psycopg"})
_FOLDED = {"host": "host", "port": "port", "user": "user", "password": "password", "dbname": "database"}
_DRIVER = re.compile(r"postgres(?:ql)?(?P<driver>\+\w+)(?=://)")
_BLANK_OR_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_DEFAULT_PORT = 5432
_LARGEST_PORT = 65535
_EXAMPLE = "write it as postgresql://user:password@host:5432/database"
_ENCODE = "percent-encode special characters of the password: / is %2F, # is %23, ? is %3F, @ is %40"


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """One database on one server.

    Args:
        host: a name, an address without brackets, or the folder of a Unix socket (starts with `/`).
        port: 1 to 65535; for a socket, the number in its file name.
        user: the role; empty means libpq's default, the name of the system user.
        password: may be empty.
        database: its name, decoded.
        query: further libpq parameters in order, decoded
            (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS).
    """

    host: str
    port: int
    user: str
    password: Secret
    database: str
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # may hold sslpassword

    def __str__(self) -> str:
        return self.masked

    @property
    def masked(self) -> str:
        """The URL as it may be shown."""
        return mask_url(self._render("postgresql", password=str(self.password)))

    def sqlalchemy(self) -> str:
        """Return the URL for SQLAlchemy, with the password and with the driver named."""
        return self._render("postgresql+psycopg2", password=quote(self.password.reveal(), safe=""))

    def libpq(self) -> str:
        """Return the URL for psql, pg_dump and psycopg2, with the password."""
        return self._render("postgresql", password=quote(self.password.reveal(), safe=""))

    @property
    def without_password(self) -> str:
        """The URL for an argv, which every user of the machine can read; the password travels otherwise."""
        query = tuple(pair for pair in self.query if "password" not in pair[0])
        return replace(self, password=Secret(""), query=query).libpq()

    def with_database(self, name: str) -> DatabaseUrl:
        """Return the URL of another database on the same server."""
        return replace(self, database=name)

    @property
    def is_socket(self) -> bool:
        """Whether the server is reached through a Unix socket."""
        return self.host.startswith("/")

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine: a Unix socket or a loopback address."""
        address = dict(self.query).get("hostaddr", self.host)
        return self.is_socket or _is_loopback(address)

    @property
    def is_railway_internal(self) -> bool:
        """Whether the host resolves only inside Railway's private network."""
        return self.host.lower().endswith(".railway.internal")

    def _render(self, scheme: str, *, password: str) -> str:
        credentials = quote(self.user, safe="") + (f":{password}" if password else "")
        query = (("host", self.host), ("port", str(self.port)), *self.query) if self.is_socket else self.query
        place = "" if self.is_socket else f"{_bracketed(self.host)}:{self.port}"
        tail = "&".join(f"{quote(name, safe='')}={quote(value, safe='/')}" for name, value in query)
        return (
            f"{scheme}://{credentials}{'@' if credentials else ''}{place}"
            f"/{quote(self.database, safe='')}{'?' if tail else ''}{tail}"
        )


def with_driver_of(own: str, url: str) -> str:
    """Return `url` with the driver that a project's own URL names, for one on psycopg 3 or asyncpg; else as it is.

    Args:
        own: as the project has written it; may be empty.
        url: of a database, as this module renders it.
    """
    named = _DRIVER.match(own)
    return re.sub(r"^postgresql(?:\+\w+)?(?=://)", f"postgresql{named['driver']}", url) if named else url


def parse(text: str) -> DatabaseUrl:
    """Read a database URL.

    Args:
        text: `postgresql://`, `postgres://` or `postgresql+psycopg2://`; percent-encoded parts, IPv6 in
            brackets and `?host=/socket/folder` are understood.

    Raises:
        UsageError: code `bad-database-url`; the message never repeats the text, which holds a password.
    """
    text = text.strip()
    if _BLANK_OR_CONTROL.search(text):
        raise _bad("contains a blank or a control character", next=_EXAMPLE)
    scheme, separator, _rest = text.partition("://")
    if not separator:
        raise _bad("is not a URL", next=_EXAMPLE)
    if scheme.lower() not in _SCHEMES:
        raise _bad(f"starts with {scheme[:30]}://, which is not PostgreSQL through psycopg2", next=_EXAMPLE)
    return _checked(*_split(text))


def _split(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the parts by the names of `DatabaseUrl`, still text, and the query; both decoded."""
    try:
        split = urlsplit(text)
        query = dict(parse_qsl(split.query, keep_blank_values=True, strict_parsing=bool(split.query)))
    except ValueError:
        raise _bad("cannot be read", next=_ENCODE) from None
    if split.fragment:
        raise _bad("contains a raw #", next=_ENCODE)
    credentials, _, address = split.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    host, port = _host_and_port(address)
    raw = {
        "host": host,
        "port": port,
        "user": user,
        "password": password,
        "database": split.path.removeprefix("/"),
    }
    parts = {name: unquote(value) for name, value in raw.items()}
    folded = {ours: query.pop(name) for name, ours in _FOLDED.items() if name in query}
    return parts | folded, query


def _host_and_port(address: str) -> tuple[str, str]:
    if "," in address:
        raise _bad("names several hosts", next="name the one host whose database is meant")
    if address.startswith("["):
        host, _, port = address[1:].partition("]")
        return host, port.removeprefix(":")
    host, _, port = address.partition(":")
    return host, port


def _checked(parts: dict[str, str], query: dict[str, str]) -> DatabaseUrl:
    port = parts["port"] or str(_DEFAULT_PORT)
    if not (port.isascii() and port.isdecimal() and 1 <= int(port) <= _LARGEST_PORT):
        raise _bad("has a port that is not a number from 1 to 65535", next=_ENCODE)
    if not parts["host"]:
        raise _bad("names no host", next="write @localhost, or ?host=/var/run/postgresql for a Unix socket")
    if "/" in parts["host"][1:] and not parts["host"].startswith("/"):
        raise _bad("has a slash in its host", next=_ENCODE)
    if not parts["database"]:
        raise _bad("names no database", next=_EXAMPLE)
    return DatabaseUrl(
        host=parts["host"],
        port=int(port),
        user=parts["user"],
        password=Secret(parts["password"]),
        database=parts["database"],
        query=tuple(query.items()),
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else quote(host, safe="")


def _is_loopback(host: str) -> bool:
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    from ipaddress import ip_address  # noqa: PLC0415 - most hosts are names

    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _bad(what: str, *, next: str) -> UsageError:
    return UsageError(
        f"the database URL {what}",
        code="bad-database-url",
        why="nothing was connected, and the URL is not repeated here because it may hold a password",
        next=next,
    )
