"""Throw-away PostgreSQL servers for the tests."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import sql

from interlocking.postgres.account import server_account
from interlocking.postgres.cluster import Cluster, initialise, start, stop
from interlocking.postgres.programs import Programs, programs_for
from interlocking.postgres.server_state import ServerState, new_state
from interlocking.postgres.url import DatabaseUrl, parse

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 2 << 30
_NUMBERS = count(1)


@dataclass
class Server:
    """A running server.

    Args:
        admin_url: URL of a superuser on the database `postgres`.
        version: major version.
        programs: the folder of its programs.
        cluster: its data directory, to start, stop and inspect.
    """

    admin_url: str
    version: str
    programs: Path
    cluster: Cluster

    @property
    def url(self) -> DatabaseUrl:
        """The parsed `admin_url`."""
        return parse(self.admin_url)

    def make_database(self, *, template: str | None = None, settings: str | None = None) -> str:
        """Make a database and return its URL; it lives until the server ends, or `drop` is called.

        Args:
            template: URL of a database of this server to copy; nobody may be connected to it.
            settings: a setting that sessions on it start with, as in `ALTER DATABASE ... SET`.
        """
        name = f"test_{os.getpid()}_{next(_NUMBERS)}"
        source = parse(template).database if template else "template1"
        copied = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")  # half the time, where nobody else writes
        self.execute(copied.format(sql.Identifier(name), sql.Identifier(source)))
        if settings:
            self.execute(sql.SQL("ALTER DATABASE {} SET ").format(sql.Identifier(name)) + sql.SQL(settings))
        return self.url.with_database(name).libpq()

    def drop(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        name = sql.Identifier(parse(url).database)
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def execute(self, statement: sql.Composable, url: str = "") -> None:
        """Run one statement in the database `postgres`, or that of `url`, outside a transaction."""
        connection = psycopg2.connect(url or self.admin_url)
        try:
            connection.autocommit = True
            connection.cursor().execute(statement)
        finally:
            connection.close()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A new folder that other users can enter, in memory where there is room.

    Not pytest's `tmp_path`: that is closed to others, and as root the server runs as another user. In
    memory because ext4 is slow to create files for half a minute after many were deleted.
    """
    in_memory = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES
    folder = Path(tempfile.mkdtemp(prefix="interlocking-test-", dir=_MEMORY if in_memory else None))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def programs_of(version: str) -> Path | None:
    """Return the folder of the programs of a supported PostgreSQL, None for those of the wheel; skip without them."""
    if version == "18":
        return None
    if not DEBIAN_15.is_dir():
        pytest.skip(f"PostgreSQL 15 is not installed: {DEBIAN_15} is missing")
    return DEBIAN_15


@contextmanager
def temporary_server(programs: Path | None = None, *, version: str = "18") -> Iterator[Server]:
    """Run a server until the end of the block.

    Args:
        programs: folder of its programs; None means those of the wheel.
        version: their major version.
    """
    with temporary_folder() as folder:
        state = new_state(folder)
        cluster = _cluster(folder, state, programs)
        initialise(cluster, user="interlocking", password=state.password, options=("--locale=C.UTF-8",))
        start(cluster)
        try:
            url = state.url("postgres").libpq()
            yield Server(url, version, cluster.programs.folder, cluster)
        finally:
            stop(cluster)


def _cluster(folder: Path, state: ServerState, programs: Path | None) -> Cluster:
    place = folder / "server"
    place.mkdir(mode=0o700)
    account = server_account(place)
    if account:
        os.chown(place, account.user, account.group)
    return Cluster(
        programs=Programs(programs) if programs else programs_for(account, shared=folder),
        data=place / "data",
        log=place / "server.log",
        port=state.port,
        account=account,
        state=folder / "unused",
    )
