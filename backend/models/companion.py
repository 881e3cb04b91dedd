"""The companion: goals to take up, and badges for reaching them."""

from __future__ import annotations

import enum

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.database import SLUG_PATTERN, CreationTime, PrimaryKey, Timestamp, db


class GoalStatus(enum.StrEnum):
    """Where a goal stands."""

    ACTIVE = "active"
    COMPLETED = "completed"
    ABANDONED = "abandoned"


class Badge(db.Model):
    """A sign of something achieved. `icon` is a name that the frontend draws."""

    __tablename__ = "badges"
    __table_args__ = (CheckConstraint(f"slug ~ '{SLUG_PATTERN}'", name="slug_format"),)

    id: Mapped[PrimaryKey]
    name: Mapped[str] = mapped_column(String(80))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    icon: Mapped[str] = mapped_column(String(40))
    description: Mapped[str] = mapped_column(Text, server_default="")


class GoalTemplate(db.Model):
    """A goal on offer: so many units of something, and a badge in the end."""

    __tablename__ = "goal_templates"
    __table_args__ = (
        CheckConstraint(f"slug ~ '{SLUG_PATTERN}'", name="slug_format"),
        CheckConstraint("target >= 1", name="target_positive"),
    )

    id: Mapped[PrimaryKey]
    badge_id: Mapped[int] = mapped_column(ForeignKey("badges.id", ondelete="RESTRICT"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str] = mapped_column(Text, server_default="")
    target: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str] = mapped_column(String(40))

    badge: Mapped[Badge] = relationship()


class UserGoal(db.Model):
    """A goal that a user took up: at most one active goal for each template."""

    __tablename__ = "user_goals"
    __table_args__ = (
        CheckConstraint("target >= 1", name="target_positive"),
        CheckConstraint("progress BETWEEN 0 AND target", name="progress_range"),
        CheckConstraint("(status = 'completed') = (completed_at IS NOT NULL)", name="completed_at_when_completed"),
        Index(None, "user_id", "status"),
        Index(
            "uq_user_goals_one_active",
            "user_id",
            "template_id",
            unique=True,
            postgresql_where=text("status = 'active'"),
        ),
    )

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    template_id: Mapped[int] = mapped_column(ForeignKey("goal_templates.id", ondelete="RESTRICT"), index=True)
    target: Mapped[int] = mapped_column(Integer)
    progress: Mapped[int] = mapped_column(Integer, server_default="0")
    status: Mapped[GoalStatus] = mapped_column(
        Enum(GoalStatus, name="goal_status", values_callable=lambda kind: [status.value for status in kind]),
        server_default=GoalStatus.ACTIVE.value,
    )
    created_at: Mapped[CreationTime]
    completed_at: Mapped[Timestamp | None]

    template: Mapped[GoalTemplate] = relationship()


class UserBadge(db.Model):
    """A badge that a user holds, once, and the goal that earned it."""

    __tablename__ = "user_badges"
    __table_args__ = (UniqueConstraint("user_id", "badge_id"),)

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    badge_id: Mapped[int] = mapped_column(ForeignKey("badges.id", ondelete="RESTRICT"), index=True)
    goal_id: Mapped[int | None] = mapped_column(ForeignKey("user_goals.id", ondelete="SET NULL"), index=True)
    awarded_at: Mapped[CreationTime]

    badge: Mapped[Badge] = relationship()
