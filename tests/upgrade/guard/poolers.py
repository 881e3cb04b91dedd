"""A real PgBouncer before a test's database."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg2
import pytest

from interlocking.postgres.account import server_account
from interlocking.postgres.url import parse
from tests.ports import reserved_port
from tests.servers import temporary_folder
from tests.waiting import wait_until

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
_CONFIGURATION = """
[databases]
* = host={url.host} port={url.port} user={url.user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = {size}
ignore_startup_parameters = extra_float_digits
"""


@contextmanager
def pgbouncer(url: str, mode: str, *, size: int = 20) -> Iterator[str]:
    """Run PgBouncer until the end of the block and yield the URL through it.

    Args:
        url: libpq URL of the database.
        mode: its `pool_mode`.
        size: how many connections to the server it keeps.
    """
    if PROGRAM is None:
        pytest.skip("the tests of poolers need PgBouncer: apt-get install pgbouncer")
    direct = parse(url)
    with temporary_folder() as folder, reserved_port() as port:
        file = folder / "pgbouncer.ini"
        file.write_text(
            _CONFIGURATION.format(url=direct, password=direct.password.reveal(), port=port, mode=mode, size=size)
        )
        pooled = f"postgresql://{direct.user}:any@127.0.0.1:{port}/{direct.database}"
        with _running(file) as log:
            wait_until(lambda: _answers(pooled) or _fail(log))
            yield pooled


@contextmanager
def _running(file: Path) -> Iterator[Path]:
    account = server_account(file.parent / "none")
    log = file.with_suffix(".log")
    with log.open("w") as output:
        child = subprocess.Popen(
            [PROGRAM or "", str(file)],
            stdout=output,
            stderr=output,
            user=account.user if account else None,
            group=account.group if account else None,
            extra_groups=[] if account else None,
        )
    try:
        yield log
    finally:
        child.terminate()
        child.wait()


def _answers(url: str) -> bool:
    with suppress(psycopg2.OperationalError):
        psycopg2.connect(url, connect_timeout=2).close()
        return True
    return False


def _fail(log: Path) -> bool:
    assert "FATAL" not in log.read_text(), log.read_text()
    return False
