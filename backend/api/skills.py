"""Skills on offer."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from backend.api import representations
from backend.api.representations import Json
from backend.database import db
from backend.models import Skill, UserSkill

blueprint = Blueprint("skills", __name__)

# An alias, so that the count covers everyone even inside a query about one user's skills.
_ANYONES = aliased(UserSkill)
HOLDERS = (
    select(func.count())
    .select_from(_ANYONES)
    .where(_ANYONES.skill_id == Skill.id)
    .correlate(Skill)
    .scalar_subquery()
    .label("holders")
)


@blueprint.get("/skills")
def list_skills() -> Json:
    """List all skills with the number of users that have each."""
    rows = db.session.execute(select(Skill, HOLDERS).order_by(Skill.category, Skill.name))
    return {"items": [representations.skill(skill, holders=holders) for skill, holders in rows]}
