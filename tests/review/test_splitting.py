"""A revision that mixes phases: the revisions to write instead, and what they do on a real server."""

from __future__ import annotations

import textwrap
from contextlib import closing

import psycopg2
import pytest

from interlocking.postgres.catalog import Snapshot, take_snapshot
from interlocking.postgres.diff import compare
from interlocking.review.parting.splitting import Split, split_revision
from interlocking.review.reviewing import review
from tests.review.projects import History, run_upgrades
from tests.servers import Server

BASE = """
op.create_table(
    "users",
    sa.Column("id", sa.BigInteger(), primary_key=True),
    sa.Column("name", sa.Text()),
    sa.Column("age", sa.Text()),
)
op.create_table("teams", sa.Column("id", sa.BigInteger(), primary_key=True))
"""
MIXED = """
with op.batch_alter_table("users", schema=None) as batch_op:
    batch_op.add_column(sa.Column("note", sa.Text(), nullable=False))
    # the team comes later
    batch_op.add_column(sa.Column("team_id", sa.BigInteger(), sa.ForeignKey("teams.id", name="fk_team"), nullable=True))
    batch_op.drop_column("age")
    batch_op.create_index("ix_note", ["note"], unique=False)
op.add_column("teams", sa.Column("city", sa.String(40), nullable=False))
conn = op.get_bind()
value = "x"
conn.execute(
    sa.text("UPDATE users SET note = :value"), {"value": value}
)
op.execute("COMMENT ON TABLE users IS 'people'")
op.execute("SET lock_timeout = '1s'")
unused = 1
op.execute("ALTER TABLE users ADD CONSTRAINT ck CHECK (name <> '')")
"""


def split_of(history: History, upgrade: str) -> Split:
    history.write("base", BASE)
    history.write("mixed", upgrade, down="base")
    found = review(history.project, history.graph, ["mixed"])
    (reading,) = found.readings
    assert not found.unreadable
    return split_revision(reading, found.phases["mixed", "upgrade"])


def test_blocks_and_required_columns_are_parted(history: History) -> None:
    expand, data, contract = split_of(history, MIXED).parts
    assert (expand.phase, data.phase, contract.phase) == ("expand", "data", "contract")
    assert expand.code == textwrap.dedent("""\
        with op.batch_alter_table("users", schema=None) as batch_op:
            batch_op.add_column(sa.Column("note", sa.Text(), nullable=True))
            batch_op.add_column(sa.Column("team_id", sa.BigInteger(), sa.ForeignKey("teams.id", name="fk_team"), nullable=True))
            batch_op.create_index("ix_note", ["note"], unique=False)
        op.add_column("teams", sa.Column("city", sa.String(40), nullable=True))
        op.execute("COMMENT ON TABLE users IS 'people'")
        op.execute("SET lock_timeout = '1s'")""")
    assert data.code == textwrap.dedent("""\
        conn = op.get_bind()
        value = "x"
        conn.execute(
            sa.text("UPDATE users SET note = :value"), {"value": value}
        )
        op.execute("SET lock_timeout = '1s'")""")
    assert contract.code == textwrap.dedent("""\
        with op.batch_alter_table("users", schema=None) as batch_op:
            batch_op.alter_column("note", existing_type=sa.Text(), nullable=False)
            batch_op.drop_column("age")
        op.alter_column("teams", "city", existing_type=sa.String(40), nullable=False)
        op.execute("SET lock_timeout = '1s'")
        op.execute("ALTER TABLE users ADD CONSTRAINT ck CHECK (name <> '')")""")


def test_the_parts_end_with_the_same_schema(history: History, server: Server) -> None:
    parts = split_of(history, MIXED).parts
    whole = _schema(server, BASE, MIXED)
    parted = _schema(server, BASE, *(part.code for part in parts))
    assert compare(whole, parted).differences == ()


def _schema(server: Server, *upgrades: str) -> Snapshot:
    url = server.make_database()
    try:
        run_upgrades(url, *upgrades)
        with closing(psycopg2.connect(url)) as connection:
            return take_snapshot(connection)
    finally:
        server.drop(url)


@pytest.mark.parametrize(
    ("upgrade", "obstacle"),
    [
        (
            'op.drop_column("users", "name")\nop.add_column("users", sa.Column("name", sa.Integer()))',
            "line 10 (expand) needs what line 9 (contract) does first",
        ),
        (
            'op.alter_column("users", "name", new_column_name="label")\nop.execute("UPDATE users SET label = 1")',
            "line 10 (data) needs what line 9 (contract) does first",
        ),
        (
            'op.rename_table("users", "people")\nop.execute("DELETE FROM people WHERE id = 1")',
            "line 10 (data) needs what line 9 (contract) does first",
        ),
        (
            'for name in ("a", "b"):\n    op.add_column("teams", sa.Column(name, sa.Text()))\n    op.drop_column("users", name)',
            "what begins in line 9 is of several phases",
        ),
    ],
)
def test_what_cannot_be_parted_says_why(history: History, upgrade: str, obstacle: str) -> None:
    assert split_of(history, upgrade) == Split(obstacle=obstacle)


def test_another_table_of_the_same_column_is_no_obstacle(history: History) -> None:
    split = split_of(history, 'op.drop_column("users", "name")\nop.add_column("teams", sa.Column("name", sa.Text()))')
    assert [part.phase for part in split.parts] == ["expand", "contract"]


def test_one_phase_is_no_mixture(history: History) -> None:
    assert split_of(history, 'op.add_column("teams", sa.Column("city", sa.Text()))') == Split()
