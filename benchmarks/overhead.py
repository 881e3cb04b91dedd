"""What the guard costs when nobody is in the way: `alembic upgrade head` of a hundred small revisions.

The other side is Alembic with `transaction_per_migration`, which the guard sets too. Both run on the same files and
differ in env.py alone; every round begins on an empty database that was made before.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.generated import write_project, write_tables
from benchmarks.harness import ROOT, Comparison, Size, command_line, in_turns, throwaway_database
from interlocking.postgres.connect import connect
from interlocking.postgres.url import DatabaseUrl

PLAIN = """
import os

from alembic import context
from sqlalchemy import create_engine

with create_engine(os.environ["DATABASE_URL"]).connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""
GUARDED = """
import os

from sqlalchemy import create_engine

from interlocking.upgrade import guard

guard.run(create_engine(os.environ["DATABASE_URL"]))
"""


def overhead(size: Size) -> Comparison:
    """Claim: at most a quarter more than plain Alembic, for the command as it is typed."""
    count = size.revisions or 100
    with tempfile.TemporaryDirectory() as folder, throwaway_database() as url:
        empty = _databases(url, 2 * (size.rounds + 1))
        ours, theirs = (_upgrade(Path(folder) / name, env, count, empty) for name, env in _SIDES.items())
        measured = in_turns(ours, theirs, rounds=size.rounds)
    name = f"guard, {count} revisions"
    return Comparison(name, "alembic upgrade, guarded", "alembic upgrade", *measured, at_most=1.25)


def _upgrade(root: Path, env: str, count: int, empty: Iterator[DatabaseUrl]) -> Callable[[], None]:
    write_tables(write_project(root, env), count)

    def run() -> None:
        variables = {"DATABASE_URL": next(empty).sqlalchemy(), "PYTHONPATH": str(ROOT)}
        command_line(["alembic", "upgrade", "head"], cwd=root, env=variables)()

    return run


def _databases(server: DatabaseUrl, count: int) -> Iterator[DatabaseUrl]:
    """Make empty databases before anything is timed."""
    names = [f"empty_{number}" for number in range(count)]
    with closing(connect(server)) as admin, admin.cursor() as cursor:
        for name in names:
            cursor.execute(f"CREATE DATABASE {name}")
    return (server.with_database(name) for name in names)


_SIDES = {"ours": GUARDED, "theirs": PLAIN}
