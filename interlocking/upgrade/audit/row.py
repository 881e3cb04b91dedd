"""One row of the audit as data, and the SQL of its table. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from interlocking.upgrade.audit.tables import AUDIT_TABLE
from interlocking.upgrade.guarding.observer import Direction

Outcome = Literal["running", "applied", "failed", "interrupted"]
Kind = Literal["attempt", "accepted"]


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One attempt to run a revision, or one signature under an edited file.

    Args:
        id: counts up in the order of the attempts.
        version_table: `schema.name` of the table that counts the revision: two applications may share a database.
        kind: `accepted` is a signature: nothing was run.
        revision: its id.
        direction: which of its two functions ran; for `stamp` neither did.
        started: when.
        seconds: how long it took in all; None while it runs, and when its runner vanished.
        tries: how often it was begun before it got its locks.
        waited: seconds of that for locks.
        checksum: of its file, as `interlocking.upgrade.verifying.checksum` computes it; None when there was no file.
        git_commit: of the code; None when it is not known.
        actor: who ran it, and as which database role.
        host: where.
        outcome: `applied` also for a downgrade that was carried out.
        error: why it failed, masked; or how it is known what became of a runner that vanished.
    """

    id: int
    version_table: str
    kind: Kind
    revision: str
    direction: Direction
    started: datetime
    seconds: float | None
    tries: int
    waited: float
    checksum: str | None
    git_commit: str | None
    actor: str
    host: str
    outcome: Outcome
    error: str


COLUMNS = ", ".join(AuditRow.__dataclass_fields__)

CREATE = f"""
CREATE TABLE IF NOT EXISTS {{table}} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version_table text NOT NULL,
    kind text NOT NULL DEFAULT 'attempt',
    revision text NOT NULL,
    direction text NOT NULL,
    started timestamptz NOT NULL DEFAULT clock_timestamp(),
    seconds double precision,
    tries integer NOT NULL DEFAULT 0,
    waited double precision NOT NULL DEFAULT 0,
    checksum text,
    git_commit text,
    actor text NOT NULL,
    host text NOT NULL,
    outcome text NOT NULL,
    error text NOT NULL DEFAULT ''
);
COMMENT ON TABLE {{table}} IS 'What the migration guard ran, one row an attempt ({AUDIT_TABLE} of Interlocking)'
"""

INSERT = """
INSERT INTO {table} (version_table, kind, revision, direction, checksum, git_commit, actor, host, outcome)
VALUES (%(version_table)s, %(kind)s, %(revision)s, %(direction)s, %(checksum)s, %(git_commit)s,
        %(actor)s || ' as ' || current_user, %(host)s, %(outcome)s)
RETURNING id
"""

FINISH = """
UPDATE {table} SET outcome = %(ended)s, seconds = %(seconds)s, tries = %(tries)s, waited = %(waited)s,
                   error = %(error)s
WHERE id = %(id)s;
"""

CLOSE_STALE = """
UPDATE {table}
SET outcome = CASE WHEN (revision = ANY (%(applied)s)) = (direction <> 'downgrade')
                   THEN 'applied' ELSE 'interrupted' END,
    error = 'the runner vanished; the version table tells what it had committed'
WHERE outcome = 'running' AND version_table = %(version_table)s
RETURNING id
"""

LAST_ROWS = f"SELECT {COLUMNS} FROM {{table}} ORDER BY id DESC LIMIT %(limit)s"  # noqa: S608 - our own names

LAST_APPLIED = f"""
SELECT DISTINCT ON (revision) {COLUMNS} FROM {{table}}
WHERE version_table = %(version_table)s AND outcome = 'applied' AND direction <> 'stamp'
ORDER BY revision, id DESC
"""  # noqa: S608 - our own names
