"""Skills, and who has which."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.database import SLUG_PATTERN, CreationTime, PrimaryKey, db


class Skill(db.Model):
    """Something a person can be good at.

    `seeded_by` is the revision that wrote the row, and null for rows that people made: a seeding revision can
    then take back its own rows and nobody else's.
    """

    __tablename__ = "skills"
    __table_args__ = (
        CheckConstraint(f"slug ~ '{SLUG_PATTERN}'", name="slug_format"),
        CheckConstraint("category IN ('mind', 'body', 'craft', 'social')", name="category_known"),
    )

    id: Mapped[PrimaryKey]
    name: Mapped[str] = mapped_column(String(80))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    category: Mapped[str] = mapped_column(String(20))
    description: Mapped[str] = mapped_column(Text, server_default="")
    seeded_by: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[CreationTime]


class UserSkill(db.Model):
    """A skill that a user has, from level 1 (new to it) to 5. A skill that someone has cannot be deleted."""

    __tablename__ = "user_skills"
    __table_args__ = (CheckConstraint("level BETWEEN 1 AND 5", name="level_range"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id", ondelete="RESTRICT"), primary_key=True, index=True)
    level: Mapped[int] = mapped_column(SmallInteger)
    acquired_at: Mapped[CreationTime]

    skill: Mapped[Skill] = relationship()
