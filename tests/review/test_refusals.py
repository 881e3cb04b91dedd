"""What a review says will fail, the server refuses; what it lets pass, the server takes.

Each statement is judged on what the catalogue says, and on what the statements say that made it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg2
import pytest
from psycopg2 import extensions

from interlocking.review.context import Context
from interlocking.review.finding import Finding
from interlocking.review.model import Operation, Reading, Statement
from interlocking.review.reading.parsing import split
from interlocking.review.reviewing import review
from interlocking.review.rules import judge
from interlocking.review.schema.live import Live, read_live
from tests.review.databases import database_with
from tests.review.projects import History
from tests.servers import Server

_SCHEMA = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN word AS varchar(9);
CREATE TABLE users (
    id bigint CONSTRAINT users_pk PRIMARY KEY, email varchar(50), name text COLLATE "C", age int,
    CONSTRAINT grown CHECK (age > 17)
);
CREATE INDEX ix_email ON users (email);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
CREATE VIEW people AS SELECT id, email, age FROM users;
CREATE VIEW pairs AS SELECT u.*, o.id AS order_id FROM users u, orders o;
CREATE VIEW ids AS SELECT id FROM pairs;
CREATE VIEW most AS SELECT ids.id FROM ids JOIN pairs ON ids.id = pairs.id;
CREATE MATERIALIZED VIEW totals AS SELECT id FROM users;
CREATE UNIQUE INDEX uq_totals ON totals (id);
CREATE MATERIALIZED VIEW hollow AS SELECT id FROM users WITH NO DATA;
CREATE UNIQUE INDEX uq_hollow ON hollow (id);
"""

