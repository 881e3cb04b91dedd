"""How busy a database is: transactions per second, and how old its oldest open transaction is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - a class, whatever its name says

_COUNTED = """
SELECT extract(epoch FROM clock_timestamp()), xact_commit + xact_rollback
FROM pg_catalog.pg_stat_database WHERE datname = current_database()
"""
_OLDEST = """
SELECT coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)
FROM pg_catalog.pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@dataclass(frozen=True, slots=True)
class Load:
    """The load of a database at one moment.

    Args:
        per_second: transactions that ended, per second since the last sample; None in the first.
        oldest: age of the oldest open transaction of a client, in seconds; 0 when there is none.
    """

    per_second: float | None
    oldest: float


class LoadMeter:
    """Samples the load of one database.

    Source: https://www.postgresql.org/docs/current/monitoring-stats.html (pg_stat_database, pg_stat_activity).

    Args:
        connection: in autocommit mode, because statistics stay as they are within a transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._before: tuple[float, int] | None = None

    def sample(self) -> Load:
        """Return the load since the last sample."""
        moment, transactions = self._row(_COUNTED)
        (oldest,) = self._row(_OLDEST)
        before, self._before = self._before, (float(moment), int(transactions))
        if before is None or self._before[0] <= before[0]:
            return Load(None, float(oldest))
        ours = 1  # the sample itself is a transaction of this database
        ended = max(0, self._before[1] - before[1] - ours)
        return Load(ended / (self._before[0] - before[0]), float(oldest))

    def _row(self, query: str) -> tuple[float, ...]:
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
        assert row is not None  # noqa: S101 - the database one is connected to has statistics
        return row
