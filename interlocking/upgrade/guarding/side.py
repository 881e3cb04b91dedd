"""The guard's second connection, beside the one that migrates.

It never has a transaction open, so it keeps a session lock while the migration commits and rolls back as it
likes, and holds up no CREATE INDEX CONCURRENTLY. It comes from the project's own engine (the same creator,
options and events) through a pool of its own, which cannot be exhausted by the migration.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine

Row = tuple[Any, ...]
# A time-out of the role's would end what may well take long; one that the server does not know is left out.
_SETTINGS = """
    SELECT set_config('application_name', %s, false),
           (SELECT count(set_config(name, '0', false)) FROM pg_catalog.pg_settings
            WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_session_timeout'))
"""


class SideConnection:
    """A connection in autocommit mode.

    Args:
        engine: whose database, user and options it has.
    """

    def __init__(self, engine: Engine) -> None:
        self._pool = engine.pool.recreate()
        self._fairy = self._pool.connect()
        raw: Any = self._fairy.driver_connection
        raw.autocommit = True
        self.raw = raw

    def set_up(self, name: str) -> None:
        """Set the session; only where it is known to be one: a pooler would hand the settings on to others.

        Args:
            name: how it is found in `pg_stat_activity`.
        """
        self.rows(_SETTINGS, (name,))

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one statement and return its rows, none for a statement that has none."""
        with self.raw.cursor() as cursor:
            cursor.execute(sql, tuple(parameters) or None)
            return cursor.fetchall() if cursor.description else []

    def row(self, sql: str, parameters: Sequence[object] = ()) -> Row:
        """Run a statement that has exactly one row."""
        (only,) = self.rows(sql, parameters)
        return only

    def close(self) -> None:
        """End the session, and with it its locks."""
        self._fairy.invalidate()
        self._pool.dispose()
