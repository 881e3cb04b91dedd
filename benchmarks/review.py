"""`interlocking-lint` (`db.lint` without Invoke) against Alembic alone, alembic-squawk with squawk, and alembic-guard.

On a generated history. The peers live in an environment of their own, made once for all comparisons.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from benchmarks.harness import ROOT, Comparison, Size, command_line, in_turns
from benchmarks.review_history import write_history

_PEERS = ("alembic", "alembic-guard==0.1.1", "alembic-squawk==0.2.1", "squawk-cli==2.70.0", "psycopg2-binary")
_REVISIONS = 200
_MEGABYTES = 300
_LINT = ("interlocking-lint", "--all")


def cold_against_alembic(size: Size) -> Comparison:
    """Measure a first run against `alembic upgrade base:head --sql` alone, which renders one direction."""
    return _compare("lint, cold, to alembic --sql", size, cold=True, at_most=1.3, theirs=_alembic)


def cold_against_squawk(size: Size) -> Comparison:
    """Measure a first run against alembic-squawk, and squawk on its files."""
    return _compare("lint, cold, to alembic-squawk", size, cold=True, at_most=1.0, theirs=_alembic_squawk)


def warm_against_guard(size: Size) -> Comparison:
    """Measure a run on files that have not changed against alembic-guard."""
    return _compare("lint, warm, to alembic-guard", size, cold=False, at_most=0.6, theirs=_alembic_guard)


def memory(size: Size) -> Comparison:
    """Measure the peak memory of a first run, child included, in megabytes against the claim."""
    with _history(size) as root:
        argv = [str(Path(sys.executable).parent / _LINT[0]), *_LINT[1:]]
        shutil.rmtree(root / ".interlocking", ignore_errors=True)
        subprocess.run(argv, cwd=root, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, capture_output=True)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Comparison("lint, memory", " ".join(_LINT), f"{_MEGABYTES} MB", (peak,), (float(_MEGABYTES),), at_most=1.0)


def _compare(
    name: str, size: Size, *, cold: bool, at_most: float, theirs: Callable[[Path], Callable[[], object]]
) -> Comparison:
    with _history(size) as root:
        lint = command_line(_LINT, cwd=root, env={"PYTHONPATH": str(ROOT)}, statuses=(0, 1))

        def ours() -> None:
            if cold:
                shutil.rmtree(root / ".interlocking", ignore_errors=True)
            lint()

        our_seconds, their_seconds = in_turns(ours, theirs(root), rounds=size.rounds)
    words = (theirs.__doc__ or "").strip().rstrip(".")
    return Comparison(name, " ".join(_LINT), words, our_seconds, their_seconds, at_most=at_most)


def _alembic(root: Path) -> Callable[[], object]:
    """`alembic upgrade base:head --sql`."""
    return command_line(["alembic", "upgrade", "base:head", "--sql"], cwd=root)


def _alembic_squawk(root: Path) -> Callable[[], object]:
    """`alembic-squawk`, then `squawk` on its files."""
    programs = _peers()
    env = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    split = command_line(
        [str(programs / "alembic-squawk"), "--revisions", "base:head", "--out-dir", "sql"], cwd=root, env=env
    )

    def run() -> None:
        shutil.rmtree(root / "sql", ignore_errors=True)
        split()
        files = [str(path) for path in sorted((root / "sql").glob("*.sql"))]
        command_line([str(programs / "squawk"), *files], cwd=root, statuses=(0, 1))()

    return run


def _alembic_guard(root: Path) -> Callable[[], object]:
    """`alembic-guard`."""
    return command_line([str(_peers() / "alembic-guard"), "migrations/versions"], cwd=root, statuses=(0, 1))


@cache
def _peers() -> Path:
    """Return the folder of the peers' programs, in an environment of their own."""
    home = Path(tempfile.mkdtemp(prefix="interlocking-peers-"))
    venv.create(home, with_pip=True)
    subprocess.run([str(home / "bin" / "pip"), "install", "--quiet", *_PEERS], check=True, capture_output=True)
    return home / "bin"


@contextmanager
def _history(size: Size) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_history(root, size.revisions or _REVISIONS)
        yield root
