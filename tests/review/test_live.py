"""What a database says about itself, and about its rows."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
import pytest

from interlocking.review.context import Context
from interlocking.review.model import Operation, Reading, Statement
from interlocking.review.rules import judge
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.live import Live, read_live
from interlocking.review.schema.objects import Column, Constraint, Domain, EnumType, Index
from interlocking.review.schema.sqltypes import SqlType
from tests.servers import Server

_SCHEMA = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN word AS varchar(9);
CREATE SCHEMA app;
CREATE TABLE app.teams (id bigint PRIMARY KEY);
CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email varchar(50), name text COLLATE "C" NOT NULL DEFAULT '',
    twice bigint GENERATED ALWAYS AS (1) STORED,
    shout text GENERATED ALWAYS AS (upper(email)) STORED, team_id bigint REFERENCES app.teams, mood mood,
    CONSTRAINT has_email CHECK (email IS NOT NULL)
);
CREATE INDEX ix ON users (lower(email), name) WHERE id > 3;
CREATE TABLE events (at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_x PARTITION OF events DEFAULT;
CREATE VIEW v AS SELECT id, email FROM users;
CREATE FUNCTION steady() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION mend() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1';
CREATE DOMAIN tiny AS positive;
CREATE INDEX plain ON users (name);
INSERT INTO users (email, name) VALUES ('a', 'long enough'), ('a', 'x'), ('b', 'y');
ALTER TABLE users ADD CONSTRAINT short CHECK (length(name) < 9) NOT VALID;
ALTER TABLE users ADD CONSTRAINT curly CHECK (name <> '{}') NOT VALID;
CREATE TABLE badges (user_id bigint, note text);
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER t BEFORE UPDATE OF note ON badges FOR EACH ROW EXECUTE FUNCTION watch();
CREATE POLICY p ON badges USING (user_id > 3);
CREATE TABLE trail (at date, what text NOT NULL);
CREATE TABLE path (at date NOT NULL, what text);
CREATE UNIQUE INDEX path_at ON path (at);
ALTER TABLE path REPLICA IDENTITY USING INDEX path_at;
CREATE TABLE mark (at date);
ALTER TABLE mark REPLICA IDENTITY FULL;
CREATE PUBLICATION warehouse FOR TABLE trail, path, mark;
INSERT INTO badges VALUES (1), (99), (NULL);
ALTER TABLE badges ADD CONSTRAINT owner FOREIGN KEY (user_id) REFERENCES users NOT VALID;
"""


@pytest.fixture(scope="module")
def live(server: Server) -> Iterator[Live]:
    """A database with a bit of everything, on each PostgreSQL."""
    url = server.make_database()
    connection = psycopg2.connect(url)
    connection.autocommit = True
    connection.cursor().execute(_SCHEMA)
    connection.cursor().execute("ANALYZE")
    yield read_live(connection, sizes=True)
    connection.close()
    server.drop(url)


def test_tables(live: Live) -> None:
    """With their kinds, sizes and families."""
    tables = live.seed.tables

    assert {"users", "badges", "trail", "path", "mark", "app.teams", "events", "events_1", "events_x", "v"} == set(
        tables
    )
    assert ("partitioned", frozenset({"at"})) == (tables["events"].kind, tables["events"].partition_key)
    assert ("events", "view") == (tables["events_1"].parent, tables["v"].kind)
    assert "events_x" == live.seed.default_partition("events").name
    assert live.sizes["users"].rows == 3


def test_columns(live: Live) -> None:
    """With their types as the rules write them."""
    users = live.seed.tables["users"].columns

    assert Column(SqlType("varchar", (50,)), not_null=False, default=False) == users["email"]
    assert Column(SqlType("text"), not_null=True, default=True, collation="C") == users["name"]
    assert (True, True) == (users["id"].default, users["twice"].generated)
    assert {"email"} == users["shout"].computed_from


def test_constraints_and_indexes(live: Live) -> None:
    """And what they prove."""
    constraints = live.seed.tables["users"].constraints

    assert (
        Constraint("check", ("email",), proves=frozenset({"email"}), condition="(email IS NOT NULL)")
        == constraints["has_email"]
    )
    assert not constraints["short"].validated
    assert ("foreign", "app.teams") == (
        constraints["users_team_id_fkey"].kind,
        constraints["users_team_id_fkey"].references,
    )
    assert (
        Index("users", ("", "name"), partial=True, inside=frozenset({"email"}), conditions=frozenset({"id"}))
        == live.seed.indexes["ix"]
    )
    assert Index("app.teams", ("id",), unique=True) == live.seed.indexes["app.teams_pkey"]


