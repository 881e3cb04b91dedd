"""What a foreign key of a partitioned table reads, measured: nothing where its partitions have it."""

from __future__ import annotations

from contextlib import closing

import psycopg2
import pytest

from tests.servers import Server

_TABLES = """
CREATE TABLE users (id int PRIMARY KEY);
CREATE TABLE trips (user_id int, day int) PARTITION BY RANGE (day);
CREATE TABLE early PARTITION OF trips FOR VALUES FROM (1) TO (10);
CREATE TABLE late PARTITION OF trips FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (day);
CREATE TABLE late_default PARTITION OF late DEFAULT;
INSERT INTO users VALUES (1);
INSERT INTO trips VALUES (1, 1), (1, 11);
"""
_KEY = "ALTER TABLE {} ADD CONSTRAINT fk FOREIGN KEY (user_id) REFERENCES users (id)"


@pytest.mark.parametrize(
    ("have_it", "read"), [((), 2), (("early",), 1), (("early", "late_default"), 0)], ids=["none", "one", "all"]
)
def test_a_key_that_partitions_have_is_taken_over(server: Server, have_it: tuple[str, ...], read: int) -> None:
    """The server tells of each table whose rows it checks."""
    with closing(psycopg2.connect(server.make_database())) as connection, connection.cursor() as cursor:
        cursor.execute(_TABLES)
        for each in have_it:
            cursor.execute(_KEY.format(each))
        connection.notices.clear()
        cursor.execute("SET client_min_messages = debug1")
        cursor.execute(_KEY.format("trips"))

        assert read == sum("validating foreign key constraint" in each for each in connection.notices)
