"""What is shown is pasted, and runs: on a real server, over rows, it ends where the original does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.dialects import postgresql

from interlocking.postgres.catalog import take_snapshot
from interlocking.postgres.diff import compare
from tests.review.corpus.case import TABLES, Case
from tests.review.corpus.judging import judge_all
from tests.servers import Server

_NEXT_REVISION = re.compile(r"^# .*in the next revision:\n", re.MULTILINE)
_CONVENTION = sa.MetaData(
    naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s", "ix": "ix_%(column_0_label)s"}
)
_ROWS = """
op.execute("INSERT INTO users (id, email, name, age) SELECT n, n || '@a', 'n' || n, n FROM generate_series(1, 20) n")
op.execute("INSERT INTO teams SELECT n, 't' || n FROM generate_series(1, 20) n")
op.execute("INSERT INTO trips SELECT n, n FROM generate_series(1, 19) n")
op.execute("INSERT INTO orders (id, user_id, total) SELECT n, n, n FROM generate_series(1, 20) n")
"""
# What ends at the very same schema; `nullable` is left to the reader where the code must fill a column first.
CASES = {
    "index": ("index-not-concurrent", 'op.create_index("ix", "users", ["email"], unique=True)'),
    "index with all that it can say": (
        "index-not-concurrent",
        (
            'op.execute("CREATE UNIQUE INDEX ix ON users USING btree (lower(email) text_pattern_ops DESC NULLS LAST, name) '
            "INCLUDE (age) NULLS NOT DISTINCT WITH (fillfactor = 70, deduplicate_items = off) "
            "TABLESPACE pg_default WHERE status <> 'a:b'\")"
        ),
    ),
    "index of a column": ("index-not-concurrent", 'op.add_column("users", sa.Column("city", sa.Text, index=True))'),
    "foreign key with all that it can say": (
        "foreign-key-validated",
        (
            'op.create_foreign_key("fk", "orders", "users", ["user_id"], ["id"], ondelete="SET NULL (user_id)", '
            'onupdate="CASCADE", deferrable=True, initially="DEFERRED", match="FULL")'
        ),
    ),
    "foreign key of a column": (
        "foreign-key-validated",
        (
            'op.add_column("orders", sa.Column("team_id", sa.BigInteger, sa.ForeignKey("teams.id"), server_default="1", '
            "nullable=False))"
        ),
    ),
    "foreign key of a partitioned table": (
        "foreign-key-validated",
        'op.create_foreign_key("fk", "trips", "users", ["user_id"], ["id"], ondelete="CASCADE")',
    ),
    "foreign key in the column": (
        "column-with-foreign-key",
        'op.execute("ALTER TABLE orders ADD COLUMN team_id bigint DEFAULT 1 NOT NULL REFERENCES teams ON DELETE CASCADE")',
    ),
    "check": ("check-validated", 'op.create_check_constraint(op.f("grown"), "users", "name <> \'a:b\' AND age > 0")'),
    "check with what others read as a parameter": (
        "check-validated",
        r"""op.execute("ALTER TABLE users ADD CONSTRAINT ck CHECK (name NOT LIKE '%% \\:b %%' AND name <> 'x\\\\y')")""",
    ),
    "index with what others read as a parameter": (
        "index-not-concurrent",
        r"""op.execute("CREATE INDEX ix ON users ((name || ' \\:c %')) WHERE name NOT LIKE '% \\:b %'")""",
    ),
    "update with what others read as a parameter": (
        "whole-table-update",
        r"""op.execute("UPDATE users SET status = 'old' WHERE name NOT LIKE '% \\:b %' AND name LIKE 'n1%'")""",
    ),
    "delete with what others read as a parameter": (
        "whole-table-delete",
        r"""op.execute("DELETE FROM teams WHERE title NOT LIKE '% \\:b %' AND title LIKE 't1%'")""",
    ),
    "check of a column": (
        "column-with-check",
        'op.execute("ALTER TABLE users ADD COLUMN n int DEFAULT 7 CHECK (n > 0)")',
    ),
    "not null": ("set-not-null", 'op.alter_column("users", "email", nullable=False)'),
    "unique with all that it can say": (
        "unique-constraint",
        (
            'op.execute("ALTER TABLE users ADD CONSTRAINT uq UNIQUE NULLS NOT DISTINCT (email, name) INCLUDE (age) '
            'DEFERRABLE INITIALLY DEFERRED")'
        ),
    ),
    "unique column": ("unique-constraint", 'op.add_column("users", sa.Column("handle", sa.String(20), unique=True))'),
    "unique in the column": (
        "column-with-unique",
        'op.execute("ALTER TABLE users ADD COLUMN handle varchar(20) UNIQUE")',
    ),
    "primary key": (
        "primary-key",
        (
            'op.execute("ALTER TABLE teams DROP CONSTRAINT teams_pkey")\n'
            'op.create_primary_key("teams_pkey", "teams", ["id", "title"])'
        ),
    ),
    "default of each row": (
        "volatile-default",
        'op.add_column("users", sa.Column("key", sa.Uuid, server_default=sa.text("gen_random_uuid()"), nullable=False))',
    ),
    "time of each row": (
        "volatile-default",
        'op.execute("ALTER TABLE users ADD COLUMN at timestamptz(3) DEFAULT clock_timestamp()")',
    ),
    "dropped index": ("drop-index-not-concurrent", 'op.drop_index("ix_old", "users")'),
    "update": (
        "whole-table-update",
        "op.execute(\"UPDATE users SET status = 'old' WHERE status = 'new' AND age > 3\")",
    ),
    "delete": ("whole-table-delete", 'op.execute("DELETE FROM orders WHERE total < 9")'),
    "truncate": ("truncate", 'op.execute("TRUNCATE orders")'),
    "copy": ("whole-table-copy", 'op.execute("INSERT INTO teams (id, title) SELECT id + 100, name FROM users")'),
}
_COUNTS = """SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM teams), (SELECT count(*) FROM users),
    (SELECT count(*) FILTER (WHERE status = 'old') FROM users)"""


@pytest.fixture(scope="module")
def pasted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """For each case the revisions that its finding asks for."""
    cases = [Case(name, upgrade, setup=_BEFORE) for name, (_, upgrade) in CASES.items()]
    judged = judge_all(tmp_path_factory.mktemp("pasted"), cases)
    return {name: _revisions(judged[name].judgement.findings, CASES[name][0]) for name in CASES}


@pytest.mark.parametrize("name", CASES)
def test_the_pasted_code_ends_where_the_original_does(server: Server, pasted: dict[str, list[str]], name: str) -> None:
    """The same schema and the same rows; each revision in a transaction of its own, names under a convention."""
    first, last = CASES[name][1].rpartition("\n")[::2]
    revisions = [f"{first}\n{pasted[name][0]}", *pasted[name][1:]]

    original, rewritten = (_run(server, each) for each in ([first + "\n" + last], revisions))

    assert compare(original[0], rewritten[0]).differences == ()
    assert original[1] == rewritten[1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("total TYPE bigint USING total * 100", 'set={"total_new": "total * 100"}'),
        ('code TYPE text COLLATE "C"', 'ADD COLUMN code_new text COLLATE \\"C\\"'),
    ],
)
def test_a_second_column_gets_what_the_change_of_type_says(tmp_path: Path, change: str, said: str) -> None:
    """USING and COLLATE are a part of it."""
    case = Case("typed", f"op.execute('ALTER TABLE orders ALTER COLUMN {change}')")
    (finding,) = [each for each in judge_all(tmp_path, [case])["typed"].loud if each.id == "type-change-rewrites"]
    assert said in finding.replacement


_BEFORE = """
op.create_index("ix_old", "users", ["age"])
op.execute("CREATE TABLE trips (user_id bigint, day int) PARTITION BY RANGE (day)")
op.execute("CREATE TABLE trips_1 PARTITION OF trips FOR VALUES FROM (1) TO (10)")
op.execute("CREATE TABLE trips_2 PARTITION OF trips FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (day)")
op.execute("CREATE TABLE trips_2a PARTITION OF trips_2 DEFAULT")
"""


def _revisions(findings: Sequence[object], hazard: str) -> list[str]:
    replacement = next(each.replacement for each in findings if each.id == hazard)  # type: ignore[attr-defined]
    return [each for each in _NEXT_REVISION.split(replacement) if each.strip()]


def _run(server: Server, bodies: Sequence[str]) -> tuple[object, object]:
    url = server.make_database()
    try:
        _upgrade(url, [TABLES + _BEFORE + _ROWS, *bodies])
        with closing(psycopg2.connect(url)) as connection:
            picture = take_snapshot(connection, ignore=("public.interlocking_backfill",))
            with connection.cursor() as cursor:
                cursor.execute(_COUNTS)
                return picture, cursor.fetchone()
    finally:
        server.drop(url)


def _upgrade(url: str, bodies: Sequence[str]) -> None:
    engine = sa.create_engine("postgresql+psycopg2://", creator=lambda: psycopg2.connect(url))
    options = {"transaction_per_migration": True, "target_metadata": _CONVENTION}
    for body in bodies:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts=options)
            with context.begin_transaction(_per_migration=True), Operations.context(context) as op:
                exec(body, {"op": op, "sa": sa, "postgresql": postgresql})
    engine.dispose()
