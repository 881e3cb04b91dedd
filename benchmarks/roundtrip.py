"""The round trip, per revision, against a script of commands, `pg_dump` and a database a revision.

The other side is what a careful person scripts after the guide: for each revision a database made from scratch,
`upgrade` to the one before, and four `pg_dump --schema-only` around upgrade, downgrade and upgrade.
One more comparison keeps Alembic inside one long process for the other side, so that no start of Python and no
import is counted there; it claims no more than that this is not slower. Here the whole command is counted.
"""

from __future__ import annotations

import logging
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config

from benchmarks.generated import write_project, write_tables
from benchmarks.harness import ROOT, Comparison, Size, command_line, in_turns, throwaway_database
from interlocking.environment import Project, load_project
from interlocking.postgres.connect import connect
from interlocking.postgres.programs import wheel_programs
from interlocking.postgres.url import DatabaseUrl
from interlocking.revisions.order import pending
from interlocking.upgrade.status import load_graph

Move = Callable[[str, str], None]

_OURS = ("invoke", "db.test-rollback", "--all")
_TASKS = """
from pathlib import Path

from interlocking import namespace

ns = namespace(Path(__file__).parent)
"""
_ENV = """
import os

from alembic import context
from sqlalchemy import create_engine, pool

url = context.config.get_main_option("sqlalchemy.url") or os.environ["DATABASE_URL"]
with create_engine(url, poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""


def wingman(size: Size) -> Comparison:
    """Measure Wingman's history against `flask db`."""
    return _compare("test-rollback, Wingman", ROOT, _flask_commands, rounds=size.rounds, at_most=0.2)


def generated(size: Size) -> Comparison:
    """Measure a history of small revisions without Flask against `alembic`."""
    revisions = size.revisions or 20
    with tempfile.TemporaryDirectory() as folder:
        _write_history(Path(folder), revisions)
        name = f"test-rollback, {revisions} revisions"
        return _compare(name, Path(folder), _alembic_commands, rounds=size.rounds, at_most=0.2)


def in_one_process(size: Size) -> Comparison:
    """Measure a generated history against Alembic in one long process."""
    with tempfile.TemporaryDirectory() as folder:
        _write_history(Path(folder), size.revisions or 60)
        return _compare("test-rollback, one process", Path(folder), _one_process, rounds=size.rounds, at_most=1.0)


def _compare(
    name: str, root: Path, mover: Callable[[Project, DatabaseUrl], Move], *, rounds: int, at_most: float
) -> Comparison:
    logging.disable(logging.INFO)
    project = load_project(root, {"FLASK_ENV": "development"})
    order = pending(load_graph(project), ())
    with throwaway_database() as url:
        env = {"DATABASE_URL": url.libpq(), "FLASK_ENV": "development", "PYTHONPATH": str(ROOT)}
        move = mover(project, url.with_database("theirs"))
        ours, theirs = in_turns(
            command_line(_OURS, cwd=root, env=env), lambda: _their_way(move, url, order), rounds=rounds
        )
    peer = f"{mover.__name__.strip('_').replace('_', ' ')}, pg_dump and a database a revision"
    return Comparison(name, " ".join(_OURS), peer, ours, theirs, at_most=at_most)


def _their_way(move: Move, server: DatabaseUrl, order: tuple[str, ...]) -> None:
    for before, revision in zip(("base", *order), order, strict=False):
        with closing(connect(server)) as admin, admin.cursor() as cursor:
            cursor.execute("DROP DATABASE IF EXISTS theirs WITH (FORCE)")
            cursor.execute("CREATE DATABASE theirs")
        _their_round_trip(move, server.with_database("theirs"), before, revision)


def _their_round_trip(move: Move, url: DatabaseUrl, before: str, revision: str) -> None:
    if before != "base":
        move("upgrade", before)
    start = _dump(url)
    move("upgrade", revision)
    middle = _dump(url)
    move("downgrade", before)
    back = _dump(url)
    move("upgrade", revision)
    if before != "base" and (start, middle) != (back, _dump(url)):
        raise RuntimeError(f"the round trip of {revision} differs")


def _flask_commands(project: Project, url: DatabaseUrl) -> Move:
    env = {"DATABASE_URL": url.libpq(), "FLASK_APP": project.settings.app, "FLASK_ENV": "development"}
    return lambda verb, revision: command_line(["flask", "db", verb, revision], cwd=project.root, env=env)()


def _alembic_commands(project: Project, url: DatabaseUrl) -> Move:
    env = {"DATABASE_URL": url.sqlalchemy()}
    return lambda verb, revision: command_line(["alembic", verb, revision], cwd=project.root, env=env)()


def _one_process(project: Project, url: DatabaseUrl) -> Move:
    config = Config(str(project.alembic_ini))
    config.set_main_option("sqlalchemy.url", url.sqlalchemy())
    return lambda verb, revision: getattr(command, verb)(config, revision)


def _dump(url: DatabaseUrl) -> str:
    argv = [wheel_programs().path("pg_dump"), "--schema-only", "--restrict-key=same", url.libpq()]
    return subprocess.run(argv, capture_output=True, check=True, text=True).stdout


def _write_history(root: Path, count: int) -> None:
    write_tables(write_project(root, _ENV), count)
    (root / "tasks.py").write_text(_TASKS, encoding="utf-8")
