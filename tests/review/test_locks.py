"""The locks, scans and rewrites that the rules claim are those of the server: each statement is run and looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg2
import pytest
from psycopg2 import extensions

from interlocking.review.context import Context
from interlocking.review.hazards import HARMS
from interlocking.review.model import Operation, Reading, Statement
from interlocking.review.reading.parsing import parse
from interlocking.review.rules import judge
from interlocking.review.schema.effects import effects_of
from interlocking.review.schema.live import Live, read_live
from interlocking.review.schema.locks import STRENGTH
from interlocking.review.schema.replay import apply
from tests.review.databases import database_with
from tests.review.measuring import measure, requested
from tests.servers import Server

_SCHEMA = """
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN small AS int;
CREATE DOMAIN waiting AS int;
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TABLE teams (id bigint PRIMARY KEY);
INSERT INTO teams SELECT generate_series(1, 50);
CREATE TABLE users (
    id bigint PRIMARY KEY, email varchar(50), name text, age int, seen timestamp, team_id bigint, size small,
    kept text CHECK (kept IS NOT NULL), checked varchar(9) CHECK (checked <> ''), indexed text, doubled bigint,
    waits waiting
);
INSERT INTO users SELECT n, n, n, n, now(), 1 + n % 50, n, n, 'x', n, n FROM generate_series(1, 300) n;
CREATE INDEX users_indexed ON users (indexed);
CREATE UNIQUE INDEX users_email ON users (email);
CREATE UNIQUE INDEX users_id ON users (id);
ALTER DOMAIN waiting ADD CONSTRAINT positive_later CHECK (VALUE > 0) NOT VALID;
ALTER TABLE users ADD CONSTRAINT later CHECK (age > 0) NOT VALID;
ALTER TABLE users ADD CONSTRAINT later_key FOREIGN KEY (doubled) REFERENCES users NOT VALID;
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint CONSTRAINT to_users REFERENCES users);
INSERT INTO orders SELECT n, n FROM generate_series(1, 100) n;
CREATE TABLE tags (name text);
CREATE UNIQUE INDEX tags_name ON tags (name);
INSERT INTO tags VALUES ('a'), ('b');
CREATE TABLE events (at date NOT NULL, n int) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2 (at date NOT NULL, n int);
INSERT INTO events_2 VALUES ('2025-05-05');
CREATE TABLE events_3 (at date NOT NULL, n int, CHECK (at >= '2026-01-01' AND at < '2027-01-01'));
INSERT INTO events_3 VALUES ('2026-05-05');
CREATE MATERIALIZED VIEW totals AS SELECT id FROM teams;
CREATE UNIQUE INDEX totals_id ON totals (id);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE RULE quiet AS ON DELETE TO teams WHERE old.id = 0 DO INSTEAD NOTHING;
CREATE TRIGGER t BEFORE UPDATE ON teams FOR EACH ROW EXECUTE FUNCTION f();
"""


@dataclass(frozen=True)
class Claim:
    """A statement, the hazard it stands for (empty for none), and where it is possible."""

    sql: str
    hazard: str = ""
    since: int = 0
    first: str = ""


CLAIMS = (
    Claim("CREATE INDEX ix ON users (name)", "index-not-concurrent"),
    Claim("CREATE UNIQUE INDEX ix ON users (age)", "index-not-concurrent"),
    Claim("CREATE INDEX ix ON events (n)", "index-on-partitioned-table"),
    Claim("DROP INDEX users_indexed", "drop-index-not-concurrent"),
    Claim("REINDEX TABLE users", "reindex-not-concurrent"),
    Claim("REINDEX INDEX users_indexed", "reindex-not-concurrent"),
    Claim("ALTER TABLE users ADD COLUMN x int"),
    Claim("ALTER TABLE users ADD COLUMN x int NOT NULL DEFAULT 5"),
    Claim("ALTER TABLE users ADD COLUMN x timestamptz DEFAULT now()"),
    Claim("ALTER TABLE users ADD COLUMN x uuid DEFAULT gen_random_uuid()", "volatile-default"),
    Claim("ALTER TABLE users ADD COLUMN x float DEFAULT random()", "volatile-default"),
    Claim("ALTER TABLE users ADD COLUMN x bigserial", "serial-column"),
    Claim("ALTER TABLE users ADD COLUMN x bigint GENERATED ALWAYS AS IDENTITY", "identity-column"),
    Claim("ALTER TABLE users ADD COLUMN x int GENERATED ALWAYS AS (age * 2) STORED", "stored-generated-column"),
    Claim("ALTER TABLE users ADD COLUMN x int GENERATED ALWAYS AS (age * 2) VIRTUAL", since=18),
    Claim("ALTER TABLE users ADD COLUMN x int CHECK (x > 0)", "column-with-check"),
    Claim("ALTER TABLE users ADD COLUMN x positive", "column-of-constrained-domain"),
    Claim("ALTER TABLE users ADD COLUMN x small"),
    Claim("ALTER TABLE users ADD COLUMN x int UNIQUE", "column-with-unique"),
    Claim("ALTER TABLE orders ADD COLUMN x bigint REFERENCES teams"),
    Claim("ALTER TABLE orders ADD COLUMN x bigint DEFAULT 1 REFERENCES teams", "column-with-foreign-key"),
    Claim("ALTER TABLE users ALTER name SET NOT NULL", "set-not-null"),
    Claim("ALTER TABLE users ALTER kept SET NOT NULL"),
    Claim("ALTER TABLE users ADD CONSTRAINT n NOT NULL name", "set-not-null", since=18),
    Claim("ALTER TABLE users ADD CONSTRAINT n NOT NULL name NOT VALID", since=18),
    Claim("ALTER TABLE users ALTER id DROP DEFAULT"),
    Claim("ALTER TABLE users ALTER name SET DEFAULT 'x'"),
    Claim("ALTER TABLE users ALTER name SET STATISTICS 300"),
    Claim("ALTER TABLE users ALTER age TYPE bigint", "type-change-rewrites"),
    Claim("ALTER TABLE users ALTER email TYPE varchar(20)", "type-change-rewrites"),
    Claim("ALTER TABLE users ALTER email TYPE varchar(90)"),
    Claim("ALTER TABLE users ALTER email TYPE text"),
    Claim("ALTER TABLE users ALTER checked TYPE text", "type-change-rechecks"),
    Claim('ALTER TABLE users ALTER indexed TYPE text COLLATE "C"', "type-change-rebuilds-index"),
    Claim('ALTER TABLE users ALTER name TYPE text COLLATE "C"'),
    Claim("ALTER TABLE users ADD FOREIGN KEY (team_id) REFERENCES teams", "foreign-key-validated"),
    Claim("ALTER TABLE users ADD FOREIGN KEY (team_id) REFERENCES teams NOT VALID"),
    Claim("ALTER TABLE users ADD CHECK (age > 0)", "check-validated"),
    Claim("ALTER TABLE users ADD CHECK (age > 0) NOT VALID"),
    Claim("ALTER TABLE users VALIDATE CONSTRAINT later"),
    Claim(
        "ALTER TABLE users VALIDATE CONSTRAINT c",
        "validated-in-same-transaction",
        first="ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID",
    ),
    Claim("ALTER TABLE users ADD UNIQUE (age)", "unique-constraint"),
    Claim("ALTER TABLE users ADD UNIQUE USING INDEX users_email"),
    Claim("ALTER TABLE tags ADD PRIMARY KEY (name)", "primary-key"),
    Claim("ALTER TABLE tags ADD PRIMARY KEY USING INDEX tags_name", "primary-key-on-nullable"),
    Claim("ALTER TABLE users ADD EXCLUDE (age WITH =)", "exclusion-constraint"),
    Claim("ALTER TABLE orders DROP CONSTRAINT to_users", "drop-foreign-key"),
    Claim("ALTER TABLE users DROP CONSTRAINT later"),
    Claim("ALTER DOMAIN small ADD CHECK (VALUE > 0)", "domain-constraint-validated"),
    Claim("ALTER DOMAIN small ADD CHECK (VALUE > 0) NOT VALID"),
    Claim("ALTER DOMAIN waiting VALIDATE CONSTRAINT positive_later"),
    Claim("ALTER TABLE users RENAME name TO full_name", "rename-column"),
    Claim("ALTER TABLE tags RENAME TO labels"),
    Claim("ALTER TABLE users DROP COLUMN age", "drop-column"),
    Claim("DROP TABLE orders", "drop-table-locks-others"),
    Claim("TRUNCATE tags", "truncate"),
    Claim("ALTER TABLE tags SET UNLOGGED", "table-storage-rewrite"),
    Claim("CLUSTER users USING users_indexed", "table-rewrite-command"),
    Claim("ALTER TABLE events DETACH PARTITION events_1", "detach-partition"),
    Claim(
        "ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
        "attach-partition",
    ),
    Claim("ALTER TABLE events ATTACH PARTITION events_3 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')"),
    Claim("REFRESH MATERIALIZED VIEW totals", "refresh-materialized-view"),
    Claim("REFRESH MATERIALIZED VIEW CONCURRENTLY totals"),
    Claim("CREATE RULE r AS ON DELETE TO tags DO INSTEAD NOTHING", "rewrite-rule"),
    Claim("ALTER TABLE teams DISABLE RULE quiet", "rewrite-rule"),
    Claim("DROP RULE quiet ON teams", "rewrite-rule"),
    Claim("INSERT INTO teams SELECT id + 1000 FROM totals", "whole-table-copy"),
    Claim("CREATE TABLE kept AS SELECT * FROM totals"),
    Claim("COPY teams FROM '/dev/null'", "whole-table-copy"),
    Claim("COPY teams TO '/dev/null'"),
    Claim("REFRESH MATERIALIZED VIEW totals WITH NO DATA", "refresh-materialized-view"),
    Claim("LOCK TABLE tags IN EXCLUSIVE MODE", "lock-table"),
    Claim("CREATE TRIGGER x BEFORE UPDATE ON tags FOR EACH ROW EXECUTE FUNCTION f()", "trigger"),
    Claim("ALTER TABLE teams DISABLE TRIGGER t", "trigger-disabled"),
    Claim("ALTER TABLE tags ENABLE ROW LEVEL SECURITY", "row-security"),
    Claim("CREATE POLICY p ON tags AS RESTRICTIVE USING (true)", "row-security"),
    Claim("UPDATE tags SET name = name || 'x'", "whole-table-update"),
    Claim("DELETE FROM tags", "whole-table-delete"),
    Claim("INSERT INTO tags VALUES ('z')"),
    Claim("CREATE TABLE parts (id bigint REFERENCES teams)"),
    Claim("CREATE TABLE events_4 PARTITION OF events FOR VALUES FROM ('2030-01-01') TO ('2031-01-01')"),
    Claim("ALTER INDEX users_indexed RENAME TO other"),
    Claim("ALTER TABLE tags SET (fillfactor = 70)"),
    Claim("CREATE VIEW w AS SELECT * FROM tags"),
)

OUTSIDE = (
    ("VACUUM FULL tags", "table-rewrite-command", "access exclusive"),
    ("CREATE INDEX CONCURRENTLY ix ON tags (name)", "", "share update exclusive"),
    ("DROP INDEX CONCURRENTLY tags_name", "", "share update exclusive"),
    ("REINDEX TABLE CONCURRENTLY tags", "", "share update exclusive"),
    ("ALTER TABLE events DETACH PARTITION events_1 CONCURRENTLY", "", "share update exclusive"),
)
# Hazards whose lock is the one of a statement before them, or of another hazard of this list.
_SUMS = {"index-replaced-too-early", "batch-recreates-table", "foreign-keys-together", "long-work-under-lock"}
_SUMS |= {"several-tables-locked", "several-scans", "backfill-under-lock", "batches-without-commit", "no-lock-timeout"}


@dataclass(frozen=True)
class Place:
    """A database and what is known of it."""

    url: str
    connection: extensions.connection
    live: Live


@pytest.fixture(scope="module")
def place(server: Server) -> Iterator[Place]:
    """One database for all statements; each is rolled back."""
    with database_with(server, _SCHEMA) as (url, connection):
        yield Place(url, connection, read_live(connection))


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.sql)
def test_claims_hold(place: Place, claim: Claim) -> None:
    """The strongest lock of each table, what is rewritten and what is read are as claimed."""
    if claim.since > place.live.server_version:
        with pytest.raises(psycopg2.Error):
            measure(place.connection, claim.sql, first=claim.first)
        return
    known = place.live.seed.fork()
    if claim.first:
        apply(known, parse(claim.first).node, "")
    claimed = effects_of(parse(claim.sql).node, known)

    seen = measure(place.connection, claim.sql, first=claim.first)

    new = {each.table: each.mode for each in claimed} if not claim.first else {}
    assert {table: mode for table, mode in new.items() if STRENGTH[mode] > STRENGTH["row share"]} == seen.locks
    assert {each.table for each in claimed if each.work == "rewrite"} == seen.rewritten - _EMPTIED.get(claim.sql, set())
    assert {each.table for each in claimed if each.long} - _UNREAD == seen.read - _UNREAD


# A parent's rows are looked up by its key, one by one; those of a partitioned table are its partitions'; and what
# reads a materialized view's query reads other tables.
_UNREAD = {"teams", "events", "events_1", "totals"}
_EMPTIED = {"TRUNCATE tags": {"tags"}}


@pytest.mark.parametrize("claim", [each for each in CLAIMS if each.hazard], ids=lambda claim: claim.sql)
def test_findings_name_the_lock(place: Place, claim: Claim) -> None:
    """What a person reads is what was measured."""
    if claim.since > place.live.server_version:
        assert "NOT NULL" in claim.sql
        return
    found = [each for each in _findings(place, claim) if each.id == claim.hazard]
    seen = measure(place.connection, claim.sql, first=claim.first).locks if not claim.first else {}

    assert found
    for each in found:
        if each.lock and not claim.first:
            assert {(table, each.lock.mode) for table in each.lock.relations} <= set(seen.items())


@pytest.mark.parametrize(("sql", "hazard", "mode"), OUTSIDE)
def test_statements_outside_a_transaction(place: Place, sql: str, hazard: str, mode: str) -> None:
    """Their lock is seen while they wait for it."""
    node = parse(sql).node
    claimed = {each.table: each.mode for each in effects_of(node, place.live.seed)}
    table = next(iter(claimed))

    assert mode == claimed[table]
    assert {table: mode} == requested(place.url, sql, held=f"LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE")


def test_every_hazard_that_claims_a_lock_is_measured() -> None:
    """Or its lock is that of a statement that is."""
    measured = {each.hazard for each in CLAIMS} | {hazard for _, hazard, _ in OUTSIDE}

    assert {each for each, harm in HARMS.items() if harm == "lock"} - _SUMS <= measured


def _findings(place: Place, claim: Claim) -> list:
    texts = [claim.first, claim.sql] if claim.first else [claim.sql]
    statements = tuple(Statement(each, "one", "upgrade", "one.py", 5, Operation("execute", 1)) for each in texts)
    context = Context(
        judged=("one",), transaction_mode="each", server_version=place.live.server_version, seed=place.live.seed
    )
    return list(judge([], [Reading("one", "one.py", upgrade=statements)], context).findings)
