"""Revisions that a fix rewrites: every recipe, written in the ways that people write them."""

from __future__ import annotations

GUARDED_ENV = """
from alembic import context
from sqlalchemy import MetaData, create_engine
from interlocking.upgrade import guard

guard.run(create_engine(context.config.get_main_option("sqlalchemy.url")), MetaData())
"""

BASE_SQL = """
CREATE TABLE customer (id bigserial PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id bigint, buyer_id bigint, code text,
    label text, total integer, note text, state text, "Mixed Case" integer, old text);
CREATE INDEX ix_orders_old ON orders (old);
CREATE SCHEMA sales;
CREATE TABLE sales.visit (id bigserial PRIMARY KEY, seen integer, customer_id bigint);
INSERT INTO customer (name) SELECT 'c' || n FROM generate_series(1, 20) n;
INSERT INTO orders (customer_id, buyer_id, code, label, total, note, state, "Mixed Case", old)
    SELECT 1 + n % 20, 1 + n % 20, n::text, n::text, n, 'x', 'open', n, 'y' FROM generate_series(1, 50) n;
INSERT INTO sales.visit (seen, customer_id) SELECT n, 1 + n % 20 FROM generate_series(1, 50) n;
"""

BASE = f'''"""shop with rows"""
from alembic import op

revision = "shop"
down_revision = None


def upgrade():
    for statement in {BASE_SQL!r}.split(";")[:-1]:
        op.execute(statement)


def downgrade():
    op.execute("DROP TABLE sales.visit, orders, customer")
    op.execute("DROP SCHEMA sales")
'''

_HEAD = '''"""{id}

Revision ID: {id}
Revises: {down}

"""
{imports}

# revision identifiers, used by Alembic.
revision = "{id}"
down_revision = "{down}"
branch_labels = None
depends_on = None


'''

