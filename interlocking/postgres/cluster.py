"""One data directory: make it, start a server on it, stop it.

Works with the programs of any version, as the current user or as another one (when we are root).
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from interlocking.errors import UnavailableError
from interlocking.postgres import postmaster, start_failures
from interlocking.postgres.account import Account
from interlocking.postgres.programs import Programs
from interlocking.process import Child, Completed, ProcessFailedError, leave_running, run, spawn
from interlocking.redaction import Secret

_INITDB_SECONDS = 120
_START_SECONDS = 60
_ORPHAN_SECONDS = 10.0
_POLL_SECONDS = 0.005
_LOG_KEPT = "server.previous.log"
# English messages, because failures are recognised by their text; a fixed zone spares initdb a search.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
# Without fsync and full-page writes a power failure can damage the data: this server is for development
# only. A commit still reaches the operating system, so a killed server loses nothing. WAL stays at
# `replica`, so that what a migration writes can be measured as in production.
_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "jit": "off",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data directory and how to run it.

    Args:
        programs: of the version that made, or will make, the data.
        data: the data directory; its parent belongs to `account`.
        log: where the server writes what it says.
        port: on 127.0.0.1.
        account: who runs it; None means the current user.
        state: the file to name when the port must be changed.
    """

    programs: Programs
    data: Path
    log: Path
    port: int
    account: Account | None
    state: Path

    @property
    def exists(self) -> bool:
        """Whether the data directory has been made."""
        return self.data.exists()

    @property
    def is_ready(self) -> bool:
        """Whether the server accepts connections on its port."""
        found = postmaster.postmaster(self.data)
        return found is not None and found.ready and found.port == self.port


def initialise(cluster: Cluster, *, user: str, password: Secret, options: tuple[str, ...] = ()) -> None:
    """Make the data directory, completely or not at all.

    Args:
        cluster: its parent folder exists.
        user: name of the superuser.
        password: of the superuser.
        options: further arguments of `initdb`.

    Raises:
        UnavailableError: `initdb` failed.
    """
    from tempfile import mkdtemp  # noqa: PLC0415 - slow to load, needed once in a project's life

    work = Path(mkdtemp(dir=cluster.data.parent, prefix=".new-"))
    try:
        secret = work / "password"
        secret.touch(mode=0o600)
        secret.write_text(password.reveal(), encoding="utf-8")
        _give(cluster.account, secret, work)
        argv = ["--pgdata", str(work / "data"), "--username", user, "--pwfile", str(secret), *options]
        _run(cluster, "initdb", *argv, "--auth=scram-sha-256", "--encoding=UTF8", "--no-sync")
        (work / "data").rename(cluster.data)
    except ProcessFailedError as error:
        raise _explained(cluster, error.completed.stderr) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def start(cluster: Cluster, *, settings: Mapping[str, str] | None = None) -> None:
    """Start the server and wait until it accepts connections. It outlives this process and its terminal.

    Args:
        cluster: its data directory exists, and nobody else starts or stops it meanwhile.
        settings: server settings beyond, or instead of, those for development.

    Raises:
        UnavailableError: it did not start; the code says why.
    """
    if _recover(cluster):
        return
    if cluster.log.exists():
        cluster.log.replace(cluster.log.with_name(_LOG_KEPT))
    chosen = {**_SETTINGS, **(settings or {}), "port": str(cluster.port)}
    options = [f"--{name}={value}" for name, value in chosen.items()]
    user, group = _rights(cluster.account)
    argv = [cluster.programs.path("postgres"), "-D", str(cluster.data), *options]
    with (
        cluster.log.open("x") as log,  # root must not follow a link that the server's user has put there
        spawn(argv, cwd=Path("/"), env=_ENVIRONMENT, stdout=log, stderr=log, user=user, group=group) as child,
    ):
        if _becomes_ready(cluster, child):
            leave_running(child)
            return
    raise _explained(cluster, cluster.log.read_text(encoding="utf-8", errors="replace"))


def stop(cluster: Cluster) -> bool:
    """Stop the server, ending its connections; return whether there was one to stop.

    Raises:
        UnavailableError: code `server-not-stopped`.
    """
    if postmaster.postmaster(cluster.data) is None:
        return False
    try:
        _run(cluster, "pg_ctl", "stop", "-w", "-s", "-m", "fast", "-t", str(_START_SECONDS), "-D", str(cluster.data))
    except ProcessFailedError as error:
        raise UnavailableError(
            f"the embedded PostgreSQL did not stop: {error.completed.stderr.strip()}",
            code="server-not-stopped",
            next=f"read {cluster.log}",
        ) from error
    return True


def set_password(cluster: Cluster, *, user: str, password: Secret) -> None:
    """Set a role's password while the server is down, through PostgreSQL's single-user mode.

    Raises:
        UnavailableError: the data cannot be opened.
    """
    try:
        _run(
            cluster,
            "postgres",
            "--single",
            "-j",
            "-D",
            str(cluster.data),
            "postgres",
            input=f"ALTER ROLE \"{user}\" PASSWORD '{password.reveal()}';\n\n",
        )
    except ProcessFailedError as error:
        raise _explained(cluster, error.completed.stderr) from error


def _recover(cluster: Cluster) -> bool:
    """Deal with what a killed server left; return whether a server is in fact coming up, and is ready.

    PostgreSQL recovers by itself, with two exceptions that are handled here: backends that outlive their
    main process for a moment, and a pid that now belongs to an unrelated process.
    """
    if postmaster.read_pid_file(cluster.data) is None:
        return False
    deadline = time.monotonic() + _ORPHAN_SECONDS
    while pids := postmaster.processes_of(cluster.data):
        if cluster.is_ready:
            return True
        if time.monotonic() > deadline:
            raise start_failures.still_used(cluster.data, pids)
        time.sleep(_POLL_SECONDS)
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)
    return False


def _run(cluster: Cluster, program: str, *arguments: str, input: str | None = None) -> Completed:
    user, group = _rights(cluster.account)
    return run(
        [cluster.programs.path(program), *arguments],
        cwd=Path("/"),
        env=_ENVIRONMENT,
        timeout=_INITDB_SECONDS,
        input=input,
        user=user,
        group=group,
    )


def _becomes_ready(cluster: Cluster, child: Child) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        if cluster.is_ready:
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _rights(account: Account | None) -> tuple[int | None, int | None]:
    return (account.user, account.group) if account else (None, None)


def _give(account: Account | None, *paths: Path) -> None:
    for path in paths:
        if account is not None:
            os.chown(path, account.user, account.group)


def _explained(cluster: Cluster, said: str) -> UnavailableError:
    return start_failures.explain_start_failure(
        said, port=cluster.port, data=cluster.data, log=cluster.log, state=cluster.state
    )
