"""The conversation."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.database import CreationTime, PrimaryKey, db
from backend.models.users import User


class ChatMessage(db.Model):
    """One message. Pages go backwards by id, which the primary key's index serves."""

    __tablename__ = "chat_messages"
    __table_args__ = (
        CheckConstraint("char_length(body) <= 2000", name="body_length"),
        CheckConstraint(r"body ~ '\S'", name="body_not_blank"),
    )

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreationTime]

    user: Mapped[User] = relationship()
