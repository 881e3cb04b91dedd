"""What a faithful downgrade puts back compares equal, whatever PostgreSQL numbered or rewrote on the way."""

from __future__ import annotations

import pytest

from interlocking.postgres.catalog import take_snapshot
from interlocking.postgres.connect import connect
from interlocking.postgres.diff import Comparison, compare
from interlocking.postgres.url import parse

SHOP = """
CREATE EXTENSION IF NOT EXISTS hstore;
CREATE SCHEMA audit;
CREATE TYPE status AS ENUM ('new', 'done');
CREATE DOMAIN positive AS int DEFAULT 1 CHECK (VALUE > 0);
CREATE TYPE address AS (street text, number int);
CREATE TYPE span AS RANGE (SUBTYPE = float8);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS 'BEGIN RETURN new; END';
CREATE TABLE users (
    id serial PRIMARY KEY,
    email varchar(80) NOT NULL UNIQUE DEFAULT 'nobody' CHECK (email IN ('nobody', 'someone')),
    joined timestamptz NOT NULL DEFAULT '2020-01-01',
    patience interval DEFAULT '1 day',
    score numeric(6, 2) DEFAULT 0 CHECK (score >= 0),
    state status DEFAULT 'new', home address, level positive, tags hstore, reach span,
    seen int GENERATED ALWAYS AS IDENTITY (START 5),
    shout text COLLATE "C" GENERATED ALWAYS AS (upper(email::text)) STORED
);
CREATE TABLE orders (id bigint, user_id int NOT NULL REFERENCES users ON DELETE CASCADE, made date, PRIMARY KEY (id, made))
    PARTITION BY RANGE (made);
CREATE TABLE orders_2024 PARTITION OF orders FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE orders_rest PARTITION OF orders DEFAULT;
CREATE INDEX ON orders (user_id);
CREATE INDEX ON users (lower(email)) WHERE state = 'new';
CREATE VIEW newcomers AS SELECT id, email FROM users WHERE state = 'new';
CREATE MATERIALIZED VIEW totals AS SELECT user_id, count(*) FROM orders GROUP BY user_id;
CREATE UNIQUE INDEX ON totals (user_id);
CREATE TRIGGER touched BEFORE UPDATE OF email ON users FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
CREATE POLICY own ON users USING (id = 1);
CREATE STATISTICS pair ON email, score FROM users;
CREATE PUBLICATION feed FOR TABLE users;
COMMENT ON CONSTRAINT users_email_key ON users IS 'one each';
COMMENT ON COLUMN users.email IS 'where to write';
GRANT SELECT ON users TO pg_monitor, PUBLIC;
GRANT UPDATE (email) ON users TO pg_monitor;
"""
TEAR_DOWN = "DROP PUBLICATION IF EXISTS feed; DROP SCHEMA IF EXISTS audit CASCADE; DROP SCHEMA public CASCADE;"
RESTORE_PUBLIC = """
CREATE SCHEMA public;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""

ROUND_TRIPS = [
    ("CREATE TABLE extra (id serial PRIMARY KEY REFERENCES users)", "DROP TABLE extra"),
    ("ALTER TABLE users ADD COLUMN extra int", "ALTER TABLE users DROP COLUMN extra"),
    ("ALTER TABLE users DROP COLUMN shout", 'ALTER TABLE users ADD COLUMN shout text COLLATE "C" GENERATED ALWAYS AS (upper(email::text)) STORED'),
    ("ALTER TABLE users ALTER COLUMN home SET NOT NULL", "ALTER TABLE users ALTER COLUMN home DROP NOT NULL"),
    ("ALTER TABLE users ALTER COLUMN email DROP NOT NULL", "ALTER TABLE users ALTER COLUMN email SET NOT NULL"),
    ("ALTER TABLE users ALTER COLUMN joined DROP DEFAULT", "ALTER TABLE users ALTER COLUMN joined SET DEFAULT '2020-01-01'"),
    ("ALTER TABLE users ALTER COLUMN seen DROP IDENTITY", "ALTER TABLE users ALTER COLUMN seen ADD GENERATED ALWAYS AS IDENTITY (START 5)"),
    ("ALTER TABLE orders ALTER COLUMN id TYPE numeric", "ALTER TABLE orders ALTER COLUMN id TYPE bigint"),
    ("ALTER TABLE users RENAME TO people", "ALTER TABLE people RENAME TO users"),
    ("ALTER TABLE users RENAME COLUMN email TO mail", "ALTER TABLE users RENAME COLUMN mail TO email"),
    ("ALTER TABLE users SET SCHEMA audit", "ALTER TABLE audit.users SET SCHEMA public"),
    ("ALTER TABLE users SET (fillfactor = 50)", "ALTER TABLE users RESET (fillfactor)"),
    ("ALTER TABLE users ALTER COLUMN email SET STATISTICS 50", "ALTER TABLE users ALTER COLUMN email SET STATISTICS -1"),
    ("ALTER TABLE users ALTER COLUMN email SET STORAGE PLAIN", "ALTER TABLE users ALTER COLUMN email SET STORAGE EXTENDED"),
    ("ALTER TABLE users DISABLE TRIGGER touched", "ALTER TABLE users ENABLE TRIGGER touched"),
    ("ALTER TABLE orders DETACH PARTITION orders_2024", "ALTER TABLE orders ATTACH PARTITION orders_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"),
    ("ALTER TABLE orders DROP CONSTRAINT orders_pkey", "ALTER TABLE orders ADD PRIMARY KEY (id, made)"),
    ("ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey", "ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE"),
    ("DROP INDEX orders_user_id_idx", "CREATE INDEX ON orders (user_id)"),
    ("DROP VIEW newcomers", "CREATE VIEW newcomers AS SELECT id, email FROM users WHERE state = 'new'"),
    ("DROP TRIGGER touched ON orders", "CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch()"),
    ("COMMENT ON TABLE users IS 'x'", "COMMENT ON TABLE users IS NULL"),
    ("GRANT ALL ON orders TO PUBLIC", "REVOKE ALL ON orders FROM PUBLIC"),
    ("REVOKE SELECT ON users FROM PUBLIC", "GRANT SELECT ON users TO PUBLIC"),
    ("GRANT SELECT (id) ON users TO PUBLIC", "REVOKE SELECT (id) ON users FROM PUBLIC"),
    ("REVOKE ALL ON FUNCTION touch FROM PUBLIC", "GRANT ALL ON FUNCTION touch TO PUBLIC"),
    ("REVOKE ALL ON TYPE status FROM PUBLIC", "GRANT ALL ON TYPE status TO PUBLIC"),
    ("GRANT ALL ON SEQUENCE users_id_seq TO PUBLIC", "REVOKE ALL ON SEQUENCE users_id_seq FROM PUBLIC"),
    ("GRANT ALL ON SCHEMA audit TO PUBLIC", "REVOKE ALL ON SCHEMA audit FROM PUBLIC"),
    ("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC", "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM PUBLIC"),
    ("CREATE EXTENSION citext", "DROP EXTENSION citext"),
    ("CREATE TYPE mood AS ENUM ('x'); ALTER TABLE users ADD m mood", "ALTER TABLE users DROP m; DROP TYPE mood"),
    ("SELECT nextval('users_id_seq'); INSERT INTO users (home) VALUES (NULL)", "ANALYZE users"),
    ("DELETE FROM users", "REFRESH MATERIALIZED VIEW totals"),
    ("SELECT", "REINDEX TABLE users"),
]  # fmt: skip


@pytest.fixture(scope="module")
def shop(server):
    """One connection a server to a database that holds a bit of everything."""
    url = server.make_database()
    with connect(parse(url)) as session:
        session.cursor().execute(f"DROP SCHEMA public; {RESTORE_PUBLIC} {SHOP}")
        yield session
    server.drop(url)


@pytest.mark.parametrize(("there", "back"), ROUND_TRIPS, ids=[there[:60] for there, _ in ROUND_TRIPS])
def test_there_and_back_is_no_difference(there, back, shop):
    """A change and its faithful undoing leave nothing to report."""
    before = take_snapshot(shop)
    for statement in (there, back):
        shop.cursor().execute(statement)

    assert Comparison((), ()) == compare(before, take_snapshot(shop))


def test_a_schema_made_again_is_the_same(shop):
    """Dropping everything and making it again gives an equal snapshot, though every oid is another."""
    before = take_snapshot(shop)
    shop.cursor().execute(f"{TEAR_DOWN} {RESTORE_PUBLIC} {SHOP}")

    assert before == take_snapshot(shop)


def test_a_schema_made_in_another_order_is_the_same(shop):
    """The order in which constraints, indexes, grants and options were made does not count."""
    shop.cursor().execute("CREATE TABLE a (x int, y int)")
    parts = [
        "ALTER TABLE a ADD CONSTRAINT one CHECK (x > 0)",
        "ALTER TABLE a ADD CONSTRAINT two CHECK (y > 0)",
        "CREATE INDEX three ON a (x)",
        "CREATE INDEX four ON a (y)",
        "GRANT SELECT ON a TO pg_monitor",
        "GRANT SELECT ON a TO PUBLIC",
        "ALTER TABLE a SET (fillfactor = 50)",
        "ALTER TABLE a SET (autovacuum_enabled = off)",
    ]
    shop.cursor().execute("; ".join(parts))
    before = take_snapshot(shop)
    shop.cursor().execute("DROP TABLE a; CREATE TABLE a (x int, gone int, y int); ALTER TABLE a DROP gone")
    shop.cursor().execute("; ".join(reversed(parts)))
    after = take_snapshot(shop)
    shop.cursor().execute("DROP TABLE a")

    assert before == after
