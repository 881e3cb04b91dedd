"""The embedded server: PostgreSQL for development, in the project's `.interlocking`, always there.

It is started by the first task that needs it and stays up. Its settings trade safety for speed, so it
must hold nothing that cannot be made again.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from interlocking.errors import UnavailableError
from interlocking.postgres import cluster as clusters
from interlocking.postgres import server_state, start_failures
from interlocking.postgres.account import Account, make_enterable, server_account
from interlocking.postgres.cluster import Cluster
from interlocking.postgres.layout import SHARED, layout
from interlocking.postgres.postmaster import postmaster
from interlocking.postgres.programs import programs_for
from interlocking.postgres.server_state import USER, ServerState, new_state
from interlocking.postgres.url import DatabaseUrl

_LOCK_SECONDS = 180.0
_POLL_SECONDS = 0.02
_NOT_USABLE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# The password is random, so the rounds that protect a guessable one would only slow down each connection;
# the built-in locale sorts the same on every machine and needs none installed.
_INITDB = (
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-instructions",
    "--set=scram_iterations=1",
)
_SETTINGS = {"io_method": "sync"}  # three idle workers fewer


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """How the embedded server is.

    Args:
        running: whether it accepts connections.
        port: its port; None before it was first made.
        pid: of its main process, while it runs.
        data: its data directory.
        log: what it said since its last start.
    """

    running: bool
    port: int | None
    pid: int | None
    data: Path
    log: Path


class EmbeddedServer:
    """The one server of a project.

    Args:
        home: the project's `.interlocking`; made when needed.
        database: name of the default database; None means one named after the project's folder.
        shared: where root's servers keep their data and programs, outside home directories.
    """

    def __init__(self, home: Path, *, database: str | None = None, shared: Path = SHARED) -> None:
        self._home = home.resolve()  # PostgreSQL's processes are recognised by the real path of their data
        self._database = database
        self._shared = shared.resolve()
        self._layout = layout(self._home, as_root=os.geteuid() == 0, shared=self._shared)

    def ensure_running(self, *, adopt: DatabaseUrl | None = None) -> DatabaseUrl:
        """Return the URL of the default database, making and starting the server as needed.

        Quick when it runs already. A second start at the same time waits for the first.

        Args:
            adopt: a URL in which an earlier server of this project lives on (`.env`): when `.interlocking`
                was deleted, the new server gets its port and password.

        Raises:
            UnavailableError: it cannot be made or started; the code says why.
        """
        with self._explained():
            state = server_state.load(self._layout.state)
            if state is None or not self._is_ready(state):
                state = self._bring_up(adopt)
        return state.url(self.default_database)

    def ensure_database(self, name: str) -> DatabaseUrl:
        """Return the URL of the database `name` of the running server, creating it when it is missing."""
        from interlocking.postgres.databases import create_if_missing  # noqa: PLC0415 - loads psycopg2

        url = self.url(name)
        create_if_missing(url)
        return url

    def stop(self) -> bool:
        """Stop it, ending its connections; its data stay.

        Returns:
            Whether it was running.

        Raises:
            UnavailableError: it did not stop.
        """
        with self._explained():
            if not self._layout.data.exists():
                return False
            with self._locked():
                return clusters.stop(self._cluster(server_state.load(self._layout.state)))

    def status(self) -> ServerStatus:
        """Look, and start nothing."""
        with self._explained():
            state = server_state.load(self._layout.state)
            found = postmaster(self._layout.data)
            running = state is not None and self._is_ready(state)
        return ServerStatus(
            running=running,
            port=state.port if state else None,
            pid=found.pid if found else None,
            data=self._layout.data,
            log=self._layout.log,
        )

    def url(self, database: str | None = None) -> DatabaseUrl:
        """Return the URL of one of its databases, whether it runs or not; its port is chosen on first use."""
        with self._explained():
            state = server_state.load(self._layout.state)
            if state is None:
                with self._locked():
                    state = self._state(None)
        return state.url(database or self.default_database)

    def owns(self, url: DatabaseUrl) -> bool:
        """Whether `url` means this server, running or not.

        Without a state file (`.interlocking` was deleted) every URL of the shape that embedded servers
        have is taken for ours.
        """
        if not url.is_local or url.user != USER:
            return False
        with self._explained():
            state = server_state.load(self._layout.state)
        return state is None or (url.port, url.password) == (state.port, state.password)

    @property
    def default_database(self) -> str:
        """Name of the project's database."""
        if self._database:
            return self._database
        return re.sub(r"[^a-z0-9_]+", "_", self._home.parent.name.lower()).strip("_") or "app"

    def _is_ready(self, state: ServerState) -> bool:
        found = postmaster(self._layout.data)
        return found is not None and found.ready and found.port == state.port

    def _bring_up(self, adopt: DatabaseUrl | None) -> ServerState:
        with self._locked():
            state = self._state(adopt)
            cluster = self._cluster(state)
            if not cluster.is_ready:
                clusters.stop(cluster)  # one on the port of a state file that is gone
                if not cluster.exists:
                    self._initialise(cluster, state)
                clusters.start(cluster, settings=_SETTINGS)
                self._open(cluster, state)
        return state

    def _open(self, cluster: Cluster, state: ServerState) -> None:
        """Make sure that password and database work: the data may be older than the state file."""
        try:
            self.ensure_database(self.default_database)
        except UnavailableError as error:
            if error.code != "password-refused":
                raise
            clusters.stop(cluster)
            clusters.set_password(cluster, user=USER, password=state.password)
            clusters.start(cluster, settings=_SETTINGS)
            self.ensure_database(self.default_database)

    def _initialise(self, cluster: Cluster, state: ServerState) -> None:
        self._make_folder(cluster.account)
        clusters.initialise(cluster, user=USER, password=state.password, options=_INITDB)

    def _state(self, adopt: DatabaseUrl | None) -> ServerState:
        """Return the state, making it on first use; the lock is held."""
        state = server_state.load(self._layout.state)
        if state is None:
            mine = adopt is not None and self.owns(adopt)
            state = ServerState(adopt.port, adopt.password) if adopt and mine else new_state(self._home)
            server_state.save(state, self._layout.state)
        return state

    def _cluster(self, state: ServerState | None) -> Cluster:
        account = server_account(self._layout.folder)
        return Cluster(
            programs=programs_for(account, shared=self._shared),
            data=self._layout.data,
            log=self._layout.log,
            port=state.port if state else 0,
            account=account,
            state=self._layout.state,
        )

    def _make_folder(self, account: Account | None) -> None:
        folder = self._layout.folder
        if account is not None:
            make_enterable(folder.parent)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if account is not None:
            os.chown(folder, account.user, account.group)
        for unfinished in folder.glob(".new-*"):  # of a process that was killed
            shutil.rmtree(unfinished, ignore_errors=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock of this server; it ends with the process, however that ends."""
        is_first = not self._home.exists()
        self._home.mkdir(parents=True, exist_ok=True)
        with self._layout.lock.open("a") as file:
            deadline = time.monotonic() + _LOCK_SECONDS
            while not _try_lock(file.fileno()):
                if time.monotonic() > deadline:
                    raise UnavailableError(
                        f"another process has held {self._layout.lock} for {_LOCK_SECONDS:g} s",
                        code="server-busy",
                        why="it makes, starts or stops the embedded server",
                        next=f"see which one it is: fuser {self._layout.lock}",
                    )
                time.sleep(_POLL_SECONDS)
            if is_first and not self._layout.state.exists():
                self._forget_deleted_clone()
            yield

    def _forget_deleted_clone(self) -> None:
        """Remove the data of a clone that was deleted in this place, so that a new one begins anew.

        Only root's data live outside the clone and survive it.
        """
        if self._layout.data.exists():
            clusters.stop(self._cluster(None))
            shutil.rmtree(self._layout.data)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Translate what the file system says."""
        try:
            yield
        except OSError as error:
            if error.errno in _FULL:
                raise start_failures.disk_full(self._layout.data) from error
            if error.errno not in _NOT_USABLE:
                raise
            raise UnavailableError(
                f"{error.filename or self._home} cannot be used: {error.strerror}",
                code="home-not-usable",
                why="the embedded server keeps its data and its password there",
                next=f"see who owns it (ls -ld {self._home}), or set DATABASE_URL to another server",
            ) from error


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
