"""Operations that an empty database leads the code past are named, never silently safe."""

from __future__ import annotations

from interlocking.review.reading.unreached import NOT_REACHED, unreached
from tests.review.projects import History

BODIES = {
    "loop": """
        bind = op.get_bind()
        for row in bind.execute(sa.text("SELECT id FROM t WHERE id > 1")):
            bind.execute(sa.text("UPDATE t SET id = :id"), {"id": row.id})
    """,
    "condition": """
        if "a" in [each["name"] for each in sa.inspect(op.get_bind()).get_indexes("t")]:
            op.drop_index("a", "t")
        op.execute("ANALYZE t")
    """,
    "other_database": """
        bind = op.get_bind()
        bind.execute(sa.text("SELECT id FROM t"))
        if bind.dialect.name == "mysql":
            op.execute("REPAIR t")
    """,
    "reached": """
        if not sa.inspect(op.get_bind()).has_table("t"):
            op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))
            with op.batch_alter_table("t") as batch_op:
                batch_op.add_column(
                    sa.Column("a", sa.Text()))
    """,
    "nothing_asked": """
        if False:
            op.execute("DELETE FROM t")
    """,
    "argument": """
        from alembic import context
        if context.get_x_argument(as_dictionary=True).get("data"):
            op.execute("DELETE FROM t")
    """,
    "environment": """
        import os
        wanted = os.environ.get("CLEAN") == "1"
        if not wanted:
            return
        op.execute("DELETE FROM t")
    """,
    "environment_reached": """
        import os
        if os.environ.get("CLEAN") == "1":
            print("clean")
        op.execute("DELETE FROM t")
    """,
    "stopped": """
        op.get_bind().execute(sa.text("SELECT id FROM t")).one()
        op.execute("DELETE FROM t")
    """,
}


def test_what_was_passed_over_is_named_with_its_line(history: History) -> None:
    for number, (name, body) in enumerate(BODIES.items()):
        history.write(name, body, down=list(BODIES)[number - 1] if number else None)
    readings = history.read()
    found = {name: [each for each in unreached(readings[name]) if each.id == NOT_REACHED] for name in BODIES}
    found = {name: [(each.line, each.direction) for each in findings] for name, findings in found.items()}
    assert found == {
        "loop": [(11, "upgrade")],
        "condition": [(10, "upgrade")],
        "other_database": [],
        "reached": [],
        "nothing_asked": [],
        "argument": [(11, "upgrade")],
        "environment": [(13, "upgrade")],
        "environment_reached": [],
        "stopped": [],
    }
    assert [each.kind for each in readings["stopped"].problems] == ["needs-database"]


def test_what_kind_of_database_it_is_decides_nothing(history: History) -> None:
    """It is PostgreSQL, here and everywhere."""
    reading = history.read_one("""
        inspector = sa.inspect(op.get_bind())
        print(inspector.get_table_names())
        if inspector.dialect.name == "postgresql":
            op.execute("DELETE FROM t")
    """)
    assert reading.asked
    assert list(unreached(reading)) == []