# The hazard that says that it fails, and the statements; all but the last are run before it.
REFUSED = (
    ("refresh-unpopulated", "REFRESH MATERIALIZED VIEW CONCURRENTLY hollow"),
    (
        "refresh-unpopulated",
        "REFRESH MATERIALIZED VIEW totals WITH NO DATA; REFRESH MATERIALIZED VIEW CONCURRENTLY totals",
    ),
    ("refresh-without-unique-index", "DROP INDEX uq_totals; REFRESH MATERIALIZED VIEW CONCURRENTLY totals"),
    ("view-columns-changed", "CREATE OR REPLACE VIEW people AS SELECT id, email FROM users"),
    ("view-columns-changed", "CREATE OR REPLACE VIEW people AS SELECT email, id, age FROM users"),
    ("view-columns-changed", "CREATE OR REPLACE VIEW people AS SELECT id, email AS mail, age FROM users"),
    ("view-columns-changed", "CREATE OR REPLACE VIEW people AS SELECT id, email::varchar(60), age FROM users"),
    ("view-columns-changed", "CREATE OR REPLACE VIEW people AS SELECT id, name AS email, age FROM users"),
    ("view-columns-changed", "CREATE OR REPLACE VIEW people (id, mail) AS SELECT id, email, age FROM users"),
    ("view-columns-changed", "CREATE OR REPLACE VIEW pairs AS SELECT u.*, o.id AS other FROM orders o, users u"),
    (
        "view-columns-changed",
        "ALTER TABLE users ADD COLUMN city text; CREATE OR REPLACE VIEW pairs AS SELECT u.*, o.id AS order_id FROM users u, orders o",
    ),
    ("view-columns-changed", "ALTER VIEW people RENAME TO folk; CREATE OR REPLACE VIEW folk AS SELECT id FROM users"),
    (
        "view-columns-changed",
        "ALTER VIEW people RENAME COLUMN id TO n; CREATE OR REPLACE VIEW people AS SELECT id, email, age FROM users",
    ),
    (
        "view-columns-changed",
        "CREATE OR REPLACE VIEW people AS SELECT id, email, age, name FROM users; CREATE OR REPLACE VIEW people AS SELECT id, email, age FROM users",
    ),
    *(
        ("name-taken", sql)
        for sql in (
            "CREATE TABLE users (id bigint)",
            "CREATE TABLE people (id bigint)",
            "CREATE TABLE ix_email (id bigint)",
            "CREATE TABLE mood (id bigint)",
            "CREATE TABLE users AS SELECT 1 AS one",
            "CREATE VIEW people AS SELECT 1 AS one",
            "CREATE OR REPLACE VIEW users AS SELECT 1 AS one",
            "CREATE MATERIALIZED VIEW totals AS SELECT 1 AS one",
            "CREATE INDEX users ON users (age)",
            "CREATE TYPE mood AS ENUM ('a')",
            "CREATE TYPE users AS ENUM ('a')",
            "CREATE DOMAIN mood AS int",
            "CREATE DOMAIN word AS int",
            "ALTER TYPE mood ADD VALUE 'ok'",
            "ALTER TABLE users ADD COLUMN age int",
            "ALTER TABLE users ADD COLUMN x int; ALTER TABLE users ADD COLUMN x int",
            "ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 1)",
            "ALTER TABLE users ADD CONSTRAINT ix_email UNIQUE (age)",
            "ALTER TABLE users ADD PRIMARY KEY (age)",
            "ALTER TABLE users RENAME TO people",
            "ALTER TABLE users RENAME name TO email",
            "ALTER INDEX ix_email RENAME TO uq_totals",
            "ALTER TYPE mood RENAME TO word",
            "ALTER TABLE users RENAME name TO title; ALTER TABLE users ADD COLUMN title text",
        )
    ),
    ("index-name-taken", "CREATE INDEX ix_email ON orders (user_id)"),
    *(
        ("not-there", sql)
        for sql in (
            "ALTER TABLE users DROP COLUMN mail",
            "ALTER TABLE users ALTER COLUMN mail SET NOT NULL",
            "ALTER TABLE users ALTER COLUMN mail TYPE text",
            "ALTER TABLE users ALTER COLUMN mail SET DEFAULT 'x'",
            "ALTER TABLE users RENAME mail TO email_address",
            "CREATE INDEX ix ON users (mail)",
            "CREATE INDEX ix ON users (email) INCLUDE (mail)",
            "ALTER TABLE users DROP COLUMN age; ALTER TABLE users DROP COLUMN age",
        )
    ),
    ("copy-from-stdin", "COPY users FROM STDIN"),
)
# What only a database knows not to be there.
ABSENT = (
    "ALTER TABLE nobody ADD COLUMN x int",
    "ALTER TABLE nobody RENAME TO somebody",
    "CREATE INDEX ix ON nobody (x)",
    "DROP TABLE nobody",
    "DROP VIEW nobody",
    "DROP MATERIALIZED VIEW nobody",
    "DROP INDEX ix_nobody",
    "DROP TYPE nothing",
    "DROP DOMAIN nothing",
    "DROP TABLE orders; ALTER TABLE orders ADD COLUMN x int",
    "ALTER TABLE users DROP CONSTRAINT grown_up",
    "ALTER TABLE users VALIDATE CONSTRAINT grown_up",
)
# What IF NOT EXISTS leaves otherwise than it is asked for: the server takes it and does nothing.
LEFT = (
    "ALTER TABLE users ADD COLUMN IF NOT EXISTS age bigint",
    "CREATE TABLE IF NOT EXISTS users (id bigint, city text)",
    "CREATE TABLE IF NOT EXISTS users (id bigint, age text)",
    "CREATE TABLE IF NOT EXISTS people (id bigint)",
    "CREATE TABLE IF NOT EXISTS users AS SELECT 1 AS one",
    "CREATE INDEX IF NOT EXISTS ix_email ON users (age)",
    "CREATE UNIQUE INDEX IF NOT EXISTS ix_email ON users (email)",
    "CREATE INDEX IF NOT EXISTS users ON users (age)",
)
TAKEN = (
    "ALTER TABLE users ADD COLUMN IF NOT EXISTS age int",
    "CREATE TABLE IF NOT EXISTS users (id bigint, email character varying(50))",
    "CREATE INDEX IF NOT EXISTS ix_email ON users (email)",
    "CREATE TEMP TABLE users (id bigint)",
    "CREATE TEMP VIEW people AS SELECT 1 AS one",
    "DROP TABLE orders CASCADE; CREATE TABLE orders (id bigint)",
    "DROP INDEX ix_email; CREATE INDEX ix_email ON users (age)",
    "ALTER TABLE users RENAME age TO years; ALTER TABLE users ADD COLUMN age int",
    "ALTER TABLE users DROP COLUMN name CASCADE, ADD COLUMN name int, ALTER COLUMN name SET DEFAULT 1",
    "ALTER TABLE users ADD COLUMN name int, DROP COLUMN name CASCADE",
    "ALTER TABLE users DROP CONSTRAINT users_pk, ADD PRIMARY KEY (id, email)",
    "ALTER TABLE users DROP CONSTRAINT users_pk, ADD CONSTRAINT users_pk PRIMARY KEY (email)",
    "ALTER TABLE users ADD CONSTRAINT old CHECK (age < 200) NOT VALID, VALIDATE CONSTRAINT old",
    "ALTER TABLE users DROP CONSTRAINT grown; ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 1)",
    "ALTER TABLE users ADD CONSTRAINT ix_email CHECK (age > 1)",
    "ALTER TABLE users DROP CONSTRAINT users_pk; ALTER TABLE users ADD PRIMARY KEY (id)",
    "CREATE UNIQUE INDEX uq_age ON users (age); ALTER TABLE users ADD CONSTRAINT uq_age UNIQUE USING INDEX uq_age",
    "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'ok'",
    "ALTER TYPE mood RENAME TO feeling; CREATE TYPE mood AS ENUM ('a')",
    "CREATE SCHEMA app; CREATE TABLE app.users (id bigint); CREATE TYPE app.mood AS ENUM ('a')",
    "DO $$ BEGIN CREATE TYPE mood AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$",
    "DO $$ BEGIN IF false THEN ALTER TABLE users ADD COLUMN age int; END IF; END $$",
    "DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'orders CASCADE'; END $$; CREATE TABLE orders (id bigint)",
    "ALTER TABLE IF EXISTS nobody ADD COLUMN x int",
    "ALTER TABLE users DROP COLUMN IF EXISTS mail",
    "DROP TABLE IF EXISTS nobody",
    "ALTER TABLE users ADD CHECK (age < 200); ALTER TABLE users DROP CONSTRAINT users_age_check",
    "CREATE INDEX ix_ctid ON users (lower(email))",
    "CREATE OR REPLACE VIEW people AS SELECT id, email, age, name FROM users",
    "CREATE OR REPLACE VIEW people AS SELECT u.id, u.email, u.age FROM users u WHERE age > 3",
    "CREATE OR REPLACE VIEW people AS SELECT id, email, count(*)::int AS age FROM users GROUP BY id, email",
    "CREATE OR REPLACE VIEW pairs AS SELECT u.*, o.id AS order_id, 1 AS one FROM users u JOIN orders o ON true",
    "ALTER VIEW people RENAME COLUMN id TO n; CREATE OR REPLACE VIEW people AS SELECT id AS n, email, age FROM users",
    "DROP VIEW people; CREATE VIEW people AS SELECT id FROM users",
    "CREATE OR REPLACE VIEW fresh AS SELECT id FROM users",
    "REFRESH MATERIALIZED VIEW CONCURRENTLY totals",
    "REFRESH MATERIALIZED VIEW hollow; REFRESH MATERIALIZED VIEW CONCURRENTLY hollow",
    "COPY users FROM '/dev/null'",
)
_FAILING = {hazard for hazard, _ in REFUSED}


