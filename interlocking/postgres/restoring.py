"""Putting a backup back: beside the database, checked, and only then in its place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interlocking.errors import IncompleteError, InterlockingError, RefusedError, UnavailableError
from interlocking.plan import Event, Progress
from interlocking.postgres.backups import Backup, Backups
from interlocking.postgres.connect import connect, version_text
from interlocking.postgres.databases import MAINTENANCE, create_if_missing, drop, may_not_create
from interlocking.postgres.dump_programs import DumpPrograms, find_dump_programs, needs_tls
from interlocking.postgres.dumping import TABLES, explained, one_value, password_environment
from interlocking.postgres.url import DatabaseUrl
from interlocking.process import ProcessFailedError, run

if TYPE_CHECKING:
    from interlocking.postgres.session import Session

_SWAP_TRIES = 20


@dataclass(frozen=True, slots=True)
class Destination:
    """A database that a backup can be put into.

    Args:
        url: where it is, or will be.
        programs: the pg_restore that can read the archive.
        tables: how many tables it has now; None when it does not exist.
    """

    url: DatabaseUrl
    programs: DumpPrograms
    tables: int | None


def inspect_destination(backup: Backup, url: DatabaseUrl) -> Destination:
    """Find out whether a backup can be put into a database; change nothing.

    Raises:
        RefusedError: its server is older than the one that the backup came from.
        UnavailableError: it cannot be reached, or no pg_restore fits.
    """
    with connect(url.with_database(MAINTENANCE), readonly=True) as server:
        major, tls = server.server_version // 10000, needs_tls(server, url)
        _require_as_new(backup, server.server_version)
        exists = one_value(server, "SELECT 1 FROM pg_database WHERE datname = %s", url.database)
    programs = find_dump_programs(major=max(major, int(backup.program.partition(".")[0])), tls=tls)
    return Destination(url, programs, _count_tables(url) if exists else None)


def restore(backup: Backup, backups: Backups, destination: Destination, progress: Progress) -> None:
    """Put a backup into a database, which keeps its content until the restored one is complete.

    Args:
        backup: what is restored.
        backups: where it is.
        destination: as `inspect_destination` found it; whatever it holds is replaced.
        progress: is told each step.

    Raises:
        CheckFailedError: the dump is damaged; nothing was changed.
        UnavailableError: it cannot be restored; nothing was changed.
        IncompleteError: the databases could not change places.
    """
    backups.check(backup)
    progress(Event("done", "the dump is what was written: its checksum agrees"))
    beside = destination.url.with_database(f"interlocking_restore_{os.urandom(4).hex()}")
    create_if_missing(beside)
    try:
        _pg_restore(backup, backups, destination.programs, beside)
        _require_tables(backup, beside)
        progress(Event("done", f"restored {backup.tables} tables beside {destination.url.database}"))
        _take_place(beside, destination.url)
    except BaseException:
        drop(beside)
        raise


def _pg_restore(backup: Backup, backups: Backups, programs: DumpPrograms, into: DatabaseUrl) -> None:
    argv = [
        programs.programs.path("pg_restore"),
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",  # the roles of production do not exist here
        "--no-password",
        f"--jobs={min(4, os.cpu_count() or 1)}",
        f"--dbname={into.without_password}",
        str(backups.dump_path(backup.name)),
    ]
    try:
        run(argv, env=password_environment(into))
    except ProcessFailedError as error:
        raise explained(error, "pg_restore", code="restore-failed", why="nothing was changed") from None


def _require_tables(backup: Backup, url: DatabaseUrl) -> None:
    restored = _count_tables(url)
    if restored < backup.tables:
        raise UnavailableError(
            f"{restored} of the backup's {backup.tables} tables were restored",
            code="restore-failed",
            why="nothing was changed",
            next="restore another backup: invoke db.backups",
        )


def _take_place(restored: DatabaseUrl, url: DatabaseUrl) -> None:
    """Let the restored database take the name of the other, which is dropped last.

    Renaming wants nobody connected: whoever is gets disconnected, a few times if they come back at once.
    """
    from psycopg2 import Error, errors, sql  # noqa: PLC0415 - heavy

    old = f"{restored.database}_old"
    with connect(url.with_database(MAINTENANCE)) as server, server.cursor() as cursor:
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        for tries_left in reversed(range(_SWAP_TRIES)):
            try:
                _disconnect_all(server, url.database)
                if one_value(server, "SELECT 1 FROM pg_database WHERE datname = %s", url.database):
                    cursor.execute(rename.format(sql.Identifier(url.database), sql.Identifier(old)))
                break
            except errors.ObjectInUse:
                if not tries_left:
                    raise _busy(url) from None
            except errors.InsufficientPrivilege as error:
                raise may_not_create(url) from error
        try:
            cursor.execute(rename.format(sql.Identifier(restored.database), sql.Identifier(url.database)))
        except Error as error:
            raise _between(old, url) from error
    drop(url.with_database(old))


def _disconnect_all(server: Session, database: str) -> None:
    one_value(server, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s", database)


def _count_tables(url: DatabaseUrl) -> int:
    with connect(url, readonly=True) as connection:
        return int(one_value(connection, TABLES))


def _require_as_new(backup: Backup, server_version: int) -> None:
    if server_version // 10000 < int(backup.server.partition(".")[0]):
        raise RefusedError(
            f"the backup is of PostgreSQL {backup.server}, and this server is {version_text(server_version)}",
            code="restore-server-older",
            why="an older server does not understand all that a newer one writes; nothing was changed",
            next="restore into the embedded server: unset DATABASE_URL",
        )


def _busy(url: DatabaseUrl) -> InterlockingError:
    return UnavailableError(
        f"others keep connecting to {url.database}",
        code="database-busy",
        why="a database can only be replaced while nobody is connected to it; nothing was changed",
        next="stop the application (invoke dev, gunicorn) and try again",
    )


def _between(old: str, url: DatabaseUrl) -> InterlockingError:
    return IncompleteError(
        f"{url.database} could not be replaced, and stands under the name {old}",
        code="restore-incomplete",
        why="nothing is lost",
        next=f'ALTER DATABASE "{old}" RENAME TO "{url.database}"',
    )
