"""Where the database's schema stands beside the revisions that this code came with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text

from backend.database import db

_STATEMENT_TIMEOUT_MS = 2_000


@dataclass(frozen=True, slots=True)
class History:
    """The revisions in `migrations/`.

    Args:
        heads: the newest revision of each branch.
        revisions: all of them, the oldest first.
        ancestors: for each, itself and everything it builds on.
    """

    heads: tuple[str, ...]
    revisions: tuple[str, ...]
    ancestors: dict[str, frozenset[str]]

    def pending(self, current: Iterable[str]) -> tuple[str, ...]:
        """Return what a database at `current` has yet to run, the oldest first.

        A revision that the files do not know belongs to newer code: then nothing is pending here.
        """
        if not self.ancestors.keys() >= set(current):
            return ()
        applied = frozenset().union(*(self.ancestors[revision] for revision in current))
        return tuple(revision for revision in self.revisions if revision not in applied)


@dataclass(frozen=True, slots=True)
class SchemaState:
    """The revisions that a database is at, beside the history in the files."""

    current: tuple[str, ...]
    history: History

    @property
    def pending(self) -> tuple[str, ...]:
        """What the database has yet to run, the oldest first."""
        return self.history.pending(self.current)


def read_schema_state() -> SchemaState:
    """Ask the database of the current application.

    Raises:
        sqlalchemy.exc.OperationalError: it cannot be reached, or does not answer in time.
    """
    with db.engine.begin() as connection:
        connection.execute(text(f"SET LOCAL statement_timeout = {_STATEMENT_TIMEOUT_MS}"))
        current = MigrationContext.configure(connection).get_current_heads()
    return SchemaState(
        current=tuple(sorted(current)), history=read_history(current_app.extensions["migrate"].directory)
    )


@cache
def read_history(directory: str) -> History:
    """Read the revisions in `directory`, once: a deployment's files do not change while it runs."""
    scripts = ScriptDirectory(directory)
    revisions = tuple(script.revision for script in scripts.walk_revisions())[::-1]
    return History(
        heads=tuple(sorted(scripts.get_heads())),
        revisions=revisions,
        ancestors={revision: _ancestors(scripts, revision) for revision in revisions},
    )


def _ancestors(scripts: ScriptDirectory, revision: str) -> frozenset[str]:
    return frozenset(script.revision for script in scripts.iterate_revisions(revision, "base", implicit_base=True))
