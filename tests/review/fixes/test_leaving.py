"""What has no one right answer is left with its reason."""

from __future__ import annotations

import subprocess

from interlocking.review.fixes.files import perhaps_applied, propose_fixes
from interlocking.review.fixes.result import Fixes
from interlocking.review.reviewing import review
from tests.review.fixes.proposing import TODAY, proposed
from tests.review.projects import History

IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@localhost")
KEY = 'op.create_foreign_key("fk", "orders", "customer", ["customer_id"], ["id"])'
LEFT = {
    "condition": ('if True:\n    op.create_index("ix", "orders", ["total"])', "not a call of op on a line of its own"),
    "loop": (
        'for name in ("code",):\n    op.create_index("ix", "orders", [name])',
        "not a call of op on a line of its own",
    ),
    "twice": (
        'op.create_index("a", "orders", ["code"]); op.execute("SELECT 1")',
        "not a call of op on a line of its own",
    ),
    "imported": ('from alembic.op import create_index\ncreate_index("ix", "orders", ["code"])', "not a call of op"),
    "unnamed": ('op.create_foreign_key(None, "orders", "customer", ["customer_id"], ["id"])', "has no name"),
    "unpacked": ('op.create_index(*("ix", "orders", ["total"]))', "unpacks"),
    "renamed": (
        'op.create_check_constraint("ck", "orders", "total > 0")\nop.drop_column("orders", "total")',
        "changes what is put off",
    ),
    "table_renamed": (
        'op.alter_column("orders", "total", nullable=False)\nop.rename_table("orders", "purchases")',
        "changes what is put off",
    ),
    "column_renamed": (
        f'{KEY}\nop.alter_column("orders", "customer_id", new_column_name="buyer_id")',
        "changes what is put off",
    ),
    "dropped_again": (f'{KEY}\nop.drop_constraint("fk", "orders")', "changes what is put off"),
    "elsewhere": ('size = sa.Column("size", sa.Integer(), index=True)\nop.add_column("orders", size)', "not written"),
    "partitioned": ('op.create_foreign_key("fk", "visit", "customer", ["customer_id"], ["id"])', "is partitioned"),
    "column": ('op.execute("ALTER TABLE orders ADD COLUMN t float DEFAULT random()")', "written as SQL"),
    "nameless": ('op.execute("ALTER TABLE orders ADD CHECK (total > 0)")', "has no name"),
    "named": ('op.execute("ALTER TABLE orders ADD CONSTRAINT nn NOT NULL total")', "names the constraint"),
    "several": (
        "op.execute(\"ALTER TABLE orders ALTER total SET NOT NULL, ALTER code SET DEFAULT ''\")",
        "several things",
    ),
    "remark": ('op.execute("ALTER TABLE orders ADD CONSTRAINT ck CHECK (total > 0) -- no gifts")', "does not end"),
    "block": ('op.execute("DO $$ BEGIN CREATE INDEX i ON orders (code); END $$")', "inside other SQL"),
    "formatted": ('name = "ix"\nop.execute(f"CREATE INDEX {name} ON orders (total)")', "not one plain text"),
    "options": ('op.create_unique_constraint("uq", "orders", ["code"], postgresql_nulls_not_distinct=True)', "options"),
}


def test_what_has_no_one_right_answer_is_left_with_its_reason(guarded: History) -> None:
    """And its file stays as it is."""
    for id_, (upgrade, _) in LEFT.items():
        guarded.write(id_, upgrade, down="shop")

    fixes = proposed(guarded)

    reasons = {each.finding.revision: each.reason for each in fixes.left}
    assert fixes.files == ()
    assert set(reasons) == set(LEFT)
    assert {id_: reason for id_, reason in reasons.items() if LEFT[id_][1] not in reason} == {}


def test_a_file_without_plain_variables_is_no_pattern_for_another(guarded: History) -> None:
    """Alembic would take the id from the name of the file."""
    text = """from alembic import op
down_revision = "shop"
def upgrade():
    op.create_check_constraint("ck", "orders", "total > 0")
def downgrade():
    op.drop_constraint("ck", "orders")
"""
    guarded.raw("abc123", text)

    fixes = proposed(guarded)

    assert fixes.files == ()
    assert ["not variables" in each.reason for each in fixes.left] == [True]


def test_an_allowed_finding_is_not_touched(guarded: History) -> None:
    """Somebody decided."""
    allowed = 'op.create_index("ix", "orders", ["total"])  # interlocking: allow index-not-concurrent: at night'
    guarded.write("one", allowed, 'op.drop_index("ix")', down="shop")

    assert proposed(guarded) == Fixes()


def test_names_that_a_convention_would_change_are_left(guarded: History) -> None:
    """The review does not know it: only a name in op.f is what it says."""
    guarded.write("one", 'op.create_check_constraint("positive", "orders", "total > 0")', down="shop")
    guarded.write("two", 'op.create_check_constraint(op.f("positive"), "orders", "total > 0")', down="shop")
    guarded.write("three", 'op.add_column("orders", sa.Column("size", sa.Integer(), index=True))', down="shop")
    convention = 'MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"})\n'
    (guarded.root / "models.py").write_text(f"from sqlalchemy import MetaData\nmetadata = {convention}")

    fixes = proposed(guarded)

    assert {each.finding.revision for each in fixes.left} == {"one", "three"}
    assert [each.finding.revision for each in fixes.fixed] == ["two"]


def test_files_that_are_no_plain_revisions_are_left(guarded: History) -> None:
    """One that a link leads to elsewhere."""
    path = guarded.write("one", 'op.create_index("ix", "orders", ["total"])', 'op.drop_index("ix")', down="shop")
    target = guarded.root / "elsewhere.py"
    path.rename(target)
    path.symlink_to(target)

    fixes = proposed(guarded)

    assert fixes.files == ()
    assert ["is not a plain revision file" in each.reason for each in fixes.left] == [True]


def test_what_a_database_elsewhere_may_have_is_not_touched(guarded: History) -> None:
    """The main branch says so; who names a revision that is pending here decides, and a blind run never."""
    guarded.write("one", 'op.create_check_constraint("ck", "orders", "total > 0")', "pass", down="shop")
    guarded.write("two", 'op.create_index("ix", "orders", ["total"])', 'op.drop_index("ix")', down="one")
    assert _spared(guarded, pending=True) == set()
    assert _spared(guarded, pending=False) == {"shop", "one", "two"}

    for words in (("init", "-q", "-b", "main"), ("add", "migrations/versions/[st]*"), ("commit", "-qm", "x")):
        subprocess.run(["git", *IDENTITY, *words], cwd=guarded.root, check=True)

    assert _spared(guarded, pending=True) == _spared(guarded, "one", pending=False) == {"shop", "two"}
    assert _spared(guarded, "two", pending=True) == {"shop"}
    assert _spared(guarded, "two", pending=False) == {"shop", "two"}
    graph = guarded.graph
    found = review(guarded.project, graph, ["one", "two"])
    fixes = propose_fixes(guarded.project, graph, found, today=TODAY, spared={"two": "others have it"})
    assert fixes.files == ()
    assert [each.reason for each in fixes.left] == ["two comes behind it: others have it", "others have it"]


def _spared(history: History, *named: str, pending: bool) -> set[str]:
    return set(perhaps_applied(history.project, history.graph, pending=pending, named=named))
