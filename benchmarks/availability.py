"""What the application notices of an upgrade that needs a table for itself while a long transaction reads it.

ALTER TABLE waits for the transaction, and everybody who comes later waits behind ALTER TABLE. Three ways: plain
Alembic; `lock_timeout` of 2 s and another try a second later, as it is often recommended; the guard. In each, clients
read the table all the time, the transaction lasts ten seconds, and the upgrade begins in its first one.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg2

from benchmarks.generated import write_project
from benchmarks.harness import PROGRAMS, ROOT, Comparison, Size, throwaway_database
from benchmarks.overhead import GUARDED, PLAIN
from interlocking.postgres.url import parse

_BLOCKED_SECONDS = 10.0
_SHORT_SECONDS = 1.0
_PAUSE_SECONDS = 1.0
_CLIENTS = 4
_EVERY = 0.005
_MOST_ROUNDS = 3
_LOCK_TIMEOUT = "?options=-c%20lock_timeout%3D2s"
_REVISION = """
from alembic import op

revision = "add_note"
down_revision = None


def upgrade():
    op.execute("ALTER TABLE visited ADD COLUMN note text")
"""


@dataclass(frozen=True, slots=True)
class Beside:
    """One upgrade beside the transaction.

    Args:
        stall: the longest that a client waited for an answer, in seconds.
        late: from the end of the transaction to the end of the upgrade, in seconds.
    """

    stall: float
    late: float


def against_plain(size: Size) -> Comparison:
    """Claim: the longest stall is a hundredth of plain Alembic's."""
    measured = _rounds(size)
    return Comparison(
        "availability", "guard, longest stall", "plain Alembic", *_stalls(measured, "guard", "plain"), at_most=0.01
    )


def against_fixed(size: Size) -> Comparison:
    """Claim: and a tenth of what a fixed lock_timeout of 2 s leaves."""
    label = "lock_timeout 2 s and another try"
    stalls = _stalls(_rounds(size), "guard", "fixed")
    return Comparison("availability, fixed timeout", "guard, longest stall", label, *stalls, at_most=0.1)


def stall(size: Size) -> Comparison:
    """Claim: nobody waits longer than 50 ms."""
    ours = tuple(each["guard"].stall for each in _rounds(size))
    label = f"50 ms; it is {statistics.median(ours) * 1000:.0f} ms"
    return Comparison("availability, longest stall", "guard", label, ours, (0.05,) * len(ours), at_most=1.0)


def end(size: Size) -> Comparison:
    """Claim: the upgrade has ended a second after the transaction."""
    ours = tuple(each["guard"].late for each in _rounds(size))
    label = f"1 s after the transaction; it is {statistics.median(ours):.2f} s"
    return Comparison("availability, end", "guard", label, ours, (1.0,) * len(ours), at_most=1.0)


def _stalls(
    measured: tuple[dict[str, Beside], ...], ours: str, theirs: str
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(each[ours].stall for each in measured), tuple(each[theirs].stall for each in measured)


def _rounds(size: Size) -> tuple[dict[str, Beside], ...]:
    smallest = size.revisions is not None
    return _measured(min(size.rounds, _MOST_ROUNDS), _SHORT_SECONDS if smallest else _BLOCKED_SECONDS)


@cache
def _measured(rounds: int, blocked: float) -> tuple[dict[str, Beside], ...]:
    """Measure all sides in turns; once for all claims."""
    with tempfile.TemporaryDirectory() as folder, throwaway_database() as database:
        for name, (env, _options) in _SIDES.items():
            (write_project(Path(folder) / name, env) / "add_note.py").write_text(_REVISION, encoding="utf-8")
        url = database.libpq()
        return tuple(
            {name: _beside(url, Path(folder) / name, options, blocked) for name, (_env, options) in _SIDES.items()}
            for _ in range(rounds)
        )


def _beside(url: str, project: Path, options: str, blocked: float) -> Beside:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS visited, alembic_version")
        cursor.execute("CREATE TABLE visited AS SELECT g AS id FROM generate_series(1, 1000) g")
        connection.commit()
    with _clients(url) as latencies, closing(psycopg2.connect(url)) as blocker:
        blocker.cursor().execute("SELECT count(*) FROM visited")
        released: list[float] = []

        def release() -> None:
            blocker.rollback()
            released.append(time.perf_counter())

        timer = threading.Timer(blocked, release)
        timer.start()
        _upgrade(parse(url).sqlalchemy() + options, project)
        ended = time.perf_counter()
        timer.join()
    return Beside(max(latencies), ended - released[0])


def _upgrade(url: str, project: Path) -> None:
    """Run the upgrade, and again after a failure: only the fixed lock_timeout fails."""
    env = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    argv = [str(PROGRAMS / "alembic"), "upgrade", "head"]
    while True:
        ended = subprocess.run(argv, cwd=project, env=env, capture_output=True, text=True, check=False)
        if not ended.returncode:
            return
        if "lock timeout" not in ended.stderr:
            raise RuntimeError(ended.stderr)
        time.sleep(_PAUSE_SECONDS)


@contextmanager
def _clients(url: str) -> Iterator[list[float]]:
    """Read the table from several connections until the end of the block, and yield how long each answer took."""
    latencies: list[float] = []
    over = threading.Event()
    threads = [threading.Thread(target=_read, args=(url, over, latencies)) for _ in range(_CLIENTS)]
    for each in threads:
        each.start()
    try:
        yield latencies
    finally:
        over.set()
        for each in threads:
            each.join()


def _read(url: str, over: threading.Event, latencies: list[float]) -> None:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        while not over.wait(_EVERY):
            began = time.perf_counter()
            cursor.execute("SELECT count(*) FROM visited")
            latencies.append(time.perf_counter() - began)


_SIDES = {"guard": (GUARDED, ""), "plain": (PLAIN, ""), "fixed": (PLAIN, _LOCK_TIMEOUT)}
