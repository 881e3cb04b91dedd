"""add chat message

Revision ID: 20250608_add_chat_message
Revises: 20250607_seed_skills
Create Date: 2025-06-08 10:47:55.118204

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "20250608_add_chat_message"
down_revision = "20250607_seed_skills"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "chat_messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(r"body ~ '\S'", name=op.f("ck_chat_messages_body_not_blank")),
        sa.CheckConstraint("char_length(body) <= 2000", name=op.f("ck_chat_messages_body_length")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_chat_messages_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_messages")),
    )
    op.create_index(op.f("ix_chat_messages_user_id"), "chat_messages", ["user_id"], unique=False)


def downgrade():
    op.drop_table("chat_messages")
