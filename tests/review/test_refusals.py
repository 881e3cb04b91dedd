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
from interlocking.review.rules import judge
from interlocking.review.schema.live import Live, read_live
from tests.servers import Server

_SCHEMA = """
CREATE TABLE users (id bigint PRIMARY KEY, email varchar(50), name text COLLATE "C", age int);
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
    ("copy-from-stdin", "COPY users FROM STDIN"),
)
TAKEN = (
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
    url = server.make_database()
    connection = psycopg2.connect(url)
    connection.cursor().execute(_SCHEMA)
    connection.commit()
    yield Place(connection, read_live(connection))
    connection.close()
    server.drop(url)


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


@pytest.mark.parametrize("at_hand", [True, False])
def test_views_that_read_a_view_are_made_again_in_their_order(place: Place, *, at_hand: bool) -> None:
    """What is recommended can be run as it is."""
    sql = "CREATE OR REPLACE VIEW pairs AS SELECT o.id AS order_id, u.id FROM users u, orders o"
    (found,) = _found(sql, place.live if at_hand else None)

    statements = [ast.literal_eval(each) for each in re.findall(r"op\.execute\((.+)\)", found.replacement)]
    assert len(statements) == 6
    place.run("; ".join(statements))
