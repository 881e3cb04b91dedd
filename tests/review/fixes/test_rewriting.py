"""What a rewritten file looks like: comments, spacing and style stay."""

from __future__ import annotations

import textwrap
from pathlib import Path

from interlocking.review.fixes.files import write_fixes
from interlocking.review.reviewing import review
from tests.review.fixes.proposing import BASE, after, downgrade_of, proposed, upgrade_of
from tests.review.projects import History


def test_comments_and_layout_stay_where_they_were(guarded: History) -> None:
    """Above, behind and inside a call, with and without a trailing comma."""
    guarded.write(
        "one",
        """
        # the dashboard asks for this
        op.create_index(
            "ix_total", "orders",
            ["total"],  # newest first
        )  # cheap
        op.create_index("ix_code", "orders", ["code"])

        op.create_check_constraint("positive",
                                   "orders",
                                   "total > 0"  # no gifts
                                   )
        op.create_index("ix_label", "orders", ["code"]  # again
        )
        """,
        'op.drop_index("ix_total")\nop.execute("SELECT 1")\nop.drop_index("ix_code")\nop.drop_constraint("positive", "orders")',
        down="shop",
    )

    assert upgrade_of(proposed(guarded), "one") == textwrap.dedent(
        """\
        # the dashboard asks for this
        with op.get_context().autocommit_block():
            op.create_index(
                "ix_total", "orders",
                ["total"],  # newest first
                postgresql_concurrently=True,
            )  # cheap
            op.create_index("ix_code", "orders", ["code"], postgresql_concurrently=True)

        op.create_check_constraint("positive",
                                   "orders",
                                   "total > 0",  # no gifts
                                   postgresql_not_valid=True
                                   )
        with op.get_context().autocommit_block():
            op.create_index("ix_label", "orders", ["code"],  # again
                postgresql_concurrently=True
            )
        """
    )


def test_new_code_looks_as_its_file_does(guarded: History) -> None:
    """Single quotes, tabs; what stood behind a part that is gone stands above what became of it."""
    text = """from alembic import op
import sqlalchemy as sa
revision = 'one'
down_revision = 'shop'
def upgrade():
	op.create_unique_constraint(
		'uq_code',
		'orders',
		['code'],  # printed on paper
	)  # for ever
	op.add_column('orders', sa.Column(
		'note',
		sa.Text(),  # any length
		comment="isn't empty",  # it is not
		index=True,  # searched
		unique=True,
	))
	op.alter_column('orders', 'total', nullable=False,  # at last
		existing_type=sa.Integer(), server_default='0')
def downgrade():
	raise NotImplementedError('no way back')
"""
    guarded.raw("one", text)

    fixes = proposed(guarded)

    assert (
        after(fixes, "one").partition("def upgrade():\n")[2].partition("def downgrade")[0]
        == """\
	# printed on paper
	with op.get_context().autocommit_block():
		op.create_index(
			op.f('uq_code'),
			'orders',
			['code'],
			unique=True,
			postgresql_concurrently=True,
		)  # for ever
	op.execute('ALTER TABLE orders ADD CONSTRAINT uq_code UNIQUE USING INDEX uq_code')
	op.add_column('orders', sa.Column(
		'note',
		sa.Text(),  # any length
		comment="isn't empty",  # it is not
	))
	# searched
	with op.get_context().autocommit_block():
		op.create_index(
			op.f('ix_orders_note'),
			'orders',
			['note'],
			unique=True,
			postgresql_concurrently=True,
		)
	op.alter_column('orders', 'total',
		existing_type=sa.Integer(), server_default='0')
	# at last
	op.create_check_constraint(
		op.f('orders_total_is_not_null'),
		'orders',
		'total IS NOT NULL',
		postgresql_not_valid=True,
	)
"""
    )
    assert "revision = '20261126_orders_not_null'" in after(fixes, "20261126_orders_not_null")


def test_a_following_revision_is_written_in_the_style_of_the_first(guarded: History) -> None:
    """Its imports, annotations, comments and line ends; what it does not use is not imported."""
    text = '''"""Money is never owed.

Revision ID: one
Revises: shop
Create Date: 2026-11-20

"""

from __future__ import annotations

from typing import Sequence

import sqlalchemy as sa
from alembic import op as o

# revision identifiers, used by Alembic.
revision: str = "one"
down_revision: str | Sequence[str] | None = "shop"
branch_labels = ("money",)
depends_on = None


def upgrade() -> None:
    """Upgrade schema."""
    o.create_check_constraint(o.f("positive"), "orders", sa.column("total") > 0)


def downgrade() -> None:
    o.drop_constraint(o.f("positive"), "orders", type_="check")
'''
    guarded.raw("one", "").write_bytes(text.replace("\n", "\r\n").encode())

    new = after(proposed(guarded), "20261126_validate_orders")

    expected = '''"""validate orders

Revision ID: 20261126_validate_orders
Revises: one
Create Date: 2026-11-26

"""

from __future__ import annotations

from typing import Sequence

from alembic import op as o

# revision identifiers, used by Alembic.
revision: str = "20261126_validate_orders"
down_revision: str | Sequence[str] | None = "one"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Upgrade schema."""
    o.execute("ALTER TABLE orders VALIDATE CONSTRAINT positive")


def downgrade() -> None:
    pass
'''
    assert new == expected.replace("\n", "\r\n")


