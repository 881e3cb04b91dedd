"""The two ways to move a database of an environment: from here through a URL, or inside the running service."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from interlocking.environment import Project
from interlocking.errors import IncompleteError, InterlockingError, UnavailableError
from interlocking.plan import Event, Progress
from interlocking.postgres.connect import connect
from interlocking.postgres.mark import read_mark
from interlocking.postgres.url import DatabaseUrl
from interlocking.postgres.versions import current_revisions
from interlocking.railway.cli import RailwayCli
from interlocking.railway.results import Inside as Ran
from interlocking.release.commands import migration_tool
from interlocking.revisions.graph import Graph
from interlocking.upgrade.results import Moved, MovedStep
from interlocking.upgrade.running.runner import Alembic

Direction = Literal["upgrade", "downgrade", "stamp"]


@dataclass(frozen=True, slots=True)
class Direct:
    """A database that can be connected to from here: the code of this tree is what migrates it.

    Args:
        project: on this disk.
        url: where the database is, for as long as the way to it is open.
    """

    project: Project
    url: DatabaseUrl

    @property
    def target(self) -> str:
        """Where that is, masked."""
        return self.url.masked

    def current(self) -> tuple[str, ...]:
        """Return what the version table holds."""
        settings = self.project.settings
        with connect(self.url, readonly=True) as connection:
            return current_revisions(
                connection, version_table=settings.version_table, schema=settings.version_table_schema or None
            )

    def mark(self) -> str:
        """Return the environment that the database is marked as; empty when it is not."""
        with connect(self.url, readonly=True) as connection:
            return read_mark(connection)

    def move(self, direction: Direction, revision: str, progress: Progress, *, purge: bool = False) -> Moved:
        """Migrate, through the guard."""
        alembic = Alembic(self.project, self.url, progress)
        if direction == "stamp":
            return alembic.stamp(revision, purge=purge)
        return alembic.upgrade(revision) if direction == "upgrade" else alembic.downgrade(revision)


@dataclass(frozen=True, slots=True)
class Inside:
    """A database that only the running service reaches: the code that is deployed is what migrates it.

    Args:
        project: on this disk; says how migrations are called.
        cli: runs commands in the service.
        service: the name of the backend.
        graph: the revision files of this tree, to know an id when it is printed.
    """

    project: Project
    cli: RailwayCli
    service: str
    graph: Graph

    @property
    def target(self) -> str:
        """Where that is, in words."""
        return f"inside the running service {self.service}"

    def current(self) -> tuple[str, ...]:
        """Return what `flask db current` prints there."""
        ran = self._run("current")
        if ran.returncode:
            raise UnavailableError(
                f"{' '.join(self._command('current'))} failed inside {self.service}: {_last_line(ran)}",
                code="inside-failed",
                why="nothing was changed",
                next=f"invoke deploy.logs, or another way: --via tunnel; the command ended with {ran.returncode}",
            )
        words = [line.split() for line in ran.stdout.splitlines()]
        return tuple(
            sorted(word[0] for word in words if word and (word[0] in self.graph.revisions or "(head)" in word))
        )

    def mark(self) -> str:
        """Return nothing: from inside its own environment a service cannot reach another one's database."""
        return ""

    def move(self, direction: Direction, revision: str, progress: Progress, *, purge: bool = False) -> Moved:
        """Migrate with the code that is deployed, whose guard tells the story."""
        before, began = self.current(), time.monotonic()
        ran = self._run(direction, *(["--purge"] if purge else []), revision)
        for line in ran.stderr.splitlines():
            progress(Event("note", line))
        after = self.current()
        if ran.returncode:
            raise _failed(self.service, ran, before, after)
        steps = tuple(
            MovedStep(each, "upgrade", time.monotonic() - began)
            for each in after
            if direction == "upgrade" and after != before
        )
        return Moved(before, after, steps)

    def _run(self, *words: str) -> Ran:
        return self.cli.run_inside(self.service, self._command(*words))

    def _command(self, *words: str) -> list[str]:
        return [*migration_tool(self.project), *words]


Reach = Direct | Inside


def _failed(service: str, ran: Ran, before: tuple[str, ...], after: tuple[str, ...]) -> InterlockingError:
    where = ", ".join(after) or "base"
    if before == after:
        return UnavailableError(
            f"the migration failed inside {service}: {_last_line(ran)}",
            code="inside-failed",
            why=f"nothing was changed: the database is at {where}, as before",
            next="mend the revision, deploy it, and try again",
        )
    return IncompleteError(
        f"the migration stopped inside {service}: {_last_line(ran)}",
        code="inside-failed",
        why=f"the database is at {where}",
        next="mend the revision that failed, deploy it, and run this again: it goes on from there",
    )


def _last_line(ran: Ran) -> str:
    said = [line for line in (ran.stderr or ran.stdout).splitlines() if line.strip()]
    return said[-1].strip() if said else f"status {ran.returncode}"