@dataclass(frozen=True)
class Place:
    """A database, and what is known of it."""

    connection: extensions.connection
    live: Live

    def run(self, sql: str) -> None:
        """Run statements, and roll them back."""
        try:
            with self.connection.cursor() as cursor:
                for each in split(sql):
                    cursor.execute(each)
        finally:
            self.connection.rollback()


@pytest.fixture(scope="module")
def place(server: Server) -> Iterator[Place]:
    """One database for all statements."""
    with database_with(server, _SCHEMA) as (_, connection):
        yield Place(connection, read_live(connection))


def _found(sql: str, live: Live | None) -> list[Finding]:
    """Return what is said of these statements that one of them fails."""
    readings = [
        Reading(id_, f"{id_}.py", upgrade=tuple(_statements(id_, text)))
        for id_, text in (("zero", _SCHEMA), ("one", sql))
    ]
    seed, applied = (live.seed, frozenset({"zero"})) if live else (None, frozenset())
    found = judge(readings[:1], readings[1:], Context(judged=("one",), seed=seed, applied=applied)).findings
    return [each for each in found if each.severity == "error" and each.id in _FAILING]


def _hazards(sql: str, live: Live | None) -> set[str]:
    return {each.id for each in _found(sql, live)}


def _statements(revision: str, sql: str) -> Iterator[Statement]:
    for number, each in enumerate(split(sql)):
        yield Statement(each, revision, "upgrade", f"{revision}.py", number, Operation("execute", number))


