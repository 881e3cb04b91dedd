"""Which changes of a type rewrite a table, and which build its indexes again, is what the server does."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2 import extensions

from interlocking.review.reading.parsing import parse
from interlocking.review.schema.burdens import cost_of_type_change
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.replay import apply
from interlocking.review.schema.sqltypes import can_lose, cost_of_change, parse_type
from tests.servers import Server

_CHANGES = """
varchar(20) > varchar(50); varchar(50) > varchar(20); varchar(20) > text; text > varchar; text > varchar(20)
numeric(10,2) > numeric(12,2); numeric(10,2) > numeric(12,4); numeric(10,2) > numeric; numeric > numeric(12,2)
cidr > inet; inet > cidr; timestamp(3) > timestamp(6); timestamp(3) > timestamp; timestamp > timestamp(3)
timestamp > timestamptz; timestamptz > timestamp; timestamp(3) > timestamptz(6); timestamp(6) > timestamptz(3)
int > bigint; bigint > int; smallint > int; real > float8; char(5) > text; char(5) > char(9); char(5) > varchar(5)
varchar(20)[] > varchar(50)[]; varchar[] > text[]; varchar(20)[] > text[]; varchar(20)[] > varchar[]
json > jsonb; json > text; jsonb > text; xml > text; xml > varchar; varbit(5) > varbit(9); varbit(5) > varbit
bit(5) > bit(9); bit(5) > varbit; bit(5) > varbit(9); varbit > bit(5); interval > interval(3); interval(3) > interval
interval(3) > interval(6); time(3) > time(6); time(6) > time(3); timetz(3) > timetz; int > oid; oid > int; bigint > oid
oid > regclass; regclass > oid; varchar > bpchar; text > bpchar; text > bpchar(9); uuid > text; bytea > text
date > timestamp; date > timestamptz; name > text; varchar(20) > name; money > numeric; int > text; text > citext
varchar(9) > citext; citext > text; citext > varchar; interval hour to minute > interval; interval > interval day
interval day > interval day to second; interval second(3) > interval second(6); numeric > int; boolean > int
"""
CHANGES = [
    tuple(map(str.strip, pair.split(">"))) for line in _CHANGES.split("\n") for pair in line.split(";") if pair.strip()
]
_FILES = "SELECT relname::text, relfilenode FROM pg_class WHERE relname IN ('t', 'i')"


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[extensions.connection]:
    """One database for all changes; each is rolled back."""
    url = server.make_database()
    connection = psycopg2.connect(url)
    connection.cursor().execute("CREATE EXTENSION citext")
    connection.commit()
    yield connection
    connection.close()
    server.drop(url)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Vienna"])
@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_cost_is_as_measured(connection: extensions.connection, old: str, new: str, zone: str) -> None:
    """By the files of the table and of an index on the column."""
    before, after = parse_type(old), parse_type(new)
    assert before
    assert after

    measured = _measure(connection, old, new, zone)

    claimed = cost_of_change(before, after, utc=zone == "UTC")
    assert measured == (claimed if measured != "nothing" or claimed != "index" else "nothing")


@pytest.mark.parametrize(
    ("old", "new", "loses"),
    [
        ("varchar(50)", "varchar(20)", True),
        ("varchar(20)", "varchar(50)", False),
        ("text", "varchar(20)", True),
        ("bigint", "integer", True),
        ("smallint", "bigint", False),
        ("integer", "text", False),
        ("numeric(10,4)", "numeric(10,2)", True),
        ("timestamp", "date", True),
        ("text", "integer", True),
        ("char(9)", "char(5)", True),
        ("char(5)", "char(9)", False),
        ("json", "jsonb", False),
    ],
)
def test_what_may_not_fit(old: str, new: str, loses: bool) -> None:
    """Values that are cut, rounded or refused."""
    before, after = parse_type(old), parse_type(new)

    assert before
    assert after
    assert loses == can_lose(before, after)


INDEXES = {
    "(c)": False,
    "(c) INCLUDE (d)": False,
    "(d) INCLUDE (c)": False,
    "(d) WHERE d > 1": False,
    "(lower(c))": True,
    "(c, (d + 1))": True,
    "(c) WHERE d > 1": True,
    "(d) WHERE c IS NOT NULL": True,
}


@pytest.mark.parametrize(("index", "remade"), INDEXES.items(), ids=INDEXES)
def test_an_index_with_an_expression_or_a_condition_is_remade(
    connection: extensions.connection, index: str, *, remade: bool
) -> None:
    """Although varchar(20) and varchar(40) sort alike."""
    known = Knowledge()
    try:
        with connection.cursor() as cursor:
            for text in ("CREATE TABLE t (c varchar(20), d int)", f"CREATE INDEX i ON t {index}"):
                cursor.execute(text)
                apply(known, parse(text).node, "one")
            change = parse("ALTER TABLE t ALTER c TYPE varchar(40)").node.cmds[0]
            before = _files(cursor)
            _change(cursor, "varchar(40)")
            measured = before["i"] != _files(cursor)["i"]
    finally:
        connection.rollback()
    assert measured is remade
    assert cost_of_type_change("t", change, known) == ("index" if remade else "nothing")


def _measure(connection: extensions.connection, old: str, new: str, zone: str) -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL timezone = '{zone}'; CREATE TABLE t (c {old})")
            indexed = _index(cursor)
            before = _files(cursor)
            _change(cursor, new)
            after = _files(cursor)
    finally:
        connection.rollback()
    if before["t"] != after["t"]:
        return "rewrite"
    return "index" if indexed and before["i"] != after["i"] else "nothing"


def _index(cursor: extensions.cursor) -> bool:
    """Index the column; a few types have nothing to be indexed by."""
    cursor.execute("SAVEPOINT here")
    try:
        cursor.execute("CREATE INDEX i ON t (c)")
    except psycopg2.errors.UndefinedObject:
        cursor.execute("ROLLBACK TO here")
        return False
    return True


def _change(cursor: extensions.cursor, new: str) -> None:
    cursor.execute("SAVEPOINT here")
    try:
        cursor.execute(f"ALTER TABLE t ALTER c TYPE {new}")
    except psycopg2.errors.DatatypeMismatch:
        cursor.execute(f"ROLLBACK TO here; ALTER TABLE t ALTER c TYPE {new} USING c::{new}")


def _files(cursor: extensions.cursor) -> dict[str, int]:
    cursor.execute(_FILES)
    return dict(cursor.fetchall())
