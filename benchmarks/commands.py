"""The commands that are typed all day: `invoke db.current` and `invoke --list`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.harness import ROOT, Comparison, Size, command_line, in_turns, throwaway_database

_ONE_TASK = "from invoke import task\n\n\n@task\ndef hello(c):\n    'Say hello.'\n"


def current(size: Size) -> Comparison:
    """Measure `invoke db.current` against `flask db current`, on Wingman and the same database."""
    with throwaway_database() as url:
        env = {
            "DATABASE_URL": url.libpq(),
            "FLASK_APP": "backend.wsgi:application",
            "FLASK_ENV": "development",
        }
        command_line(["invoke", "db.upgrade"], cwd=ROOT, env=env)()
        ours, theirs = in_turns(
            command_line(["invoke", "db.current"], cwd=ROOT, env=env),
            command_line(["flask", "db", "current"], cwd=ROOT, env=env),
            rounds=size.rounds,
        )
    return Comparison("db.current", "invoke db.current", "flask db current", ours, theirs, at_most=0.5)


def listing(size: Size) -> Comparison:
    """Measure `invoke --list` against that of a tasks.py with one task."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "tasks.py").write_text(_ONE_TASK, encoding="utf-8")
        ours, theirs = in_turns(
            command_line(["invoke", "--list"], cwd=ROOT),
            command_line(["invoke", "--list"], cwd=Path(folder)),
            rounds=size.rounds,
        )
    return Comparison("--list", "invoke --list", "invoke --list of one task", ours, theirs, at_most=1.3)
