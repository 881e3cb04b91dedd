"""companion: goal templates, user goals, badges, user badges

Revision ID: 20250615_companion
Revises: 20250608_add_chat_message
Create Date: 2025-06-15 16:22:07.684931

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "20250615_companion"
down_revision = "20250608_add_chat_message"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "badges",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("icon", sa.String(length=40), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("ck_badges_slug_format")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badges")),
        sa.UniqueConstraint("slug", name=op.f("uq_badges_slug")),
    )
    op.create_table(
        "goal_templates",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("badge_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("ck_goal_templates_slug_format")),
        sa.CheckConstraint("target >= 1", name=op.f("ck_goal_templates_target_positive")),
        sa.ForeignKeyConstraint(
            ["badge_id"], ["badges.id"], name=op.f("fk_goal_templates_badge_id_badges"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal_templates")),
        sa.UniqueConstraint("slug", name=op.f("uq_goal_templates_slug")),
    )
    op.create_index(op.f("ix_goal_templates_badge_id"), "goal_templates", ["badge_id"], unique=False)
    op.create_table(
        "user_goals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("template_id", sa.BigInteger(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "status",
            sa.Enum("active", "completed", "abandoned", name="goal_status"),
            server_default="active",
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'completed') = (completed_at IS NOT NULL)",
            name=op.f("ck_user_goals_completed_at_when_completed"),
        ),
        sa.CheckConstraint("progress BETWEEN 0 AND target", name=op.f("ck_user_goals_progress_range")),
        sa.CheckConstraint("target >= 1", name=op.f("ck_user_goals_target_positive")),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["goal_templates.id"],
            name=op.f("fk_user_goals_template_id_goal_templates"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_goals_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_goals")),
    )
    op.create_index(op.f("ix_user_goals_template_id"), "user_goals", ["template_id"], unique=False)
    op.create_index(op.f("ix_user_goals_user_id_status"), "user_goals", ["user_id", "status"], unique=False)
    op.create_index(
        "uq_user_goals_one_active",
        "user_goals",
        ["user_id", "template_id"],
        unique=True,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "user_badges",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("badge_id", sa.BigInteger(), nullable=False),
        sa.Column("goal_id", sa.BigInteger(), nullable=True),
        sa.Column("awarded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["badge_id"], ["badges.id"], name=op.f("fk_user_badges_badge_id_badges"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["goal_id"],
            ["user_goals.id"],
            name=op.f("fk_user_badges_goal_id_user_goals"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_badges_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_badges")),
        sa.UniqueConstraint("user_id", "badge_id", name=op.f("uq_user_badges_user_id_badge_id")),
    )
    op.create_index(op.f("ix_user_badges_badge_id"), "user_badges", ["badge_id"], unique=False)
    op.create_index(op.f("ix_user_badges_goal_id"), "user_badges", ["goal_id"], unique=False)


def downgrade():
    op.drop_table("user_badges")
    op.drop_table("user_goals")
    op.drop_table("goal_templates")
    op.drop_table("badges")
    # Dropping its only table leaves the type behind.
    op.execute("DROP TYPE goal_status")