# name: (upgrade, downgrade, what op is called)
_OPERATIONS: dict[str, tuple[str, str, str]] = {
    "plain_index": (
        'op.create_index("ix_orders_total", "orders", ["total"])',
        'op.drop_index("ix_orders_total", table_name="orders")',
        "op",
    ),
    "odd_index": (
        """# newest first
    o.create_index(
        index_name=o.f("ix_orders_state"),  # a name
        table_name="orders",
        columns=["state", sa.text("id DESC")],
        unique=False,
        postgresql_where=sa.text("state <> 'done'"),
    )""",
        'o.drop_index(o.f("ix_orders_state"), "orders")',
        "o",
    ),
    "dropped_index": (
        'op.drop_index(op.f("ix_orders_old"), table_name="orders")',
        'op.create_index(op.f("ix_orders_old"), "orders", ["old"], unique=False)',
        "op",
    ),
    "hidden": (
        """op.add_column("orders", sa.Column("ref", sa.Integer(), index=True))
    op.add_column("orders", sa.Column("tag", sa.Text(), unique=True))
    op.add_column("orders", sa.Column("rep_id", sa.BigInteger(), sa.ForeignKey("customer.id", ondelete="SET NULL")))""",
        'op.drop_column("orders", "rep_id")\n    op.drop_column("orders", "tag")\n    op.drop_column("orders", "ref")',
        "op",
    ),
    "foreign_key": (
        """op.create_foreign_key(
        "fk_orders_customer", "orders", "customer",
        ["customer_id"], ["id"], ondelete="CASCADE"
    )""",
        'op.drop_constraint("fk_orders_customer", "orders", type_="foreignkey")',
        "op",
    ),
    "key_of_some_columns": (
        """op.add_column(
        "orders", sa.Column("agent_id", sa.BigInteger(), sa.ForeignKey("customer.id", ondelete="SET NULL (agent_id)"))
    )""",
        'op.drop_column("orders", "agent_id")',
        "op",
    ),
    "schema_key": (
        """op.create_foreign_key(
        "fk_visit_customer", "visit", "customer", ["customer_id"], ["id"], source_schema="sales", referent_schema="public"
    )""",
        'op.drop_constraint("fk_visit_customer", "visit", schema="sales", type_="foreignkey")',
        "op",
    ),
    "check": (
        'op.create_check_constraint("total_positive", "orders", sa.column("total") > 0)',
        'op.drop_constraint("total_positive", "orders", type_="check")',
        "op",
    ),
    "unique": (
        'op.create_unique_constraint("uq_orders_code", "orders", ["code"], deferrable=True, initially="DEFERRED")',
        'op.drop_constraint("uq_orders_code", "orders", type_="unique")',
        "op",
    ),
    "not_null": (
        'op.alter_column("orders", "total", existing_type=sa.Integer(), nullable=False)',
        'op.alter_column("orders", "total", existing_type=sa.Integer(), nullable=True)',
        "op",
    ),
    "schema_not_null": (
        'op.alter_column("visit", "seen", nullable=False, server_default="0", schema="sales")',
        'op.alter_column("visit", "seen", server_default=None, nullable=True, schema="sales")',
        "op",
    ),
    "quoted_not_null": (
        'op.alter_column("orders", "Mixed Case", nullable=False)',
        'op.alter_column("orders", "Mixed Case", nullable=True)',
        "op",
    ),
    "volatile": (
        """op.add_column(
        "orders", sa.Column("token", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)
    )
    op.add_column("orders", sa.Column("luck", sa.Float(), server_default=sa.func.random()))""",
        'op.drop_column("orders", "luck")\n    op.drop_column("orders", "token")',
        "op",
    ),
    "batch": (
        """with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.add_column(sa.Column('size', sa.Integer(), nullable=True))
        batch_op.alter_column('note',
               existing_type=sa.TEXT(),
               nullable=False)
        batch_op.create_index(batch_op.f('ix_orders_size'), ['size'], unique=False)
        batch_op.create_unique_constraint('uq_orders_label', ['label'])
        batch_op.create_foreign_key('fk_orders_buyer', 'customer', ['buyer_id'], ['id'])""",
        """with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.drop_constraint('fk_orders_buyer', type_='foreignkey')
        batch_op.drop_constraint('uq_orders_label', type_='unique')
        batch_op.drop_index(batch_op.f('ix_orders_size'))
        batch_op.alter_column('note',
               existing_type=sa.TEXT(),
               nullable=True)
        batch_op.drop_column('size')""",
        "op",
    ),
    "raw": (
        'op.execute("CREATE INDEX ix_orders_raw ON orders (buyer_id, total)")',
        'op.execute("DROP INDEX ix_orders_raw")',
        "op",
    ),
    "raw_constraints": (
        """op.execute('ALTER TABLE orders ADD CONSTRAINT "Raw" CHECK ("Mixed Case" >= 0);')
    op.execute(sa.text("ALTER TABLE sales.visit ADD CONSTRAINT uq_visit_seen UNIQUE (seen) DEFERRABLE"))
    op.execute("ALTER TABLE orders ALTER COLUMN state SET NOT NULL")""",
        """op.execute("ALTER TABLE orders ALTER COLUMN state DROP NOT NULL")
    op.execute("ALTER TABLE sales.visit DROP CONSTRAINT uq_visit_seen")
    op.execute('ALTER TABLE orders DROP CONSTRAINT "Raw"')""",
        "op",
    ),
}


REVISIONS = {
    "odd_index": ("odd_index",),
    "constraints": (
        "plain_index",
        "dropped_index",
        "raw",
        "hidden",
        "foreign_key",
        "key_of_some_columns",
        "schema_key",
        "check",
        "unique",
    ),
    "required": ("not_null", "schema_not_null", "quoted_not_null", "volatile", "raw_constraints"),
    "batch": ("batch",),
}
"""By id: the operations in it; a downgrade undoes them backwards."""


def revision_text(id_: str, down: str) -> str:
    """Return the file of one of them."""
    operations = [_OPERATIONS[name] for name in REVISIONS[id_]]
    base = operations[0][2]
    upgrade = "\n    ".join(each[0] for each in operations)
    downgrade = "\n    ".join(each[1] for each in reversed(operations))
    imports = f"from alembic import op{'' if base == 'op' else f' as {base}'}\nimport sqlalchemy as sa"
    body = f"def upgrade() -> None:\n    {upgrade}\n\n\ndef downgrade() -> None:\n    {downgrade}\n"
    return _HEAD.format(id=id_, down=down, imports=imports) + body
