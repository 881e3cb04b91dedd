"""When the notes of finished backfills go: with the commit that records their revision as applied."""

from __future__ import annotations

from alembic.runtime.migration import MigrationContext
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class, whatever its name says


class Cleanup:
    """Removes the notes of a revision's backfills in the transaction that records the revision as applied.

    Source: https://alembic.sqlalchemy.org/en/latest/api/runtime.html (on_version_apply).
    """

    def __init__(self, context: MigrationContext) -> None:
        self._context = context
        self._before = context.on_version_apply_callbacks
        self._statements: set[str] = set()
        context.on_version_apply_callbacks = (*self._before, self)

    @classmethod
    def of(cls, context: MigrationContext) -> Cleanup:
        """Return the one of the revision that runs."""
        mine = [each for each in context.on_version_apply_callbacks if isinstance(each, cls)]
        return mine[0] if mine else cls(context)

    def add(self, statement: str, side: Connection) -> None:
        """Remember to run a statement; outside of an upgrade nothing is recorded later, so it runs at once."""
        if self._context._migrations_fn is not None:  # noqa: SLF001 - how a context says that it runs revisions
            self._statements.add(statement)
            return
        with side.cursor() as cursor:
            cursor.execute(statement)
        side.commit()
        self._context.on_version_apply_callbacks = self._before

    def __call__(self, *, ctx: MigrationContext, **_rest: object) -> None:
        """The version table has just been changed; its transaction has not ended."""
        for statement in self._statements:
            if ctx.connection is not None:
                ctx.connection.exec_driver_sql(statement.replace("%", "%%"))
        ctx.on_version_apply_callbacks = self._before