@pytest.mark.parametrize(("hazard", "sql"), REFUSED)
def test_what_is_said_to_fail_fails(place: Place, hazard: str, sql: str) -> None:
    """With a database at hand and without."""
    with pytest.raises(psycopg2.Error):
        place.run(sql)

    assert {hazard} == _hazards(sql, place.live) == _hazards(sql, None)


@pytest.mark.parametrize("sql", TAKEN)
def test_what_works_is_not_said_to_fail(place: Place, sql: str) -> None:
    """A refusal on a guess would stop a good upgrade."""
    place.run(sql)

    assert set() == _hazards(sql, place.live) == _hazards(sql, None)


@pytest.mark.parametrize("sql", ABSENT)
def test_what_a_database_does_not_have_cannot_be_changed(place: Place, sql: str) -> None:
    """Without one, nobody can say what it has besides what the history made."""
    with pytest.raises(psycopg2.Error):
        place.run(sql)

    assert {"not-there"} == _hazards(sql, place.live)
    assert set() == _hazards(sql, None)


@pytest.mark.parametrize("sql", LEFT)
def test_what_is_left_otherwise_is_said(place: Place, sql: str) -> None:
    """The server says no more than a notice."""
    place.run(sql)

    found = [*_found(sql, place.live), *_found(sql, None)]

    assert {"name-taken", "index-name-taken"} >= {each.id for each in found}
    assert [True, True] == ["IF NOT EXISTS leaves it" in each.message for each in found]


@pytest.mark.parametrize(
    "body",
    [
        "if not sa.inspect(op.get_bind()).has_table('users'):\n    op.create_table('users', sa.Column('id', sa.Integer))",
        "try:\n    op.add_column('users', sa.Column('age', sa.Integer))\nexcept sa.exc.ProgrammingError:\n    pass",
        "sa.Enum('a', name='mood').create(op.get_bind(), checkfirst=True)",
    ],
)
def test_who_asks_first_or_expects_an_error_is_not_told(history: History, body: str) -> None:
    """What is there decides there."""
    history.write("zero", 'op.execute("""' + _SCHEMA + '""")')
    history.write("one", body, down="zero")

    found = review(history.project, history.graph, ["one"])

    assert {"name-taken"}.isdisjoint(each.id for each in found.findings)


def test_nothing_is_said_after_a_revision_that_asked(history: History) -> None:
    """On production its answer may have been another one."""
    history.write("zero", 'op.execute("""' + _SCHEMA + '""")')
    history.write("one", "if sa.inspect(op.get_bind()).has_table('orders'):\n    op.drop_table('orders')", down="zero")
    history.write("two", "op.create_table('orders', sa.Column('id', sa.Integer))", down="one")

    found = review(history.project, history.graph, ["two"])

    assert {"name-taken"}.isdisjoint(each.id for each in found.findings)


def test_an_enum_is_made_with_each_table_that_has_it(history: History) -> None:
    """Alembic sends CREATE TYPE for each of them."""
    made = "op.create_table({!r}, sa.Column('mood', sa.Enum('a', name='mood')))"
    history.write("zero", made.format("days"))
    history.write("one", made.format("nights"), down="zero")

    found = review(history.project, history.graph, ["one"])

    assert [("name-taken", "mood is there already, a type: this fails")] == [
        (each.id, each.message) for each in found.findings if each.id == "name-taken"
    ]


@pytest.mark.parametrize("at_hand", [True, False])
def test_views_that_read_a_view_are_made_again_in_their_order(place: Place, *, at_hand: bool) -> None:
    """What is recommended can be run as it is."""
    sql = "CREATE OR REPLACE VIEW pairs AS SELECT o.id AS order_id, u.id FROM users u, orders o"
    (found,) = _found(sql, place.live if at_hand else None)

    statements = [ast.literal_eval(each) for each in re.findall(r"op\.execute\((.+)\)", found.replacement)]
    assert len(statements) == 6
    place.run("; ".join(statements))
