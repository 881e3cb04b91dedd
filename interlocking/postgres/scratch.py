"""Databases for one purpose, gone when it is done, even when their owner was killed."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from types import TracebackType
from typing import Any, Self

from interlocking.errors import UnavailableError
from interlocking.postgres.connect import connect
from interlocking.postgres.databases import MAINTENANCE, may_not_create
from interlocking.postgres.scratch_names import MARK, copy_clause, is_scratch_name, lock_key, scratch_name
from interlocking.postgres.url import DatabaseUrl

_POLL_SECONDS = 0.001
_OURS_SECONDS = 0.05
_OTHERS_SECONDS = 5.0
_GONE_SECONDS = 5.0
_MOST_DOOMED = 64


class ScratchDatabases:
    """Makes scratch databases on one server; leaving the block drops them.

    Each is guarded by an advisory lock of this object's connection. The server frees it when the owner
    ends, however it ends: the next use drops whatever scratch database is guarded by nobody.

    Dropping is put off to the end (or until 64 wait, about half a gigabyte): on ext4 files are created
    20 times slower for half a minute after many were deleted.

    Args:
        admin_url: any database of the server; its role must have CREATEDB.
    """

    def __init__(self, admin_url: DatabaseUrl) -> None:
        self._url = admin_url.with_database(MAINTENANCE)
        self._names: list[str] = []
        self._doomed: list[str] = []

    def __enter__(self) -> Self:
        self._session = connect(self._url, application_name="interlocking scratch")
        try:
            self._prepare()
        except BaseException:
            self._session.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drop everything. What cannot be dropped now is found by the next use."""
        with self._session:
            for name in [*self._doomed, *self._names]:
                self._try_to_drop(name)

    def create(self, hint: str, *, template: DatabaseUrl | None = None) -> DatabaseUrl:
        """Make a database.

        Args:
            hint: what it is for; becomes part of its name.
            template: a database of the same server to copy; None means an empty one. Connections that are
                left on a scratch template are ended, those on any other are waited for.

        Raises:
            UnavailableError: someone works in the template, the role may not, or the disk is full.
        """
        name = self._claim(hint)
        source = template.database if template else "template0"
        if template:
            self._empty_of_connections(source)
        self._run("CREATE DATABASE {} TEMPLATE {}" + self._copy_clause, name, source)
        self._run(f"COMMENT ON DATABASE {{}} IS '{MARK}, process {os.getpid()} on {_host()}'", name)
        return self._url.with_database(name)

    @contextmanager
    def fresh(self, hint: str, *, template: DatabaseUrl | None = None) -> Iterator[DatabaseUrl]:
        """Make a database, as `create` does, that is dropped at the end of the block unless it is gone."""
        made = self.create(hint, template=template)
        try:
            yield made
        finally:
            if made.database in self._names:
                self.drop(made)

    def copy(self, url: DatabaseUrl) -> AbstractContextManager[DatabaseUrl]:
        """Copy a database for the length of a block, unless `replace` uses the copy up."""
        return self.fresh("copy", template=url)

    def recreate(self, url: DatabaseUrl) -> None:
        """Replace a scratch database by an empty one of the same name."""
        self.replace(url, self.create("empty"))

    def replace(self, url: DatabaseUrl, by: DatabaseUrl) -> None:
        """Drop the scratch database of `url`, and give its name to the one of `by`."""
        self.drop(self.rename(url, "replaced"))
        self._rename(by.database, url.database)

    def rename(self, url: DatabaseUrl, hint: str) -> DatabaseUrl:
        """Give a scratch database another purpose; its URL changes."""
        name = self._claim(hint)
        self._rename(url.database, name)
        return self._url.with_database(name)

    def drop(self, url: DatabaseUrl) -> None:
        """Say that a scratch database is no longer needed."""
        self._names.remove(url.database)
        self._doomed.append(url.database)
        if len(self._doomed) >= _MOST_DOOMED:
            for name in self._doomed:
                self._try_to_drop(name)
            self._doomed.clear()

    def keep(self, url: DatabaseUrl) -> DatabaseUrl:
        """Let a scratch database outlive this block, under a name that no later use drops."""
        name = f"interlocking_kept_{url.database.rpartition('_')[2]}"
        self._rename(url.database, name)
        self._names.remove(name)
        return self._url.with_database(name)

    def _rename(self, old: str, new: str) -> None:
        self._empty_of_connections(old)
        self._run("ALTER DATABASE {} RENAME TO {}", old, new)
        self._names.remove(old)
        if new not in self._names:
            self._names.append(new)

    def _prepare(self) -> None:
        row = self._one(
            "SELECT rolcreatedb OR rolsuper, current_setting('fsync')::bool FROM pg_roles WHERE rolname = current_user"
        )
        may_create, fsync = row
        if not may_create:
            raise may_not_create(self._url)
        self._copy_clause = copy_clause(self._session.server_version, fsync=bool(fsync))
        self._sweep()

    def _sweep(self) -> None:
        """Drop what killed owners left: scratch databases that nobody guards."""
        rows = self._all(
            "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database"
            " WHERE datname LIKE 'interlocking\\_%%' AND pg_has_role(datdba, 'USAGE')"
        )
        for name, comment in rows:
            ours = is_scratch_name(name) and (comment is None or comment.startswith(MARK))
            if ours and self._guard(name):
                self._try_to_drop(name)

    def _claim(self, hint: str) -> str:
        """Choose a name, and guard it before there is anything to guard."""
        name = scratch_name(hint, pid=os.getpid(), token=os.urandom(4).hex())
        self._guard(name)
        self._names.append(name)
        return name

    def _guard(self, name: str) -> bool:
        (got,) = self._one("SELECT pg_try_advisory_lock(%s)", lock_key(name))
        return bool(got)

    def _try_to_drop(self, name: str) -> None:
        import psycopg2  # noqa: PLC0415 - heavy

        with suppress(psycopg2.Error, UnavailableError):
            self._end_connections(name)
            self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
            self._one("SELECT pg_advisory_unlock(%s)", lock_key(name))

    def _empty_of_connections(self, name: str) -> None:
        """Wait until nobody is connected to `name`: PostgreSQL's own wait looks only every 100 ms."""
        ours = name in self._names
        if self._is_left_alone(name, seconds=_OURS_SECONDS if ours else _OTHERS_SECONDS):
            return
        if not ours:
            raise _busy(name)
        self._end_connections(name)

    def _end_connections(self, name: str) -> None:
        self._all("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", name)
        self._is_left_alone(name, seconds=_GONE_SECONDS)

    def _is_left_alone(self, name: str, *, seconds: float) -> bool:
        """Return whether `name` has no connections, or loses the last one within `seconds`."""
        deadline = time.monotonic() + seconds
        while self._all(
            "SELECT 1 FROM pg_stat_activity WHERE datname = %s"
            " AND backend_type IS DISTINCT FROM 'autovacuum worker' LIMIT 1",
            name,
        ):
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def _run(self, statement: str, *names: str) -> None:
        from psycopg2 import sql  # noqa: PLC0415 - heavy

        with self._explained(), self._session.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._session.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall()

    def _one(self, query: str, *values: object) -> tuple[Any, ...]:
        return self._all(query, *values)[0]

    @contextmanager
    def _explained(self) -> Iterator[None]:
        from psycopg2 import errors  # noqa: PLC0415 - heavy

        try:
            yield
        except errors.InsufficientPrivilege as error:
            raise may_not_create(self._url) from error
        except errors.ObjectInUse as error:
            raise _busy(error.diag.message_primary or "the database") from error
        except errors.DiskFull as error:
            raise UnavailableError(
                f"the disk of the server at {self._url.host}:{self._url.port} is full",
                code="disk-full",
                why="a scratch database needs about 10 MB, or as much as the database that it copies",
                next="free some space and try again",
            ) from error


def _busy(what: str) -> UnavailableError:
    return UnavailableError(
        f"someone is connected to the database that must be copied: {what}",
        code="template-busy",
        why="PostgreSQL copies a database only while nobody is connected to it",
        next="close those connections (see pg_stat_activity) and try again",
    )


def _host() -> str:
    return socket.gethostname().replace("'", "")
