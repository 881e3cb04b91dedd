"""Every attribute of every object, changed alone, is reported: once, under its own name, in both directions."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from interlocking.postgres.catalog import take_snapshot
from interlocking.postgres.diff import Comparison, compare

TABLE = "CREATE TABLE t (id int, a int, b text)"
PARTITIONED = (
    "CREATE TABLE p (id int, note text) PARTITION BY RANGE (id);"
    "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)"
)
TOUCH = "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'"
TRIGGER = f"{TABLE}; {TOUCH}; CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()"
EVENT = (
    "CREATE FUNCTION noted() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
    "CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION noted()"
)
SERVER = "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w"
OPPOSITE = {"left-behind": "missing", "missing": "left-behind", "altered": "altered"}
REFERENCED = "CREATE TABLE r (id int PRIMARY KEY); CREATE TABLE t (id int, a int, b text)"


class Case(NamedTuple):
    """A database, one statement, and what must be said about it."""

    setup: str
    change: str
    expected: str
    since: int = 13


# One case a line, so that the table can be read down its columns.
CASES = [
    # tables
    Case("", "CREATE TABLE t (id serial PRIMARY KEY, a int UNIQUE CHECK (a > 0))", "left-behind table t"),
    Case("CREATE SCHEMA s", "CREATE TABLE s.t (id int)", "left-behind table s.t"),
    Case(TABLE, "ALTER TABLE t SET UNLOGGED", "altered table t"),
    Case(TABLE, "ALTER TABLE t SET (fillfactor = 50)", "altered table t"),
    Case(TABLE, "ALTER TABLE t SET (toast.autovacuum_enabled = off)", "altered table t"),
    Case(TABLE, "ALTER TABLE t ENABLE ROW LEVEL SECURITY", "altered table t"),
    Case(TABLE, "ALTER TABLE t FORCE ROW LEVEL SECURITY", "altered table t"),
    Case(TABLE, "ALTER TABLE t REPLICA IDENTITY FULL", "altered table t"),
    Case(TABLE, "COMMENT ON TABLE t IS 'x'", "altered table t"),
    Case(TABLE, "GRANT SELECT ON t TO PUBLIC", "altered table t"),
    Case(TABLE, "REVOKE ALL ON t FROM CURRENT_USER", "altered table t"),
    Case("CREATE TABLE m (id int); CREATE TABLE c (id int)", "ALTER TABLE c INHERIT m", "altered table c"),
    Case("CREATE TYPE y AS (id int); CREATE TABLE c (id int)", "ALTER TABLE c OF y", "altered table c"),
    # partitions
    Case("", PARTITIONED, "left-behind table p"),
    Case(PARTITIONED, "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20)", "left-behind table p2"),
    Case(PARTITIONED, "CREATE TABLE p2 PARTITION OF p DEFAULT", "left-behind table p2"),
    Case(PARTITIONED, "ALTER TABLE p DETACH PARTITION p1", "altered table p1"),
    Case(PARTITIONED, "ALTER TABLE p ADD COLUMN extra int", "left-behind column p.extra"),
    Case(PARTITIONED, "ALTER TABLE p ALTER COLUMN note TYPE varchar(9)", "altered column p.note"),
    Case(PARTITIONED, "ALTER TABLE p ADD CONSTRAINT k CHECK (id > 0)", "left-behind constraint p.k"),
    Case(PARTITIONED, "ALTER TABLE p ADD PRIMARY KEY (id)", "left-behind constraint p.p_pkey, altered column p.id"),
    Case(PARTITIONED, "CREATE INDEX i ON p (note)", "left-behind index i"),
    Case(f"{PARTITIONED}; CREATE INDEX i ON ONLY p (note); CREATE INDEX i1 ON p1 (note)", "ALTER INDEX i ATTACH PARTITION i1", "altered index i, altered index i1"),
    Case(f"{PARTITIONED}; {TOUCH}", "CREATE TRIGGER g BEFORE UPDATE ON p FOR EACH ROW EXECUTE FUNCTION touch()", "left-behind trigger p.g"),
    Case("CREATE TABLE p (id int, a int) PARTITION BY LIST (id)", "DROP TABLE p; CREATE TABLE p (id int, a int) PARTITION BY LIST (a)", "altered table p"),
    Case("CREATE TABLE p (id int NOT NULL) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p DEFAULT", "ALTER TABLE p ALTER id ADD GENERATED ALWAYS AS IDENTITY", "altered column p.id", since=17),
    Case(PARTITIONED, "ALTER TABLE p1 ALTER note SET DEFAULT 'x'", "altered column p1.note"),
    Case(PARTITIONED, "ALTER TABLE p1 ADD CONSTRAINT k CHECK (id > 0)", "left-behind constraint p1.k"),
    # columns
    Case(TABLE, "ALTER TABLE t ADD COLUMN c int", "left-behind column t.c"),
    Case(TABLE, "ALTER TABLE t ADD COLUMN c serial", "left-behind column t.c"),
    Case(TABLE, "ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS IDENTITY", "left-behind column t.c"),
    Case(TABLE, "ALTER TABLE t ALTER COLUMN a TYPE bigint", "altered column t.a"),
    Case("CREATE TABLE t (a varchar(80))", "ALTER TABLE t ALTER COLUMN a TYPE varchar(90)", "altered column t.a"),
    Case("CREATE TABLE t (a timestamp)", "ALTER TABLE t ALTER COLUMN a TYPE timestamptz", "altered column t.a"),
    Case("CREATE TABLE t (a int[])", "ALTER TABLE t ALTER COLUMN a TYPE bigint[]", "altered column t.a"),
    Case(TABLE, "ALTER TABLE t ALTER COLUMN a SET DEFAULT 5", "altered column t.a"),
    Case(TABLE, "ALTER TABLE t ALTER COLUMN a SET NOT NULL", "altered column t.a"),
    Case(TABLE, 'ALTER TABLE t ALTER COLUMN b TYPE text COLLATE "C"', "altered column t.b"),
    Case(TABLE, "ALTER TABLE t ALTER COLUMN b SET STORAGE EXTERNAL", "altered column t.b"),
    Case(TABLE, "ALTER TABLE t ALTER COLUMN b SET COMPRESSION pglz", "altered column t.b", since=14),
    Case(TABLE, "ALTER TABLE t ALTER COLUMN b SET STATISTICS 500", "altered column t.b"),
    Case(TABLE, "ALTER TABLE t ALTER COLUMN b SET (n_distinct = 5)", "altered column t.b"),
    Case(TABLE, "COMMENT ON COLUMN t.b IS 'x'", "altered column t.b"),
    Case(TABLE, "GRANT UPDATE (b) ON t TO PUBLIC", "altered column t.b"),
    Case("CREATE TABLE t (a int NOT NULL)", "ALTER TABLE t ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY", "altered column t.a"),
    Case("CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY)", "ALTER TABLE t ALTER COLUMN a SET GENERATED BY DEFAULT", "altered column t.a"),
    Case("CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY)", "ALTER TABLE t ALTER COLUMN a SET INCREMENT BY 7", "altered column t.a"),
    Case("CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY)", "ALTER SEQUENCE t_a_seq RENAME TO other", "altered column t.a"),
    Case("CREATE TABLE t (a int, c int GENERATED ALWAYS AS (a + 1) STORED)", "ALTER TABLE t ALTER COLUMN c DROP EXPRESSION", "altered column t.c"),
    Case("CREATE TABLE t (a int, c int GENERATED ALWAYS AS (a + 1) VIRTUAL)", "ALTER TABLE t ALTER COLUMN c SET EXPRESSION AS (a + 2)", "altered column t.c", since=18),
    Case(TABLE, "ALTER TABLE t RENAME COLUMN a TO c", "missing column t.a, left-behind column t.c"),
    Case("CREATE TABLE t (a int NOT NULL)", "ALTER TABLE t DROP COLUMN a, ADD COLUMN a int NOT NULL DEFAULT 0", "altered column t.a"),
    # constraints
    Case(TABLE, "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0)", "left-behind constraint t.k"),
    Case(TABLE, "ALTER TABLE t ADD CONSTRAINT k UNIQUE (a)", "left-behind constraint t.k"),
    Case(f"{TABLE}; ALTER TABLE t ADD CONSTRAINT k UNIQUE (a)", "ALTER TABLE t DROP CONSTRAINT k, ADD CONSTRAINT k UNIQUE (b)", "altered constraint t.k"),
    Case(TABLE, "ALTER TABLE t ADD CONSTRAINT k EXCLUDE USING btree (a WITH =)", "left-behind constraint t.k"),
    Case(REFERENCED, "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES r", "left-behind constraint t.k"),
    Case(f"{REFERENCED}; ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES r", "ALTER TABLE t ALTER CONSTRAINT k DEFERRABLE", "altered constraint t.k"),
    Case(f"{REFERENCED}; ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES r", "ALTER TABLE t DROP CONSTRAINT k, ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES r ON DELETE CASCADE", "altered constraint t.k"),
    Case(f"{REFERENCED}; ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES r", "ALTER TABLE t ALTER CONSTRAINT k NOT ENFORCED", "altered constraint t.k", since=18),
    Case(f"{TABLE}; ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0)", "COMMENT ON CONSTRAINT k ON t IS 'x'", "altered constraint t.k"),
    Case(f"{TABLE}; ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0)", "ALTER TABLE t DROP CONSTRAINT k, ADD CONSTRAINT k CHECK (a > 0) NO INHERIT", "altered constraint t.k"),
    Case(f"{TABLE}; ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0)", "ALTER TABLE t RENAME CONSTRAINT k TO l", "missing constraint t.k, left-behind constraint t.l"),
    Case(f"{TABLE}; ALTER TABLE t ADD CONSTRAINT k CHECK ((a > 0 OR a < 9) AND id > 0)", "ALTER TABLE t DROP CONSTRAINT k, ADD CONSTRAINT k CHECK (a > 0 OR (a < 9 AND id > 0))", "altered constraint t.k"),
    # indexes
    Case(TABLE, "CREATE INDEX i ON t (a)", "left-behind index i"),
    Case(f"{TABLE}; CREATE INDEX i ON t (a)", "DROP INDEX i; CREATE UNIQUE INDEX i ON t (a)", "altered index i"),
    Case(f"{TABLE}; CREATE INDEX i ON t (a)", "DROP INDEX i; CREATE INDEX i ON t (a DESC)", "altered index i"),
    Case(f"{TABLE}; CREATE INDEX i ON t (a)", "DROP INDEX i; CREATE INDEX i ON t USING hash (a)", "altered index i"),
    Case(f"{TABLE}; CREATE INDEX i ON t (a)", "DROP INDEX i; CREATE INDEX i ON t (a) INCLUDE (b)", "altered index i"),
    Case(f"{TABLE}; CREATE INDEX i ON t (a)", "DROP INDEX i; CREATE INDEX i ON t (a) WHERE b = 'x'", "altered index i"),
    Case(f"{TABLE}; CREATE INDEX i ON t (b)", "DROP INDEX i; CREATE INDEX i ON t (b text_pattern_ops)", "altered index i" ),
    Case(f"{TABLE}; CREATE UNIQUE INDEX i ON t (a)", "DROP INDEX i; CREATE UNIQUE INDEX i ON t (a) NULLS NOT DISTINCT", "altered index i", since=15),
    Case(f"{TABLE}; CREATE INDEX i ON t (a)", "ALTER INDEX i SET (fillfactor = 60)", "altered index i"),
    Case(f"{TABLE}; CREATE INDEX i ON t (a)", "COMMENT ON INDEX i IS 'x'", "altered index i"),
    Case(f"{TABLE}; CREATE INDEX i ON t (a)", "ALTER TABLE t CLUSTER ON i", "altered index i"),
    Case(f"{TABLE}; CREATE INDEX i ON t ((a + 1))", "ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 50", "altered index i" ),
    Case("CREATE TABLE t (a int NOT NULL); CREATE UNIQUE INDEX i ON t (a)", "ALTER TABLE t REPLICA IDENTITY USING INDEX i", "altered index i, altered table t"),
    Case(f"{TABLE}; CREATE INDEX i ON t (a)", "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'i'::regclass", "altered index i"),
    Case("CREATE TABLE t (a int UNIQUE)", "ALTER INDEX t_a_key SET (fillfactor = 60)", "altered index t_a_key"),
    # sequences
    Case("", "CREATE SEQUENCE q", "left-behind sequence q"),
    Case("CREATE SEQUENCE q", "ALTER SEQUENCE q INCREMENT 2", "altered sequence q"),
    Case("CREATE SEQUENCE q", "ALTER SEQUENCE q START 5", "altered sequence q"),
    Case("CREATE SEQUENCE q", "ALTER SEQUENCE q MINVALUE 0", "altered sequence q"),
    Case("CREATE SEQUENCE q", "ALTER SEQUENCE q MAXVALUE 99", "altered sequence q"),
    Case("CREATE SEQUENCE q", "ALTER SEQUENCE q CACHE 9", "altered sequence q"),
    Case("CREATE SEQUENCE q", "ALTER SEQUENCE q CYCLE", "altered sequence q"),
    Case("CREATE SEQUENCE q MAXVALUE 99", "ALTER SEQUENCE q AS smallint", "altered sequence q"),
    Case(f"{TABLE}; CREATE SEQUENCE q", "ALTER SEQUENCE q OWNED BY t.a", "altered sequence q"),
    Case("CREATE SEQUENCE q", "COMMENT ON SEQUENCE q IS 'x'", "altered sequence q"),
    Case("CREATE SEQUENCE q", "GRANT USAGE ON SEQUENCE q TO PUBLIC", "altered sequence q"),
    # types
    Case("", "CREATE TYPE goal_status AS ENUM ('active')", "left-behind type goal_status"),
    Case("CREATE TYPE y AS ENUM ('a', 'b')", "ALTER TYPE y ADD VALUE 'c'", "altered type y"),
    Case("CREATE TYPE y AS ENUM ('a', 'b')", "ALTER TYPE y RENAME VALUE 'b' TO 'c'", "altered type y"),
    Case("CREATE TYPE y AS ENUM ('a', 'b')", "COMMENT ON TYPE y IS 'x'", "altered type y"),
    Case("CREATE TYPE y AS ENUM ('a', 'b')", "REVOKE USAGE ON TYPE y FROM PUBLIC", "altered type y"),
    Case("CREATE TYPE y AS (a int)", "ALTER TYPE y ADD ATTRIBUTE b text", "left-behind column y.b"),
    Case("CREATE TYPE y AS (a int)", "ALTER TYPE y ALTER ATTRIBUTE a TYPE bigint", "altered column y.a"),
    Case("", "CREATE TYPE y AS (a int)", "left-behind type y"),
    Case("", "CREATE DOMAIN y AS int CHECK (VALUE > 0)", "left-behind type y"),
    Case("CREATE DOMAIN y AS int", "DROP DOMAIN y; CREATE DOMAIN y AS bigint", "altered type y"),
    Case("CREATE DOMAIN y AS int", "ALTER DOMAIN y SET DEFAULT 4", "altered type y"),
    Case("CREATE DOMAIN y AS int", "ALTER DOMAIN y SET NOT NULL", "altered type y"),
    Case("CREATE DOMAIN y AS int", "ALTER DOMAIN y ADD CONSTRAINT k CHECK (VALUE > 0)", "left-behind constraint y.k"),
    Case("CREATE DOMAIN y AS text", 'DROP DOMAIN y; CREATE DOMAIN y AS text COLLATE "C"', "altered type y"),
    Case("", "CREATE TYPE y AS RANGE (SUBTYPE = float8)", "left-behind type y"),
    Case("CREATE TYPE y AS RANGE (SUBTYPE = float8)", "DROP TYPE y; CREATE TYPE y AS RANGE (SUBTYPE = int4)", "altered type y"),
    Case("", "CREATE TYPE y", "left-behind type y"),
    # views and rules
    Case(TABLE, "CREATE VIEW v AS SELECT a FROM t", "left-behind view v"),
    Case(f"{TABLE}; CREATE VIEW v AS SELECT a FROM t", "CREATE OR REPLACE VIEW v AS SELECT a FROM t WHERE a > 0", "altered view v"),
    Case(f"{TABLE}; CREATE VIEW v AS SELECT a FROM t", "CREATE OR REPLACE VIEW v AS SELECT a, b FROM t", "altered view v" ),
    Case(f"{TABLE}; CREATE VIEW v AS SELECT a FROM t", "ALTER VIEW v SET (security_barrier)", "altered view v"),
    Case(f"{TABLE}; CREATE VIEW v AS SELECT a FROM t", "ALTER VIEW v ALTER COLUMN a SET DEFAULT 5", "altered column v.a" ),
    Case(f"{TABLE}; CREATE VIEW v AS SELECT a FROM t", "COMMENT ON VIEW v IS 'x'", "altered view v"),
    Case(f"{TABLE}; CREATE VIEW v AS SELECT a FROM t", "GRANT SELECT ON v TO PUBLIC", "altered view v"),
    Case(f"{TABLE}; CREATE VIEW v AS SELECT a FROM t", "DROP VIEW v; CREATE TABLE v (a int)", "missing view v, left-behind table v"),
    Case(TABLE, "CREATE MATERIALIZED VIEW v AS SELECT a FROM t; CREATE INDEX i ON v (a)", "left-behind view v"),
    Case(f"{TABLE}; CREATE MATERIALIZED VIEW v AS SELECT a FROM t", "REFRESH MATERIALIZED VIEW v WITH NO DATA", "altered view v"),
    Case(f"{TABLE}; CREATE VIEW v AS SELECT a FROM t", "DROP VIEW v; CREATE MATERIALIZED VIEW v AS SELECT a FROM t", "altered view v"),
    Case(TABLE, "CREATE RULE u AS ON DELETE TO t DO INSTEAD NOTHING", "left-behind rule t.u"),
    Case(f"{TABLE}; CREATE RULE u AS ON DELETE TO t DO INSTEAD NOTHING", "ALTER TABLE t DISABLE RULE u", "altered rule t.u"),
    # functions and triggers
    Case("", "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a'", "left-behind function f(integer)"),
    Case("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a'", "CREATE FUNCTION f(a text) RETURNS int LANGUAGE sql AS 'SELECT 1'", "left-behind function f(text)"),
    Case("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a'", "CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a + 1'", "altered function f(integer)"),
    Case("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a'", "ALTER FUNCTION f IMMUTABLE", "altered function f(integer)"),
    Case("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a'", "ALTER FUNCTION f SET search_path = ''", "altered function f(integer)"),
    Case("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a'", "ALTER FUNCTION f SECURITY DEFINER", "altered function f(integer)"),
    Case("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a'", "REVOKE EXECUTE ON FUNCTION f FROM PUBLIC", "altered function f(integer)"),
    Case("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a'", "COMMENT ON FUNCTION f IS 'x'", "altered function f(integer)"),
    Case("", "CREATE PROCEDURE f() LANGUAGE sql AS 'SELECT 1'", "left-behind function f()"),
    Case("", "CREATE AGGREGATE f(int) (SFUNC = int4pl, STYPE = int)", "left-behind function f(integer)"),
    Case("CREATE AGGREGATE f(int) (SFUNC = int4pl, STYPE = int)", "CREATE OR REPLACE AGGREGATE f(int) (SFUNC = int4pl, STYPE = int, INITCOND = '4')", "altered function f(integer)"),
    Case(f"{TABLE}; {TOUCH}", "CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()", "left-behind trigger t.g"),
    Case(TRIGGER, "ALTER TABLE t DISABLE TRIGGER g", "altered trigger t.g"),
    Case(TRIGGER, "CREATE OR REPLACE TRIGGER g AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()", "altered trigger t.g", since=14),
    Case(TRIGGER, "COMMENT ON TRIGGER g ON t IS 'x'", "altered trigger t.g"),
    Case("CREATE FUNCTION noted() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'", "CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION noted()", "left-behind event trigger e"),
    Case(EVENT, "ALTER EVENT TRIGGER e DISABLE", "altered event trigger e"),
    # policies and statistics
    Case(TABLE, "CREATE POLICY o ON t USING (a > 0)", "left-behind policy t.o"),
    Case(f"{TABLE}; CREATE POLICY o ON t USING (a > 0)", "ALTER POLICY o ON t USING (a > 1)", "altered policy t.o"),
    Case(f"{TABLE}; CREATE POLICY o ON t USING (a > 0)", "ALTER POLICY o ON t WITH CHECK (a > 1)", "altered policy t.o" ),
    Case(f"{TABLE}; CREATE POLICY o ON t USING (a > 0)", "ALTER POLICY o ON t TO CURRENT_USER", "altered policy t.o"),
    Case(TABLE, "CREATE STATISTICS z ON a, b FROM t", "left-behind statistics z"),
    Case(f"{TABLE}; CREATE STATISTICS z ON a, b FROM t", "ALTER STATISTICS z SET STATISTICS 9", "altered statistics z"),
    # schemas, extensions, privileges
    Case("", "CREATE SCHEMA s CREATE TABLE t (id int)", "left-behind schema s"),
    Case("CREATE SCHEMA s", "COMMENT ON SCHEMA s IS 'x'", "altered schema s"),
    Case("CREATE SCHEMA s", "GRANT USAGE ON SCHEMA s TO PUBLIC", "altered schema s"),
    Case("", "GRANT CREATE ON SCHEMA public TO pg_monitor", "altered schema public"),
    Case(TABLE, "DROP SCHEMA public CASCADE", "missing schema public"),
    Case("", "CREATE EXTENSION hstore", "left-behind extension hstore"),
    Case("CREATE SCHEMA s; CREATE EXTENSION hstore", "ALTER EXTENSION hstore SET SCHEMA s", "altered extension hstore"),
    Case("CREATE EXTENSION hstore VERSION '1.7'", "ALTER EXTENSION hstore UPDATE TO '1.8'", "altered extension hstore"),
    Case("", "ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor GRANT SELECT ON TABLES TO PUBLIC", "left-behind default privileges of pg_monitor on tables"),
    # everything else
    Case("", 'CREATE COLLATION n FROM "C"', "left-behind collation n"),
    Case("CREATE TYPE y AS (a int)", "CREATE CAST (y AS text) WITH INOUT", "left-behind cast public.y as text"),
    Case("", "CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)", "left-behind operator ===(integer,integer)"),
    Case("", "CREATE OPERATOR CLASS oc FOR TYPE int USING hash AS OPERATOR 1 =, FUNCTION 1 hashint4(int)", "left-behind operator class oc using hash, left-behind operator family oc using hash"),
    Case("", "CREATE TEXT SEARCH CONFIGURATION tc (COPY = english)", "left-behind text search configuration tc"),
    Case("CREATE TEXT SEARCH CONFIGURATION tc (COPY = english)", "ALTER TEXT SEARCH CONFIGURATION tc DROP MAPPING FOR word", "altered text search configuration tc"),
    Case("", "CREATE TEXT SEARCH DICTIONARY td (TEMPLATE = simple)", "left-behind text search dictionary td"),
    Case("", "CREATE TEXT SEARCH TEMPLATE tt (LEXIZE = dsimple_lexize)", "left-behind text search template tt"),
    Case("", "CREATE CONVERSION cv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8", "left-behind conversion cv"),
    Case("", "CREATE ACCESS METHOD am TYPE TABLE HANDLER heap_tableam_handler", "left-behind access method am"),
    Case("", "CREATE TRANSFORM FOR int LANGUAGE plpgsql (FROM SQL WITH FUNCTION prsd_lextype(internal))", "left-behind transform integer for plpgsql"),
    Case("", "CREATE FOREIGN DATA WRAPPER w", "left-behind foreign data wrapper w"),
    Case("CREATE FOREIGN DATA WRAPPER w", "CREATE SERVER s FOREIGN DATA WRAPPER w", "left-behind foreign server s"),
    Case(SERVER, "ALTER SERVER s OPTIONS (host 'x')", "altered foreign server s"),
    Case(SERVER, "CREATE USER MAPPING FOR PUBLIC SERVER s", "left-behind user mapping public on s"),
    Case(SERVER, "CREATE FOREIGN TABLE t (id int) SERVER s", "left-behind table t"),
    Case(TABLE, "CREATE PUBLICATION b FOR TABLE t", "left-behind publication b"),
    Case(f"{TABLE}; CREATE PUBLICATION b", "ALTER PUBLICATION b ADD TABLE t", "altered publication b"),
    Case(f"{TABLE}; CREATE PUBLICATION b FOR TABLE t", "ALTER PUBLICATION b SET (publish = 'insert')", "altered publication b"),
    Case(f"{TABLE}; CREATE PUBLICATION b FOR TABLE t", "ALTER PUBLICATION b SET TABLE t (a) WHERE (a > 0)", "altered publication b", since=15),
    Case("CREATE SCHEMA s; CREATE PUBLICATION b", "ALTER PUBLICATION b ADD TABLES IN SCHEMA s", "altered publication b", since=15),
    Case("", "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''UTC''', current_database()); END$$", "left-behind database setting TimeZone"),
    Case("", "DO $$BEGIN EXECUTE format('COMMENT ON DATABASE %I IS ''x''', current_database()); END$$", "altered database itself"),
    Case("", "DO $$BEGIN EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database()); END$$", "altered database itself"),
]  # fmt: skip


def said(comparison: Comparison) -> list[str]:
    """The differences as the table writes them."""
    return sorted(f"{each.change} {each.kind} {each.name}" for each in comparison.differences)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.change[:60])
def test_a_single_change_is_reported_by_itself_in_both_directions(case, emptied):
    """One change yields exactly its own differences, and their opposites when it is undone."""
    if emptied.server_version < case.since * 10_000:
        pytest.skip(f"PostgreSQL {case.since} or newer")
    execute = emptied.cursor().execute
    execute(case.setup or "SELECT")
    before = take_snapshot(emptied)
    execute(case.change)
    after = take_snapshot(emptied)

    expected = case.expected.split(", ")
    opposite = [f"{OPPOSITE[change]} {what}" for change, _, what in (each.partition(" ") for each in expected)]
    assert sorted(expected) == said(compare(before, after))
    assert sorted(opposite) == said(compare(after, before))
