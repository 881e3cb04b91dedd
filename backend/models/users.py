"""People who use Wingman."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.database import CreationTime, PrimaryKey, db


class User(db.Model):
    """A person. Deleting one deletes what belongs to them."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("username ~ '^[a-z0-9_]{3,40}$'", name="username_format"),
        CheckConstraint(r"display_name ~ '\S'", name="display_name_not_blank"),
    )

    id: Mapped[PrimaryKey]
    username: Mapped[str] = mapped_column(String(40), unique=True)
    display_name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[CreationTime]
