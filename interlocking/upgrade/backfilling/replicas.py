"""How far behind the replicas are.

Source: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW. A role
without `pg_read_all_stats` sees that there are replicas but not how far they are: then nothing is known and nothing
is waited for.
"""

from __future__ import annotations

from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, whatever its name says

_LAG = """
SELECT application_name, coalesce(extract(epoch FROM replay_lag), 0)::float8,
       coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::bigint
FROM pg_catalog.pg_stat_replication WHERE state = 'streaming' AND replay_lsn IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Lag:
    """One replica.

    Args:
        replica: its application name.
        seconds: as PostgreSQL last measured it; a replica that stands still reports none.
        bytes: of WAL that it has not replayed.
    """

    replica: str
    seconds: float
    bytes: int

    @property
    def sentence(self) -> str:
        """Who it is and how far behind, for a person."""
        return f"replica {self.replica}, {self.bytes / 1e6:.0f} MB and {self.seconds:.1f} s behind"


def find_laggard(cursor: Cursor, *, seconds: float, size: int) -> Lag | None:
    """Return a replica that is further behind than allowed, or None.

    Args:
        cursor: of the primary.
        seconds: the longest lag.
        size: the same, in bytes of WAL.
    """
    cursor.execute(_LAG)
    lags = (Lag(*row) for row in cursor.fetchall())
    return next((lag for lag in lags if lag.seconds > seconds or lag.bytes > size), None)