def test_types_views_and_functions(live: Live) -> None:
    """All that a change of a type depends on."""
    assert {"mood": EnumType(("sad", "ok"))} == live.seed.enums
    assert (
        Domain(SqlType("integer"), constrained=True, condition="(VALUE > 0)", own={"positive_check": "(VALUE > 0)"})
        == live.seed.domains["positive"]
    )
    assert live.seed.domains["tiny"].constrained
    assert not live.seed.domains["word"].constrained
    assert {"steady", "mend", "watch"} == live.seed.own_functions
    assert frozenset({("users", "id"), ("users", "email")}) == live.seed.uses["v"]
    assert (False, True, False) == tuple(live.seed.volatile[name] for name in ("steady", "random", "lower"))


def test_questions_about_rows(live: Live) -> None:
    """Counted; what cannot be asked is not known."""
    rows = live.database

    assert 1 == rows.duplicates("users", ("email",))
    assert 3 == rows.nulls("users", "team_id")
    assert 11 == rows.longest("users", "name")
    assert 1 == rows.violations("users", "length(name) < 9")
    assert 0 == rows.violations("users", "name <> '{}'")
    assert 1 == rows.duplicates("users", ("upper(email)",), "id < 3")
    assert 0 == rows.duplicates("users", ("upper(email)",), "id > 1")
    assert rows.duplicates("users", ("upper(",)) is None
    assert 0 == rows.duplicates("users", ("team_id",))
    assert 1 == rows.duplicates("users", ("team_id",), nulls_equal=True)
    assert 1 == rows.orphans("badges", ("user_id",), "users", ("id",))
    assert rows.violations("users", "length(name) <") is None
    assert rows.nulls("nowhere", "x") is None
    assert rows.duplicates("users", ("nowhere",)) is None


def test_a_question_that_takes_too_long_is_given_up(live: Live) -> None:
    """And the connection can be asked again."""
    impatient = type(live.database)(live.database.connection, seconds=0.001)
    live.database.connection.cursor().execute(
        "CREATE TABLE IF NOT EXISTS many AS SELECT generate_series(1, 300000) AS n"
    )

    assert impatient.duplicates("many", ("n",)) is None
    assert 0 == live.database.duplicates("many", ("n",))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("CREATE UNIQUE INDEX CONCURRENTLY uq ON users (email)", {"unique-over-duplicates"}),
        ("CREATE UNIQUE INDEX CONCURRENTLY uq ON users (name)", set()),
        ("ALTER TABLE users ALTER email SET NOT NULL", set()),
        ("ALTER TABLE users ALTER team_id SET NOT NULL", {"not-null-over-nulls"}),
        (
            "ALTER TABLE users ALTER email TYPE text",
            {"type-change-under-view", "type-change-rechecks", "type-change-under-generated"},
        ),
        ("CREATE UNIQUE INDEX CONCURRENTLY uq ON users (upper(email)) WHERE id < 3", {"unique-over-duplicates"}),
        ("CREATE UNIQUE INDEX CONCURRENTLY uq ON users (upper(email)) WHERE id > 1", set()),
        ("CREATE INDEX CONCURRENTLY plain ON users (name)", {"index-name-taken"}),
        ("CREATE UNIQUE INDEX CONCURRENTLY uq ON users (team_id) NULLS NOT DISTINCT", {"unique-over-duplicates"}),
        ("CREATE UNIQUE INDEX CONCURRENTLY uq ON badges (user_id) NULLS NOT DISTINCT", set()),
        ("CREATE INDEX CONCURRENTLY IF NOT EXISTS plain ON users (name)", set()),
        ("CREATE INDEX CONCURRENTLY IF NOT EXISTS plain ON users (email)", {"index-name-taken"}),
        ("ALTER TABLE users VALIDATE CONSTRAINT short", {"constraint-violated"}),
        ("ALTER TABLE users VALIDATE CONSTRAINT curly", set()),
        ("ALTER TABLE badges VALIDATE CONSTRAINT owner", {"constraint-violated"}),
        ("ALTER TABLE badges ADD CONSTRAINT c CHECK (user_id < 9)", {"constraint-violated", "check-validated"}),
        ("ALTER TABLE users ADD COLUMN n tiny", {"column-of-constrained-domain"}),
        ("SELECT set_config('a.b', 'c', true)", set()),
        ("CREATE INDEX CONCURRENTLY ix2 ON events (at)", {"index-on-partitioned-table"}),
        ("ALTER TABLE users ADD COLUMN n int DEFAULT steady()", set()),
        ("ALTER TABLE users ADD COLUMN n positive", {"column-of-constrained-domain"}),
        ("DROP TABLE IF EXISTS nowhere", set()),
        ("DELETE FROM trail WHERE what = 'x'", {"no-replica-identity"}),
        ("UPDATE trail SET what = 'x' WHERE what = 'y'", {"no-replica-identity"}),
        ("UPDATE mark SET at = NULL WHERE at = '2026-01-01'", set()),
        ("UPDATE path SET what = 'x' WHERE at = '2026-01-01'", set()),
        ("DROP INDEX CONCURRENTLY path_at", {"no-replica-identity"}),
        ("ALTER PUBLICATION warehouse ADD TABLE badges", {"no-replica-identity"}),
        ("CREATE PUBLICATION inserts FOR TABLE badges WITH (publish = 'insert')", set()),
        ("CREATE INDEX CONCURRENTLY q ON users USING gin (name gin_trgm_ops)", {"extension-missing"}),
        ("ALTER TABLE badges ADD COLUMN x citext", {"extension-missing"}),
        ("ALTER TABLE badges ALTER note SET DEFAULT uuid_generate_v4()::text", {"extension-missing"}),
        ("ALTER TABLE users DROP COLUMN email", {"drop-refused"}),
        ("ALTER TABLE badges DROP COLUMN note", {"drop-refused"}),
        ("ALTER TABLE badges ALTER note TYPE varchar", {"type-change-under-trigger"}),
        ("ALTER TABLE badges ALTER user_id TYPE int", {"type-change-under-trigger"}),
        ("DROP TABLE app.teams", {"drop-refused"}),
        ("DROP TYPE mood", {"drop-refused"}),
        ("DROP DOMAIN positive", {"drop-refused"}),
        ("DROP FUNCTION watch", {"drop-refused"}),
        ("DROP VIEW v", set()),
    ],
)
def test_rules_use_what_the_database_says(live: Live, sql: str, expected: set[str]) -> None:
    """Sizes aside: the table has three rows, as production may have millions."""
    statement = Statement(sql, "one", "upgrade", "one.py", 5, Operation("execute", 1), autocommit="CONCURRENTLY" in sql)
    context = Context(
        judged=("one",), transaction_mode="each", server_version=15, seed=live.seed, database=live.database
    )

    found = judge([], [Reading("one", "one.py", upgrade=(statement,))], context).findings

    loud = {each.id for each in found if each.severity == "error" and each.direction == "upgrade"}
    assert expected <= loud
    assert not loud or expected


