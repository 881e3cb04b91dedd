"""The mark of an environment inside a database, and its load."""

from __future__ import annotations

import psycopg2
import pytest

from interlocking.errors import RefusedError
from interlocking.postgres.connect import connect
from interlocking.postgres.load import LoadMeter
from interlocking.postgres.mark import read_mark, require_mark, write_mark
from interlocking.postgres.url import parse
from tests.conftest import MakeDatabase


def test_a_mark_is_read_back_and_keeps_the_rest_of_the_comment(database: str) -> None:
    """Written twice it stands once."""
    with connect(parse(database)) as connection, connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON DATABASE {parse(database).database} IS 'the ''shop'''")
        assert read_mark(connection) == ""
        assert write_mark(connection, "staging")
        assert write_mark(connection, "pro'duction")

        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        )
        assert cursor.fetchone() == ("the 'shop' [interlocking environment: pro'duction]",)
        assert read_mark(connection) == "pro'duction"


def test_a_copy_is_not_marked(database: str, make_database: MakeDatabase) -> None:
    """What is copied from production is not production."""
    with connect(parse(database)) as connection:
        write_mark(connection, "production")

    with connect(parse(make_database(template=database))) as copy:
        assert read_mark(copy) == ""


def test_another_environments_database_is_refused() -> None:
    """One without a mark, and the right one, are not."""
    require_mark("", "production")
    require_mark("production", "production")

    with pytest.raises(RefusedError) as refused:
        require_mark("staging", "production")
    assert refused.value.code == "wrong-environment"


def test_a_role_that_does_not_own_the_database_cannot_mark_it(database: str) -> None:
    """It says so instead of failing."""
    url = parse(database)
    with connect(url) as owner, owner.cursor() as cursor:
        cursor.execute("CREATE ROLE marker LOGIN PASSWORD 'marker-secret'")
        try:
            visitor = parse(database.replace(f"{url.user}:{url.password.reveal()}", "marker:marker-secret"))
            with connect(visitor) as connection:
                assert not write_mark(connection, "production")
        finally:
            cursor.execute("DROP ROLE marker")


def test_the_load_counts_transactions_and_sees_the_oldest_open_one(database: str) -> None:
    """Other databases, and the sampling itself, do not count."""
    busy = psycopg2.connect(database)
    with connect(parse(database)) as connection, busy.cursor() as cursor:
        meter = LoadMeter(connection)
        assert meter.sample().per_second is None
        for _ in range(30):
            cursor.execute("SELECT 1")
            busy.commit()
        cursor.execute("SELECT pg_stat_force_next_flush()")
        busy.commit()
        cursor.execute("SELECT pg_sleep(0.01)")
        load = meter.sample()

        assert load.per_second
        assert load.oldest > 0
    busy.close()
