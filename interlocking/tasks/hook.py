"""`interlocking-lint`: db.lint without Invoke, for pre-commit and for editors, which run it again and again."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path

from interlocking.tasks import linting
from interlocking.tasks.suite import Suite, run

_MARKS = ("tasks.py", "pyproject.toml", "alembic.ini", "migrations/alembic.ini")


def main() -> None:
    """Lint the project that the working directory belongs to, and end with the exit code of `db.lint`."""
    parser = ArgumentParser(prog="interlocking-lint", description="List the hazards of a project's migrations.")
    parser.add_argument("--since", default="", metavar="REVISION", help="this one and what came after it")
    parser.add_argument("--all", action="store_true", help="every revision")
    parser.add_argument("--format", default="text", choices=linting.FORMATS)
    parser.add_argument("--explain", default="", metavar="ID", help="lint nothing; show the page about one hazard")
    parser.add_argument("files", nargs="*", help="what pre-commit hands over; the whole history is read anyway")
    options = parser.parse_args()
    suite = Suite(_root(Path.cwd()), as_json=False, task="lint", recovers="no")
    if options.explain:
        sys.exit(run(suite, lambda: linting.explain(options.explain)))
    sys.exit(run(suite, lambda: linting.lint(suite, since=options.since, every=options.all, form=options.format)))


def _root(folder: Path) -> Path:
    """Return the project's folder: the nearest one upwards that looks like it, as Invoke looks for `tasks.py`."""
    return next((each for each in (folder, *folder.parents) if any((each / name).is_file() for name in _MARKS)), folder)