def test_later_revisions_go_behind_the_new_ones(guarded: History) -> None:
    """One for each table and stage; every child of the first is put behind the last, its docstring too."""
    guarded.write(
        "one",
        """
        op.create_foreign_key("fk", "orders", "customer", ["customer_id"], ["id"])
        op.add_column("customer", sa.Column("key", sa.Uuid(), nullable=False, server_default=sa.func.gen_random_uuid()))
        """,
        'op.drop_column("customer", "key")\nop.drop_constraint("fk", "orders")',
        down="shop",
    )
    guarded.write("left", "pass", "pass", down="one")
    guarded.raw(
        "joined", '"""joined\n\nRevises: one, left\n"""\nrevision = "joined"\ndown_revision = (\'one\', "left")\n'
    )

    fixes = proposed(guarded)
    write_fixes(guarded.project, fixes)

    chain = ("one", "20261126_fill_customer", "20261126_validate_orders", "20261126_customer_not_null")
    graph = guarded.graph
    assert fixes.revisions == chain
    assert [(each.finding.id, each.revisions[1:]) for each in fixes.fixed] == [
        ("volatile-default", (chain[1], chain[3])),
        ("foreign-key-validated", (chain[2],)),
    ]
    assert [graph.parents(id_) for id_ in chain[1:]] == [(id_,) for id_ in chain[:-1]]
    assert graph.parents("left") == (chain[-1],)
    assert graph.parents("joined") == (chain[-1], "left")
    assert "Revises: 20261126_customer_not_null, left" in after(fixes, "joined")
    assert [each.change for each in fixes.files] == ["rewritten"] + ["written"] * 3 + ["re-pointed"] * 2
    assert proposed(guarded).files == ()


def test_a_batch_goes_on_around_what_leaves_it(guarded: History) -> None:
    """The order stays: an index is built where its call stood."""
    guarded.write(
        "one",
        """
        # sizes
        with op.batch_alter_table("orders", schema=None) as batch_op:
            batch_op.add_column(sa.Column("size", sa.Integer()))
            batch_op.create_index(batch_op.f("ix_size"), ["size"], unique=False)
            batch_op.drop_column("code")
        """,
        'op.drop_index("ix_size")\nop.add_column("orders", sa.Column("code", sa.Text()))\nop.drop_column("orders", "size")',
        down="shop",
    )

    assert upgrade_of(proposed(guarded), "one") == textwrap.dedent(
        """\
        # sizes
        with op.batch_alter_table("orders", schema=None) as batch_op:
            batch_op.add_column(sa.Column("size", sa.Integer()))
        with op.get_context().autocommit_block():
            op.create_index(
                op.f("ix_size"),
                "orders",
                ["size"],
                unique=False,
                postgresql_concurrently=True,
            )
        with op.batch_alter_table("orders", schema=None) as batch_op:
            batch_op.drop_column("code")
        """
    )


def test_an_index_that_is_sql_has_a_way_back_that_locks_nobody_out(guarded: History) -> None:
    """Whichever of both is written as SQL, in whatever letters."""
    guarded.write(
        "one",
        """
        op.execute("create unique index if not exists ix_code on orders (code)")
        op.create_index("ix_total", "orders", ["total"])
        op.execute("CREATE INDEX ix_both ON orders (code, total)")
        """,
        'op.drop_index("ix_both")\nop.execute("DROP INDEX IF EXISTS ix_total")\nop.execute("drop index public.ix_code")',
        down="shop",
    )

    fixes = proposed(guarded)

    assert upgrade_of(fixes, "one") == textwrap.dedent(
        """\
        with op.get_context().autocommit_block():
            op.execute("create unique index concurrently if not exists ix_code on orders (code)")
            op.create_index("ix_total", "orders", ["total"], postgresql_concurrently=True)
            op.execute("CREATE INDEX CONCURRENTLY ix_both ON orders (code, total)")
        """
    )
    assert downgrade_of(fixes, "one") == textwrap.dedent(
        """\
        with op.get_context().autocommit_block():
            op.drop_index("ix_both", postgresql_concurrently=True)
            op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_total")
            op.execute("drop index concurrently public.ix_code")
        """
    )


def test_what_is_put_off_stands_back_only_behind_what_touches_it(guarded: History) -> None:
    """Another column may be dropped in the same revision."""
    guarded.write(
        "one",
        """
        op.create_foreign_key("fk", "orders", "customer", ["customer_id"], ["id"])
        op.create_check_constraint("ck", "orders", "total > 0")
        op.alter_column("orders", "total", nullable=False)
        op.alter_column("orders", "id", new_column_name="number")
        op.drop_column("orders", "code")
        """,
        down="shop",
    )

    fixes = proposed(guarded)

    assert fixes.left == ()
    assert len(fixes.fixed) == 3


