"""The work bench of a round trip: one database under one name, that steps change and copies bring back."""

from __future__ import annotations

from collections.abc import Sequence

from interlocking.errors import InterlockingError
from interlocking.postgres.catalog import take_snapshot
from interlocking.postgres.connect import connect
from interlocking.postgres.scratch import ScratchDatabases
from interlocking.postgres.session import Session
from interlocking.postgres.url import DatabaseUrl
from interlocking.postgres.versions import current_revisions
from interlocking.rehearsal.stepper import Stepper
from interlocking.rehearsal.verdict import Outcome, Picture, Sighting
from interlocking.upgrade.audit.tables import OWN_TABLES


class Bench:
    """Runs steps, takes pictures, puts things back.

    Args:
        databases: the scratch server.
        work: the database that the project sees.
        stepper: the loaded project.
    """

    def __init__(self, databases: ScratchDatabases, work: DatabaseUrl, stepper: Stepper) -> None:
        self._databases = databases
        self._work = work
        self._stepper = stepper
        self._now: Picture | None = None

    def upgrade(self, revisions: Sequence[str]) -> InterlockingError | None:
        """Apply revisions in one go and return why that failed, if it did."""
        self._now = None
        return self._stepper.run("upgrade", revisions).error

    def start_over(self) -> None:
        """Replace the database by an empty one."""
        self._now = None
        self._databases.recreate(self._work)
        self._stepper.database_exchanged()
        outcome = self._stepper.run("upgrade", ())  # env.py may make a schema, Alembic its table
        if outcome.error is not None:
            raise outcome.error

    def try_out(self, revision: str) -> Sighting | InterlockingError:
        """Take one revision up, down and up again, and leave the database as after its first upgrade.

        Returns:
            What was seen; or the error when the first upgrade failed, which may leave something behind.
        """
        before = self._now or self._picture(self._work)
        up = self._stepper.run("upgrade", (revision,))
        self._now = None
        if up.error is not None:
            return up.error
        with self._databases.copy(self._work) as kept:
            self._stepper.begin("downgrade", (revision,))
            after = self._picture(kept)  # while the downgrade runs
            seen = self._come_back(before, after, up, self._stepper.finish(), revision)
            self._databases.replace(self._work, kept)
            self._stepper.database_exchanged()
        self._now = after
        return seen

    def _come_back(self, before: Picture, after: Picture, up: Outcome, down: Outcome, revision: str) -> Sighting:
        if down.error is not None:
            return Sighting(before, after, up, down)
        with connect(self._work) as connection:  # kept for both: a new one has to learn the catalog again
            after_down = self._seen_through(connection)
            again = self._stepper.run("upgrade", (revision,))
            after_again = None if again.error else self._seen_through(connection)
        return Sighting(before, after, up, down, after_down, again, after_again)

    def _picture(self, url: DatabaseUrl) -> Picture:
        with connect(url) as connection:
            return self._seen_through(connection)

    def _seen_through(self, connection: Session) -> Picture:
        schema, table = self._stepper.version_table
        versions = current_revisions(connection, version_table=table, schema=schema)
        # The rows of the version table are compared instead; those of the guard's tables say only what was run.
        ignored = bookkeeping(connection, schema, table)
        return Picture(take_snapshot(connection, ignore=ignored), versions)


def bookkeeping(connection: Session, schema: str | None, version_table: str) -> list[str]:
    """Return the qualified names of the tables that keep record of migrations and are no part of the schema.

    Args:
        connection: its search path counts.
        schema: of the version table; None is the first of the search path.
        version_table: its name.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (found,) = cursor.fetchone() or (None,)
    first = found or "public"
    return [f"{schema or first}.{version_table}", *(f"{first}.{name}" for name in OWN_TABLES)]
