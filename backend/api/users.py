"""Users, and the skills that each has."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import contains_eager

from backend.api import representations
from backend.api.lookup import require
from backend.api.representations import Json
from backend.api.skills import HOLDERS
from backend.api.validation import integer, json_object
from backend.database import db
from backend.errors import NotFoundError
from backend.models import Skill, User, UserSkill

blueprint = Blueprint("users", __name__)


@blueprint.get("/users")
def list_users() -> Json:
    """List all users."""
    users = db.session.scalars(select(User).order_by(User.id))
    return {"items": [representations.user(user) for user in users]}


@blueprint.get("/users/<int:user_id>")
def show_user(user_id: int) -> Json:
    """Show one user with their skills."""
    user = require(User, user_id)
    return {**representations.user(user), "skills": _skills_of(user_id)}


@blueprint.get("/users/<int:user_id>/skills")
def list_skills(user_id: int) -> Json:
    """List the skills that a user has."""
    require(User, user_id)
    return {"items": _skills_of(user_id)}


@blueprint.put("/users/<int:user_id>/skills/<int:skill_id>")
def set_skill(user_id: int, skill_id: int) -> Json:
    """Give a user a skill, or change the level of one they have."""
    level = integer(json_object(), "level", minimum=1, maximum=5)
    require(User, user_id)
    require(Skill, skill_id)
    statement = insert(UserSkill).values(user_id=user_id, skill_id=skill_id, level=level)
    db.session.execute(statement.on_conflict_do_update(index_elements=["user_id", "skill_id"], set_={"level": level}))
    db.session.commit()
    return _skills_of(user_id, skill_id=skill_id)[0]


@blueprint.delete("/users/<int:user_id>/skills/<int:skill_id>")
def drop_skill(user_id: int, skill_id: int) -> tuple[str, int]:
    """Take a skill from a user."""
    require(User, user_id)
    require(Skill, skill_id)
    statement = delete(UserSkill).where(UserSkill.user_id == user_id, UserSkill.skill_id == skill_id)
    if db.session.execute(statement.returning(UserSkill.skill_id)).first() is None:
        raise NotFoundError(f"User {user_id} does not have skill {skill_id}.")
    db.session.commit()
    return "", 204


def _skills_of(user_id: int, *, skill_id: int | None = None) -> list[Json]:
    query = (
        select(UserSkill, HOLDERS)
        .join(UserSkill.skill)
        .options(contains_eager(UserSkill.skill))
        .where(UserSkill.user_id == user_id)
        .order_by(Skill.name)
    )
    if skill_id is not None:
        query = query.where(UserSkill.skill_id == skill_id)
    return [representations.user_skill(row, holders=holders) for row, holders in db.session.execute(query)]
