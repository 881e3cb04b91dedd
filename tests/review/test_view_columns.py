"""The columns of a view are those that the server gives it, or not known."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
import pytest

from interlocking.review.reading.parsing import parse
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.live import read_live
from interlocking.review.schema.sqltypes import parse_type
from interlocking.review.schema.view_columns import columns_of_view
from tests.review.databases import database_with
from tests.servers import Server

_SCHEMA = """
CREATE TABLE users (id bigint, email varchar(50), name text COLLATE "C", age int, facts jsonb, tags text[]);
CREATE TABLE orders (id bigint, user_id bigint, total numeric(10, 2));
CREATE VIEW people AS SELECT id, name FROM users;
"""
_COLUMNS = """
SELECT attname::text, format_type(atttypid, atttypmod), coalesce(nullif(collname, 'default'), '')
FROM pg_attribute LEFT JOIN pg_collation c ON c.oid = attcollation
WHERE attrelid = 'v'::regclass AND attnum > 0 ORDER BY attnum
"""

QUERIES = (
    "SELECT id, email, name FROM users",
    "SELECT u.id, u.email AS mail, age + 1 FROM users u",
    "SELECT * FROM users",
    "SELECT u.*, o.total FROM users u JOIN orders o ON o.user_id = u.id",
    "SELECT users.*, 'x' AS kind, 1 AS one, true AS yes FROM users",
    "SELECT * FROM (SELECT id, lower(email) FROM users) AS s (a, b)",
    "SELECT * FROM (SELECT id, email FROM users) AS s (a)",
    "WITH few AS (SELECT id, name FROM users), more (x) AS (SELECT id FROM few) SELECT few.*, x FROM few, more",
    "SELECT id FROM users UNION SELECT user_id AS other FROM orders",
    "SELECT * FROM people",
    "VALUES (1, 'a'), (2, 'b')",
    "SELECT * FROM (VALUES (1, 'a')) AS t (n, letter)",
    "SELECT count(*), max(age)::bigint FROM users",
    "SELECT email::text, email::varchar(9) AS short, 1::bigint, (age + 1)::bigint AS more, date '2020-01-01' FROM users",
    "SELECT CASE WHEN age > 1 THEN 1 END FROM users",
    "SELECT CASE WHEN age > 1 THEN 1 ELSE age END FROM users",
    "SELECT COALESCE(age, 1), NULLIF(age, 1), GREATEST(age, 1), LEAST(age, 2) FROM users",
    "SELECT now(), CURRENT_DATE, session_user, LOCALTIMESTAMP(3), EXTRACT(year FROM now())",
    "SELECT EXISTS (SELECT 1), ARRAY[1], ROW(1, 2)::text, (SELECT total FROM orders LIMIT 1)",
    "SELECT ARRAY(SELECT 1), (SELECT 1 AS n), tags[1], facts->'a' FROM users",
    "SELECT age IS NULL FROM users",
    'SELECT email COLLATE "C", NOT true FROM users',
    "SELECT users FROM users",
    "SELECT id FROM users, LATERAL (SELECT total FROM orders) AS t",
)
UNKNOWN = ("SELECT * FROM users JOIN orders USING (id)", "SELECT * FROM generate_series(1, 3)")


@pytest.fixture(scope="module")
def place(server: Server) -> Iterator[tuple[psycopg2.extensions.connection, Knowledge]]:
    """A database, and what is known of it."""
    with database_with(server, _SCHEMA) as (_, connection):
        yield connection, read_live(connection).seed


def _real(connection: psycopg2.extensions.connection, sql: str) -> list[tuple[str, str, str]]:
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            cursor.execute(_COLUMNS)
            return cursor.fetchall()
    finally:
        connection.rollback()


@pytest.mark.parametrize("made", ["VIEW v", "MATERIALIZED VIEW v", "VIEW v (first)", "MATERIALIZED VIEW v (first)"])
@pytest.mark.parametrize("query", QUERIES)
def test_columns(place: tuple[psycopg2.extensions.connection, Knowledge], made: str, query: str) -> None:
    """Names all, types where they are plain to see."""
    connection, known = place
    sql = f"CREATE {made} AS {query}"
    real = _real(connection, sql)

    found = columns_of_view(parse(sql).node, known)

    assert found is not None
    assert [name for name, _, _ in real] == [name for name, _ in found]
    types = [(parse_type(kind), collation) for _, kind, collation in real]
    assert [each for each, (_, column) in zip(types, found, strict=True) if column.type] == [
        (column.type, column.collation) for _, column in found if column.type
    ]


@pytest.mark.parametrize("query", UNKNOWN)
def test_what_a_star_stands_for_may_not_be_known(
    place: tuple[psycopg2.extensions.connection, Knowledge], query: str
) -> None:
    """Then nothing is said."""
    assert columns_of_view(parse(f"CREATE VIEW v AS {query}").node, place[1]) is None


def test_a_table_that_nobody_knows_has_columns_that_nobody_knows() -> None:
    """But what is named has a name."""
    assert columns_of_view(parse("CREATE VIEW v AS SELECT * FROM t").node, Knowledge()) is None
    found = columns_of_view(parse("CREATE VIEW v AS SELECT a FROM t").node, Knowledge()) or []

    assert ["a"] == [name for name, _ in found]
