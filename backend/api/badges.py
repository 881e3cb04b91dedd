"""Badges, and who holds which."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from backend.api import representations
from backend.api.lookup import require
from backend.api.representations import Json
from backend.database import db
from backend.models import Badge, User, UserBadge

blueprint = Blueprint("badges", __name__)

_AWARDED = select(func.count()).where(UserBadge.badge_id == Badge.id).scalar_subquery()


@blueprint.get("/badges")
def list_badges() -> Json:
    """List all badges with the number of users that hold each."""
    rows = db.session.execute(select(Badge, _AWARDED).order_by(Badge.id))
    return {"items": [{**representations.badge(badge), "awarded": awarded} for badge, awarded in rows]}


@blueprint.get("/users/<int:user_id>/badges")
def list_user_badges(user_id: int) -> Json:
    """List the badges that a user holds, the latest first."""
    require(User, user_id)
    query = (
        select(UserBadge)
        .options(joinedload(UserBadge.badge, innerjoin=True))
        .where(UserBadge.user_id == user_id)
        .order_by(UserBadge.id.desc())
    )
    return {"items": [representations.user_badge(badge) for badge in db.session.scalars(query)]}
