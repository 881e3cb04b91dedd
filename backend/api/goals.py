"""Goals on offer, and the goals of a user."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from backend import companion
from backend.api import representations
from backend.api.lookup import find, require
from backend.api.representations import Json
from backend.api.validation import LARGEST_ID, integer, json_object, query_choice
from backend.database import db
from backend.errors import InvalidFieldError
from backend.models import GoalStatus, GoalTemplate, User, UserGoal

blueprint = Blueprint("goals", __name__)


@blueprint.get("/goal-templates")
def list_templates() -> Json:
    """List the goals on offer."""
    query = select(GoalTemplate).options(joinedload(GoalTemplate.badge, innerjoin=True)).order_by(GoalTemplate.id)
    return {"items": [representations.goal_template(template) for template in db.session.scalars(query)]}


@blueprint.get("/users/<int:user_id>/goals")
def list_goals(user_id: int) -> Json:
    """List a user's goals, newest first; `status` narrows them."""
    status = query_choice("status", GoalStatus)
    require(User, user_id)
    query = (
        select(UserGoal)
        .options(companion.WITH_TEMPLATE_AND_BADGE)
        .where(UserGoal.user_id == user_id)
        .order_by(UserGoal.id.desc())
    )
    if status is not None:
        query = query.where(UserGoal.status == status)
    return {"items": [representations.goal(goal) for goal in db.session.scalars(query)]}


@blueprint.post("/users/<int:user_id>/goals")
def create_goal(user_id: int) -> tuple[Json, int]:
    """Take up a goal."""
    body = json_object()
    template_id = integer(body, "template_id", minimum=1, maximum=LARGEST_ID)
    target = None if body.get("target") is None else integer(body, "target", minimum=1)
    require(User, user_id)
    template = find(GoalTemplate, template_id)
    if template is None:
        raise InvalidFieldError(f"There is no goal template {template_id}.", field="template_id")
    goal = companion.take_up(db.session(), user_id=user_id, template=template, target=target)
    return representations.goal(goal), 201


@blueprint.patch("/users/<int:user_id>/goals/<int:goal_id>")
def record_progress(user_id: int, goal_id: int) -> Json:
    """Set how far a user is."""
    progress = integer(json_object(), "progress", minimum=0)
    return representations.goal(
        companion.record_progress(db.session(), user_id=user_id, goal_id=goal_id, progress=progress)
    )


@blueprint.post("/users/<int:user_id>/goals/<int:goal_id>/complete")
def complete_goal(user_id: int, goal_id: int) -> Json:
    """Complete a goal, which awards its badge."""
    goal, badge = companion.complete(db.session(), user_id=user_id, goal_id=goal_id)
    return {
        "goal": representations.goal(goal),
        "badge": representations.user_badge(badge) if badge else None,
    }
