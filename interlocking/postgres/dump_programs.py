"""Which pg_dump and pg_restore fit a server: at least as new, and able to speak TLS where the server wants it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from interlocking.errors import InterlockingError, UnavailableError
from interlocking.postgres.programs import Programs, wheel_programs
from interlocking.postgres.url import DatabaseUrl
from interlocking.process import find, run

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - a class, whatever its name says

_PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian, whose /usr/bin/pg_dump chooses a version by its own rules
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/opt/homebrew/opt/libpq/bin",
)
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)(\S*)")
_TLS_MODES = frozenset({"require", "verify-ca", "verify-full"})


@dataclass(frozen=True, slots=True)
class DumpPrograms:
    """`pg_dump` and `pg_restore` of one version.

    Args:
        programs: where they are.
        version: as they print it: `18.6`.
        tls: whether they can encrypt a connection; those of the wheel cannot.
    """

    programs: Programs
    version: str
    tls: bool

    @property
    def major(self) -> int:
        """The number that decides which servers and archives they can read."""
        return int(re.match(r"\d+", self.version)[0])  # type: ignore[index]  # `_VERSION` found digits


def needs_tls(connection: Connection, url: DatabaseUrl) -> bool:
    """Whether a second connection to the same place must be encrypted as well.

    Source: https://www.postgresql.org/docs/current/monitoring-stats.html (pg_stat_ssl).
    """
    if dict(url.query).get("sslmode") in _TLS_MODES:
        return True
    if url.is_local:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_backend_pid()")
        (encrypted,) = cursor.fetchone() or (False,)
    return bool(encrypted)


def find_dump_programs(*, major: int, tls: bool) -> DumpPrograms:
    """Find programs for a server.

    Args:
        major: of the server, or of the pg_dump that wrote an archive; older programs refuse both
            (https://www.postgresql.org/docs/current/app-pgdump.html, Notes).
        tls: whether the connection must be encrypted.

    Raises:
        UnavailableError: code `pg-dump-too-old`; it names what to install.
    """
    found = list(_candidates())
    fitting = choose(found, major=major, tls=tls)
    if fitting is None:
        raise _none_fits(found, major, tls=tls)
    return fitting


def choose(candidates: Iterable[DumpPrograms], *, major: int, tls: bool) -> DumpPrograms | None:
    """Choose the system's before the wheel's, then the oldest that will do: what it writes, most can read."""
    fitting = [each for each in candidates if each.major >= major and (each.tls or not tls)]
    return min(fitting, key=lambda each: (not each.tls, each.major), default=None)


def _candidates() -> Iterator[DumpPrograms]:
    folders = {folder for place in _PLACES for folder in Path("/").glob(place[1:])}
    on_path = find("pg_dump")
    if on_path and not Path(on_path).is_symlink():
        folders.add(Path(on_path).parent)
    for folder in sorted(folders):
        yield from _versioned(Programs(folder), tls=True)
    with suppress(UnavailableError):
        yield from _versioned(wheel_programs(), tls=False)


def _versioned(programs: Programs, *, tls: bool) -> Iterator[DumpPrograms]:
    """Yield the programs of one folder with their version; nothing where there is no pg_dump that runs."""
    with suppress(InterlockingError):
        said = run([programs.path("pg_dump"), "--version"], timeout=10).stdout
        if (version := _VERSION.search(said)) and Path(programs.path("pg_restore")).exists():
            yield DumpPrograms(programs, version[1] + version[2], tls)


def _none_fits(found: list[DumpPrograms], major: int, *, tls: bool) -> UnavailableError:
    old = ", ".join(f"{each.version}{'' if each.tls else ' without TLS'}" for each in found) or "none"
    wish = " with TLS" if tls else ""
    return UnavailableError(
        f"no pg_dump here is new enough for PostgreSQL {major}{wish}; found: {old}",
        code="pg-dump-too-old",
        why="pg_dump refuses a server of a newer major version than its own; nothing was written",
        next=f"install it (Debian: apt-get install postgresql-client-{major})"
        + (", or come through a tunnel, which encrypts by itself: --via tunnel" if tls else ""),
    )
