"""Who holds a lock that a statement wants.

`pg_blocking_pids` knows only while a session waits, and the guard waits for milliseconds. So the tables that
the statement names are looked up, and who holds a conflicting lock on one of them. Of other roles' sessions
`pg_stat_activity` shows little more than the name to a role without pg_read_all_stats.
Source: https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES (what conflicts).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from interlocking.durations import say_duration
from interlocking.redaction import mask_url
from interlocking.upgrade.guarding.side import SideConnection
from interlocking.upgrade.guarding.statements import identifiers, wanted_lock

_MODES = (
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)
_CONFLICTS = {
    "RowShareLock": _MODES[6:],
    "RowExclusiveLock": _MODES[4:],
    "ShareUpdateExclusiveLock": _MODES[3:],
    "ShareLock": (*_MODES[2:4], *_MODES[5:]),
    "ShareRowExclusiveLock": _MODES[2:],
    "ExclusiveLock": _MODES[1:],
    "AccessExclusiveLock": _MODES,
}
_QUERY_LENGTH = 80
_DROPS = re.compile(r"\bDROP\b", re.IGNORECASE)
_HOLDERS = """
    WITH named AS (
        SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relname = ANY(%(words)s) AND c.relkind <> 't'
    ), wanted AS (
        SELECT oid FROM named
        UNION SELECT i.indrelid FROM pg_catalog.pg_index i JOIN named n ON n.oid = i.indexrelid
        UNION SELECT k.confrelid FROM pg_catalog.pg_constraint k JOIN named n ON n.oid = k.conrelid
              WHERE k.contype = 'f' AND %(drops)s
    )
    SELECT COALESCE(l.pid, 0),
           CASE WHEN l.pid IS NULL THEN 'prepared transaction' WHEN a.backend_type IS NOT NULL THEN a.backend_type
                WHEN a.usename IS NULL THEN 'autovacuum worker' ELSE 'client backend' END,
           COALESCE(a.usename, ''),
           COALESCE(a.application_name, ''), COALESCE(a.state, ''), COALESCE(a.query, ''),
           COALESCE(a.xact_start::text, ''),
           COALESCE(extract(epoch FROM clock_timestamp() - a.xact_start), 0)::float,
           string_agg(DISTINCT l.relation::regclass::text, ', '), string_agg(DISTINCT l.mode, ', ')
    FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a USING (pid)
    WHERE l.locktype = 'relation' AND l.granted AND l.relation IN (SELECT oid FROM wanted)
      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
      AND l.mode = ANY(%(modes)s) AND l.pid IS DISTINCT FROM %(own)s AND l.pid IS DISTINCT FROM pg_backend_pid()
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 8 DESC
"""


@dataclass(frozen=True, slots=True)
class Blocker:
    """A session in the way.

    Args:
        pid: its process; 0 for a prepared transaction, which has none.
        kind: as `backend_type` of `pg_stat_activity`.
        user: its role.
        application: its application name.
        state: `active`, `idle in transaction`, ...
        query: the last one, as far as this role may see it.
        began: when its transaction began; tells one transaction of a process from the next.
        age: of the transaction, in seconds.
        tables: on which it holds the locks.
        modes: of the locks.
    """

    pid: int
    kind: str
    user: str
    application: str
    state: str
    query: str
    began: str
    age: float
    tables: str
    modes: str

    @property
    def is_autovacuum(self) -> bool:
        """Whether it is a worker of autovacuum, which yields to nobody who waits less than deadlock_timeout."""
        return self.kind == "autovacuum worker"

    @property
    def is_client(self) -> bool:
        """Whether it is somebody's session, rather than a process of the server."""
        return self.kind == "client backend"

    def is_long(self, threshold: float) -> bool:
        """Whether trying is pointless while it lasts: it has lasted `threshold` seconds, or nobody ends it soon."""
        return self.age >= threshold or not self.is_client

    def described(self) -> str:
        """Return a line about it for a person."""
        who = f"{self.application or self.kind}" + (f", user {self.user}" if self.user else "")
        what = f"process {self.pid}" if self.pid else "a prepared transaction"
        since = f" for {say_duration(self.age)}" if self.began else ""
        last = " ".join(mask_url(self.query).split())
        last = last if len(last) <= _QUERY_LENGTH else f"{last[:_QUERY_LENGTH]}..."
        return f"{what} ({who}; {self.state or 'working'}{since}) has {self.modes} on {self.tables}" + (
            f": {last}" if last else ""
        )


def find_blockers(side: SideConnection, *, statement: str, own: int) -> list[Blocker]:
    """Return who holds a lock that keeps a statement from its own, the oldest transaction first.

    Args:
        side: asks.
        statement: the SQL that could not have its lock.
        own: process id of the migrating connection.
    """
    parameters = {
        "words": identifiers(statement),
        "drops": bool(_DROPS.search(statement)),
        "modes": list(_CONFLICTS[wanted_lock(statement)]),
        "own": own,
    }
    with side.raw.cursor() as cursor:
        cursor.execute(_HOLDERS, parameters)
        return [Blocker(*row) for row in cursor.fetchall()]
