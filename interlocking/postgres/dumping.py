"""Taking a backup: one snapshot, streamed, checksummed, on the disk for sure, and read back."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from interlocking.environment import child_environment
from interlocking.errors import InterlockingError, UnavailableError
from interlocking.plan import Event, Progress
from interlocking.postgres.backups import Backup, Backups, backup_name
from interlocking.postgres.connect import connect, version_text
from interlocking.postgres.dump_programs import DumpPrograms, find_dump_programs, needs_tls
from interlocking.postgres.url import DatabaseUrl
from interlocking.postgres.versions import current_revisions
from interlocking.process import ProcessFailedError, run, stream
from interlocking.redaction import Redactor

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - a class, whatever its name says

_MEBIBYTE = 1 << 20
_TOLD_EVERY = 64 * _MEBIBYTE
_LOCK_WAIT = "30s"
_LISTED_TABLE = re.compile(r"^\d+; \d+ \d+ TABLE (?!DATA |ATTACH )", re.MULTILINE)
# Tables that pg_dump writes: not the catalog's, not those that an extension makes by itself.
TABLES = """
SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
"""


@dataclass(frozen=True, slots=True)
class Source:
    """A database that can be dumped, as one snapshot of it sees it.

    Args:
        url: where it is.
        programs: the pg_dump that fits its server.
        bytes: size of the database on its server, indexes included: more than a dump of it takes.
    """

    url: DatabaseUrl
    programs: DumpPrograms
    bytes: int


def inspect(url: DatabaseUrl) -> Source:
    """Find out whether and how a database can be dumped; change nothing.

    Raises:
        UnavailableError: it cannot be reached, or no pg_dump fits.
    """
    with connect(url, readonly=True) as connection:
        major = connection.server_version // 10000
        programs = find_dump_programs(major=major, tls=needs_tls(connection, url))
        return Source(url, programs, one_value(connection, "SELECT pg_database_size(current_database())"))


def require_room(source: Source, folder: Path) -> None:
    """Refuse to begin where the disk may not hold the dump.

    Raises:
        UnavailableError: code `disk-full`.
    """
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(existing).free
    if free < source.bytes:
        raise UnavailableError(
            f"{folder} has {free // _MEBIBYTE} MiB free, and the database has {source.bytes // _MEBIBYTE} MiB",
            code="disk-full",
            why="a backup that stops half-way is none; nothing was written",
            next="free some space, or set `backups` in [tool.interlocking] to a folder on a larger disk",
        )


def dump(
    source: Source,
    backups: Backups,
    progress: Progress,
    *,
    version_table: str = "alembic_version",
    version_schema: str = "",
) -> Backup:
    """Take a backup of a database and verify it.

    Args:
        source: as `inspect` found it.
        backups: where it goes.
        progress: is told how far it is.
        version_table: Alembic's, whose content the manifest repeats.
        version_schema: its schema; empty means the first of the search path.

    Returns:
        What was written.

    Raises:
        UnavailableError: the disk is too small, or the database cannot be read; nothing is left behind.
    """
    require_room(source, backups.folder)
    taken = datetime.now(UTC).replace(microsecond=0)
    name = backup_name(source.url.database, taken)
    with connect(source.url, autocommit=False, readonly=True) as connection, backups.unfinished(name) as file:
        connection.set_session(isolation_level="REPEATABLE READ")
        snapshot = one_value(connection, "SELECT pg_catalog.pg_export_snapshot()")
        revisions = current_revisions(connection, version_table=version_table, schema=version_schema or None)
        tables = one_value(connection, TABLES)
        written = _Writer(file, progress)
        _pg_dump(source, snapshot, written.take)
        written.sync()
        partial = Path(file.name)
        _require_complete(source.programs, partial, tables)
        backup = Backup(
            name=name,
            database=source.url.database,
            source=source.url.masked,
            taken=taken.isoformat(),
            revisions=revisions,
            server=version_text(connection.server_version),
            program=source.programs.version,
            tables=tables,
            bytes=written.bytes,
            sha256=written.sha256,
        )
        backups.finish(backup, partial)
    return backup


class _Writer:
    """Writes pieces to a file, counts them and sums them up."""

    def __init__(self, file: BinaryIO, progress: Progress) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._progress = progress
        self._told = 0
        self.bytes = 0

    def take(self, piece: bytes) -> None:
        self._file.write(piece)
        self._digest.update(piece)
        self.bytes += len(piece)
        if self.bytes - self._told >= _TOLD_EVERY:
            self._told = self.bytes
            self._progress(Event("note", f"{self.bytes // _MEBIBYTE} MiB written"))

    def sync(self) -> None:
        """Wait until the bytes are on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def _pg_dump(source: Source, snapshot: str, take: Callable[[bytes], object]) -> None:
    argv = [
        source.programs.programs.path("pg_dump"),
        "--format=custom",
        "--no-password",
        f"--snapshot={snapshot}",
        f"--lock-wait-timeout={_LOCK_WAIT}",
        f"--dbname={source.url.without_password}",
    ]
    try:
        stream(argv, take, env=password_environment(source.url))
    except ProcessFailedError as error:
        raise explained(error, "pg_dump", code="dump-failed", why="no backup was made") from None


def _require_complete(programs: DumpPrograms, dump_file: Path, tables: int) -> None:
    """Read the archive's table of contents: every table that the snapshot saw must be in it."""
    try:
        listing = run([programs.programs.path("pg_restore"), "--list", str(dump_file)]).stdout
    except ProcessFailedError as error:
        raise explained(error, "pg_restore --list", code="dump-failed", why="no backup was made") from None
    listed = len(_LISTED_TABLE.findall(listing))
    if listed < tables:
        raise UnavailableError(
            f"the dump holds {listed} tables, and the database has {tables}",
            code="dump-failed",
            why="no backup was made: a role sees only the tables of schemas that it may use",
            next="take the backup as the owner of the database",
        )


def password_environment(url: DatabaseUrl) -> dict[str, str]:
    """Return the environment that gives a program of PostgreSQL the password, which an argv would show."""
    return child_environment({"PGPASSWORD": url.password.reveal() or None})


def explained(error: ProcessFailedError, program: str, *, code: str, why: str) -> InterlockingError:
    """Say what a program of PostgreSQL complained about, masked."""
    said = [line for line in error.completed.stderr.splitlines() if line.strip()]
    reason = next(
        (line for line in said if "error:" in line), said[-1] if said else f"status {error.completed.returncode}"
    )
    return UnavailableError(
        f"{program} failed: {Redactor()(reason.partition('error: ')[2] or reason)}",
        code=code,
        why=why,
        next="mend that and try again",
    )


def one_value(connection: Connection, query: str, *values: object) -> Any:  # noqa: ANN401 - whatever the column is
    """Return the first column of the first row; None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        (value,) = cursor.fetchone() or (None,)
    return value