def test_an_invalid_index_is_not_kept(live: Live) -> None:
    """What a failed build left is seen in the catalogue."""
    seed = live.seed.fork()
    seed.indexes["ix"] = Index("users", ("email",), valid=False)

    assert {"invalid-index-kept"} == _errors(seed, "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix ON users (email)")
    assert set() == _errors(live.seed, "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix9 ON users (email)")
    again = ("DROP INDEX CONCURRENTLY ix", "CREATE INDEX CONCURRENTLY ix ON users (email)")
    assert set() == _errors(seed, *again)
    seed.indexes["ix"] = Index("users", ("email",))
    assert {"index-replaced-too-early"} == _errors(seed, *again)


def _errors(seed: Knowledge, *texts: str) -> set[str]:
    operations = [(sql, Operation("execute", number)) for number, sql in enumerate(texts)]
    statements = tuple(Statement(sql, "one", "upgrade", "one.py", 5, each, autocommit=True) for sql, each in operations)
    context = Context(judged=("one",), transaction_mode="each", server_version=15, seed=seed)
    found = judge([], [Reading("one", "one.py", upgrade=statements)], context).findings
    return {each.id for each in found if each.severity != "info" and each.direction == "upgrade"}


@pytest.mark.parametrize(
    "written",
    ["UPDATE users SET name = 'x' WHERE id = 1", "DELETE FROM users WHERE id = 1"],
)
def test_rows_that_the_release_mends_are_not_counted(live: Live, written: str) -> None:
    """What they hold when the constraint is validated, nobody knows."""
    texts = (written, "ALTER TABLE users VALIDATE CONSTRAINT short")
    statements = tuple(Statement(each, "one", "upgrade", "one.py", 5, Operation("execute", 1)) for each in texts)
    context = Context(judged=("one",), transaction_mode="each", seed=live.seed, database=live.database)

    found = judge([], [Reading("one", "one.py", upgrade=statements)], context).findings

    assert "constraint-violated" not in {each.id for each in found}
