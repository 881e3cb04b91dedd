"""The conversation: read it backwards, add to it."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from backend.api import representations
from backend.api.lookup import find
from backend.api.representations import Json
from backend.api.validation import LARGEST_ID, integer, json_object, query_integer, query_limit, text
from backend.database import db
from backend.errors import InvalidFieldError
from backend.models import ChatMessage, User

blueprint = Blueprint("chat", __name__)


@blueprint.get("/chat/messages")
def list_messages() -> Json:
    """List messages, newest first, `limit` at a time, from the one before `before`."""
    limit = query_limit(default=30)
    before = query_integer("before", default=None)
    # One row more than asked for tells whether there is a next page.
    query = (
        select(ChatMessage)
        .options(joinedload(ChatMessage.user, innerjoin=True))
        .order_by(ChatMessage.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(ChatMessage.id < before)
    messages = db.session.scalars(query).all()
    page = messages[:limit]
    return {
        "items": [representations.chat_message(message) for message in page],
        "next_before": page[-1].id if len(messages) > limit else None,
    }


@blueprint.post("/chat/messages")
def post_message() -> tuple[Json, int]:
    """Add a message."""
    body = json_object()
    user_id = integer(body, "user_id", minimum=1, maximum=LARGEST_ID)
    message = ChatMessage(user_id=user_id, body=text(body, "body", maximum=2000))
    if find(User, user_id) is None:
        raise InvalidFieldError(f"There is no user {user_id}.", field="user_id")
    db.session.add(message)
    db.session.commit()
    return representations.chat_message(message), 201