def test_the_way_back_from_not_null_takes_the_check_away(guarded: History) -> None:
    """Where it made the column nullable; else first; and a downgrade that refuses goes on refusing."""
    way_back = {
        "total": 'op.execute("SELECT 1")\nop.alter_column("orders", "total", nullable=True, type_=sa.Integer())',
        "customer_id": '"""Back."""\npass',
        "code": "raise NotImplementedError",
    }
    types = {"total": "type_=sa.BigInteger(), "}
    for id_, downgrade in way_back.items():
        guarded.write(
            id_, f'op.alter_column("orders", "{id_}", {types.get(id_, "")}nullable=False)', downgrade, down="shop"
        )

    fixes = proposed(guarded)

    assert [downgrade_of(fixes, id_) for id_ in way_back] == [
        way_back["total"] + '\nop.drop_constraint(op.f("orders_total_is_not_null"), "orders", type_="check")\n',
        '"""Back."""\nop.drop_constraint(\n    op.f("orders_customer_id_is_not_null"),\n    "orders",\n    type_="check",\n)\n',
        "raise NotImplementedError\n",
    ]
    assert upgrade_of(fixes, "total").startswith('op.alter_column("orders", "total", type_=sa.BigInteger())\n')


def test_one_call_with_several_findings_becomes_one_operation_each(guarded: History) -> None:
    """Default, key and index of a new column, each in its safe form; also inside blocks."""
    guarded.write(
        "column",
        """op.add_column("orders", sa.Column("t", sa.Uuid(), sa.ForeignKey("customer.id", onupdate="CASCADE"),
            server_default=sa.text("gen_random_uuid()"), index=True, unique=True, nullable=False))""",
        'op.drop_column("orders", "t")',
        down="shop",
    )
    blocks = """with op.get_context().autocommit_block():
    op.create_index("ix", "orders", ["code"])
with op.batch_alter_table("orders") as batch:
    batch.create_check_constraint("ck", "total > 0")"""
    guarded.write("blocks", blocks, 'op.drop_constraint("ck", "orders")\nop.drop_index("ix")', down="column")

    fixes = proposed(guarded)

    column = " ".join(upgrade_of(fixes, "column").split())
    assert column.startswith(
        'op.add_column("orders", sa.Column("t", sa.Uuid(), nullable=True)) '
        'op.alter_column("orders", "t", server_default=sa.text("gen_random_uuid()")) '
        'op.create_foreign_key( op.f("orders_t_fkey"), "orders", "customer", ["t"], ["id"], onupdate="CASCADE", '
        "postgresql_not_valid=True, ) with op.get_context().autocommit_block(): op.create_index("
    )
    assert (
        upgrade_of(fixes, "blocks")
        == blocks.replace('["code"]', '["code"], postgresql_concurrently=True').replace(
            '"total > 0"', '"total > 0", postgresql_not_valid=True'
        )
        + "\n"
    )
    write_fixes(guarded.project, fixes)
    found = review(guarded.project, guarded.graph, fixes.revisions)
    assert (found.errors, found.unread) == ((), ())


def test_a_file_in_another_encoding_keeps_it(guarded: History) -> None:
    """And the one that follows has it too, with what stands above the docstring."""
    text = """# -*- coding: latin-1 -*-
# by Jérôme
from alembic import op
revision = "one"
down_revision = "shop"
def upgrade():
  op.create_check_constraint("größer", "orders", "total > 0")
def downgrade():
  op.drop_constraint("größer", "orders")
"""
    guarded.raw("one", "").write_bytes(text.encode("latin-1"))

    first, second = (each.after.decode("latin-1") for each in proposed(guarded).files)

    assert first == text.replace('> 0")', '> 0", postgresql_not_valid=True)')
    assert second.startswith('# -*- coding: latin-1 -*-\n# by Jérôme\n"""validate orders"""\n')
    assert '  op.execute("ALTER TABLE orders VALIDATE CONSTRAINT \\"größer\\"")\n' in second


def test_without_the_guard_validation_does_not_share_a_transaction(tmp_path: Path) -> None:
    """Alembic's stock env.py runs all revisions in one: there VALIDATE gets an autocommit_block."""
    history = History.begin(tmp_path / "project")
    history.write("shop", BASE)
    history.write(
        "one", 'op.alter_column("orders", "total", nullable=False)', 'op.alter_column("orders", "total", nullable=True)',
        down="shop",
    )  # fmt: skip

    fixes = proposed(history)
    write_fixes(history.project, fixes)

    assert "autocommit_block" in after(fixes, "20261126_orders_not_null")
    assert review(history.project, history.graph, fixes.revisions).errors == ()
