"""What the backfills of pending revisions would change, read from their files and counted."""

from __future__ import annotations

from pathlib import Path

import psycopg2

from interlocking.postgres.url import parse
from interlocking.upgrade.backfilling.counts import count_backfills, find_backfills

REVISION = """
from interlocking.upgrade import backfill
TABLE = "orders"

def upgrade():
    {calls}

def downgrade():
    backfill(op, "orders", set={{"n": "0"}})
"""


def counted(tmp_path: Path, url: str, **calls: str) -> dict[str, str]:
    files = {}
    for id_, call in calls.items():
        files[id_] = tmp_path / f"{id_}.py"
        files[id_].write_text(REVISION.format(calls=call))
    return count_backfills(files, parse(url))


def test_rows_are_counted_as_the_condition_says(tmp_path: Path, database: str) -> None:
    """With parameters, in another schema, one revision after the other; what cannot be known yet is said."""
    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE SCHEMA old; CREATE TABLE orders (id int PRIMARY KEY, n int, body text); CREATE TABLE old.orders (n int);"
            "INSERT INTO orders SELECT g, g, 'x%' FROM generate_series(1, 1234) g; INSERT INTO old.orders VALUES (1)"
        )
    connection.close()
    told = counted(
        tmp_path,
        database,
        one="""backfill(op, "orders", set={"n": "0"}, where="n > :least AND body LIKE '%\\%'", parameters={"least": 10})""",
        two="""interlocking.backfill(op, table="orders", schema="old", set="n = 0")
    backfill(op, "orders", set={"total": "n"}, where="total IS NULL")""",
        three="""backfill(op, TABLE, set={"n": "0"})""",
        four="pass",
    )

    assert {
        "one": "backfill of orders: 1,224 rows",
        "two": 'backfill of old.orders: 1 row\nbackfill of orders: not to be counted yet: column "total" does not exist',
        "three": "a backfill, whose rows cannot be counted without running the revision",
    } == told


def test_a_database_is_not_asked_for_nothing(tmp_path: Path) -> None:
    """There is none here."""
    assert {} == counted(tmp_path, "postgresql://nobody@nowhere.invalid/none", one="pass")


def test_files_that_are_no_python_have_none() -> None:
    """Others say so."""
    assert [] == list(find_backfills(b"def upgrade(:"))
    assert [] == list(find_backfills(b""))
    assert [None] == list(find_backfills(b"def upgrade():\n    backfill(op)"))
