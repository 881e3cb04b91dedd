"""What revisions make, as far as their files say it for certain."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlocking.upgrade.made_tables import made_tables


def made(tmp_path: Path, *bodies: str) -> list[str]:
    files = []
    for number, body in enumerate(bodies):
        path = tmp_path / f"r{number}.py"
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        path.write_text(
            f"from alembic import op\n\ndef upgrade():\n{lines}\n\ndef downgrade():\n    op.create_table('z')\n"
        )
        files.append((f"r{number}", path))
    return [f"{each.revision}:{each.shown}" for each in made_tables(files)]


@pytest.mark.parametrize(
    ("body", "tables"),
    [
        ("op.create_table('a', sa.Column('id', sa.Integer))", ["r0:a"]),
        ("table = op.create_table('A', schema='s')", ["r0:s.A"]),
        ("op.create_table('a', schema=None)", ["r0:a"]),
        ("with op.get_context().autocommit_block():\n    op.create_table('a')", ["r0:a"]),
        (
            "op.execute('create table Shop.Orders (id int); CREATE UNLOGGED TABLE \"B b\" ()')",
            ["r0:shop.orders", "r0:B b"],
        ),
        ("op.execute(sa.text('CREATE TABLE a ()'))", ["r0:a"]),
        ("op.execute('''\n  -- first\n  CREATE TABLE a\n  ()''')", ["r0:a"]),
    ],
)
def test_a_table_that_is_always_made_is_found(tmp_path: Path, body: str, tables: list[str]) -> None:
    """By Alembic's call or by SQL."""
    assert tables == made(tmp_path, body)


@pytest.mark.parametrize(
    "body",
    [
        "if missing('a'):\n    op.create_table('a')",
        "op.create_table('a', if_not_exists=True)",
        "op.execute('CREATE TABLE IF NOT EXISTS a ()')",
        "op.execute('CREATE TEMPORARY TABLE a ()')",
        "op.execute('DO $$ BEGIN CREATE TABLE a (); EXCEPTION WHEN OTHERS THEN END $$')",
        "op.create_table(name())",
        "op.create_table()",
        "other.create_table('a')",
        "op.execute(statement)",
        "op.execute()",
        "op.execute('DROP TABLE a; CREATE TABLE a ()')",
        "op.drop_table('a')\nop.create_table('a')",
    ],
)
def test_what_is_not_certain_does_not_count(tmp_path: Path, body: str) -> None:
    """A refusal on a guess would stop a good upgrade."""
    assert [] == made(tmp_path, body)


def test_a_name_that_an_earlier_revision_frees_is_no_obstacle(tmp_path: Path) -> None:
    """A history that takes over somebody's table begins like that."""
    assert ["r1:b"] == made(tmp_path, "op.rename_table('a', 'old')", "op.create_table('a')\nop.create_table('b')")
    assert [] == made(tmp_path, "op.execute('ALTER TABLE a RENAME TO old')", "op.create_table('a')")
    assert [] == made(tmp_path, "op.execute('ALTER TABLE a SET SCHEMA old')", "op.create_table('a')")


def test_a_table_is_named_once_with_the_first_revision_that_makes_it(tmp_path: Path) -> None:
    """In the order in which they run."""
    assert ["r0:b", "r1:a"] == made(tmp_path, "op.create_table('b')", "op.create_table('a')\nop.create_table('b')")


def test_a_file_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    """Alembic reports it, or runs its compiled form."""
    (tmp_path / "bad.py").write_text("def upgrade(:")

    assert [] == made_tables([("gone", tmp_path / "gone.py"), ("bad", tmp_path / "bad.py")])


def test_only_the_function_that_alembic_calls_counts(tmp_path: Path) -> None:
    """Of two the last one, also by another name."""
    path = tmp_path / "twice.py"
    path.write_text(
        "def upgrade():\n    op.create_table('a')\n\ndef run():\n    op.create_table('b')\n\nupgrade = run\n"
    )

    assert ["b"] == [each.name for each in made_tables([("twice", path)])]
