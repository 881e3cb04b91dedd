"""A backfill of two million rows against one big UPDATE, with a writer at work on the same table.

Both sides run in a process of their own and are timed there, from the first statement to the end. The writer changes a
random row every 5 ms. Its latency counts from the moment a change was due, not from when it could be sent: a writer
that is blocked for a second has made all the changes wait that came due in it. Only where it
slept, and a busy machine woke it late, it counts from then: that is nobody's lock. What a busy core alone does to it is
measured beside a process that only computes.

`python -m benchmarks.backfill --rows N` prints all figures of one round, side by side.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache

import psycopg2
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from benchmarks.harness import ROOT, Comparison, Size, throwaway_database
from interlocking.postgres.url import parse
from interlocking.upgrade import backfill

ROWS = 2_000_000
_MOST_ROUNDS = 3
_EVERY = 0.005
_FEW_ROWS = 200_000
_COMPUTES = "import time\nwhile time.process_time() < 5: pass"
_SET = "price * amount"
_FILL = """
DROP TABLE IF EXISTS orders;
CREATE TABLE orders (id bigint PRIMARY KEY, price int NOT NULL, amount int NOT NULL, total int, touched int, note text);
INSERT INTO orders SELECT g, g % 1000, g % 7, NULL, 0, repeat('x', 60) FROM generate_series(1, {rows}) g;
"""


@dataclass(frozen=True, slots=True)
class Side:
    """What one side did.

    Args:
        seconds: for all rows.
        peak: of its process, in megabytes.
        latencies: of the writer beside it, in seconds.
    """

    seconds: float
    peak: float
    latencies: tuple[float, ...]

    @property
    def p99(self) -> float:
        """What 99 in 100 of the writer's changes did not exceed, in seconds."""
        return _p99(self.latencies)


def speed(size: Size) -> Comparison:
    """Claim: at least half the rows per second of one big UPDATE."""
    pairs = _pairs(size)
    ours, theirs = tuple(ours.seconds for ours, _ in pairs), tuple(theirs.seconds for _, theirs in pairs)
    return Comparison("backfill, seconds", "backfill()", "one big UPDATE", ours, theirs, at_most=2.0)


def writer(size: Size) -> Comparison:
    """Claim: the writer's p99 stays under 50 ms; that of the UPDATE and of a busy core are in the sentence."""
    pairs = _pairs(size)
    beside = statistics.median(theirs.p99 for _, theirs in pairs)
    busy = _beside_a_busy_process()
    label = (
        f"50 ms; beside one big UPDATE {beside * 1000:.0f} ms, beside a process that only computes {busy * 1000:.0f} ms"
    )
    ours = tuple(ours.p99 for ours, _ in pairs)
    return Comparison("backfill, p99 of a writer", "backfill()", label, ours, (0.05,) * len(ours), at_most=1.0)


def memory(size: Size) -> Comparison:
    """Claim: the process never needs more than 80 MB."""
    ours = tuple(ours.peak for ours, _ in _pairs(size))
    return Comparison("backfill, memory", "backfill(), MB", "80 MB", ours, (80.0,) * len(ours), at_most=1.0)


def _p99(latencies: Sequence[float]) -> float:
    return statistics.quantiles(latencies, n=100)[98]


def _pairs(size: Size) -> tuple[tuple[Side, Side], ...]:
    return _measured(min(size.rounds, _MOST_ROUNDS), ROWS)


@cache
def _measured(rounds: int, rows: int) -> tuple[tuple[Side, Side], ...]:
    """Measure both sides in turns; once for all three claims."""
    with throwaway_database() as database:
        url = database.libpq()
        return tuple((_side(url, "ours", rows), _side(url, "theirs", rows)) for _ in range(rounds))


def _side(url: str, which: str, rows: int) -> Side:
    _fill(url, rows)
    argv = [sys.executable, "-m", "benchmarks.backfill", "--side", which]
    with _writing(url, rows) as latencies:
        found = subprocess.run(argv, cwd=ROOT, input=url, capture_output=True, text=True, check=True)
    said = json.loads(found.stdout)
    return Side(said["seconds"], said["peak"], tuple(latencies))


def _beside_a_busy_process() -> float:
    """Return the writer's p99 in seconds while nobody else uses the database, but somebody the processor."""
    with throwaway_database() as database:
        url = database.libpq()
        _fill(url, _FEW_ROWS)
        with _writing(url, _FEW_ROWS) as latencies:
            subprocess.run([sys.executable, "-c", _COMPUTES], check=True)
    return _p99(latencies)


@contextmanager
def _writing(url: str, rows: int) -> Iterator[list[float]]:
    """Let the writer work until the end of the block, and yield its latencies."""
    latencies: list[float] = []
    done = threading.Event()
    thread = threading.Thread(target=_write, args=(url, rows, done, latencies))
    thread.start()
    try:
        yield latencies
    finally:
        done.set()
        thread.join()


def _fill(url: str, rows: int) -> None:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(_FILL.format(rows=rows))
        cursor.execute("VACUUM ANALYZE orders")
        cursor.execute("CHECKPOINT")


def _write(url: str, rows: int, done: threading.Event, latencies: list[float]) -> None:
    """Change a random row every 5 ms until told to stop."""
    choice = random.Random(1)
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        due = time.perf_counter()
        while not done.is_set():
            if (early := due - time.perf_counter()) > 0:
                time.sleep(early)
                due = time.perf_counter()
            cursor.execute("UPDATE orders SET touched = touched + 1 WHERE id = %s", (choice.randint(1, rows),))
            latencies.append(time.perf_counter() - due)
            due += _EVERY


def _work(which: str, url: str) -> None:
    """Do one side's work in this process, and print how it went."""
    engine = sa.create_engine(parse(url).sqlalchemy())
    with engine.connect() as connection:
        began = time.perf_counter()
        if which == "ours":
            operations = Operations(MigrationContext.configure(connection))
            backfill(operations, "orders", set={"total": _SET}, where="total IS NULL")
        else:
            connection.exec_driver_sql(f"UPDATE orders SET total = {_SET} WHERE total IS NULL")
            connection.commit()
        seconds = time.perf_counter() - began
        connection.rollback()
        left = connection.exec_driver_sql("SELECT count(*) FROM orders WHERE total IS DISTINCT FROM price * amount")
        if left.scalar_one():
            raise RuntimeError("rows were left out")
    print(json.dumps({"seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backfill", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--side", choices=("ours", "theirs"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        _work(options.side, sys.stdin.read())
        return
    ((ours, theirs),) = _measured(1, options.rows)
    for name, side in (("backfill()", ours), ("one big UPDATE", theirs)):
        print(
            f"{name:<15} {options.rows / side.seconds:>9,.0f} rows/s  {side.seconds:5.1f} s"
            f"  writer p50 {statistics.median(side.latencies) * 1000:6.1f} ms  p99 {side.p99 * 1000:8.1f} ms"
            f"  longest {max(side.latencies) * 1000:8.1f} ms  peak {side.peak:.0f} MB"
        )


if __name__ == "__main__":
    _main()
