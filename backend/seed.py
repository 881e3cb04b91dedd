"""Sample rows for a database on a developer's machine.

Safe to run again: rows that are there stay as they are, whatever was done with them since.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend import sample_data as sample
from backend.database import Base, db
from backend.models import (
    Badge,
    ChatMessage,
    GoalStatus,
    GoalTemplate,
    Product,
    ProductImage,
    Skill,
    User,
    UserBadge,
    UserGoal,
    UserSkill,
)

Row = dict[str, object]


def seed() -> None:
    """Add the sample rows that are missing, all of them or none. Needs an application context."""
    users = _seed_users()
    _seed_skills(users)
    _seed_products()
    _seed_chat(users)
    templates = _seed_templates()
    _seed_goals(users, templates)
    db.session.commit()


def _seed_users() -> dict[str, int]:
    rows = [
        {"username": username, "display_name": display_name, "created_at": sample.START}
        for username, display_name in sample.USERS
    ]
    _add_missing(User, rows, key=("username",))
    return _ids(User, "username")


def _seed_skills(users: dict[str, int]) -> None:
    """Give users skills; the skills themselves come from the revision 20250607_seed_skills."""
    skills = _ids(Skill, "slug")
    rows = [
        {"user_id": users[username], "skill_id": skills[slug], "level": level, "acquired_at": sample.START}
        for username, slug, level in sample.USER_SKILLS
        if slug in skills
    ]
    _add_missing(UserSkill, rows, key=("user_id", "skill_id"))


def _seed_products() -> None:
    rows = [
        {
            "slug": product.slug,
            "created_at": sample.START,
            "name": product.name,
            "price_cents": product.price_cents,
            "description": product.description,
        }
        for product in sample.PRODUCTS
    ]
    _add_missing(Product, rows, key=("slug",))
    ids = _ids(Product, "slug")
    images = [
        {
            "product_id": ids[product.slug],
            "position": position,
            "url": f"/images/products/{product.slug}-{position}.svg",
            "alt_text": alt_text,
        }
        for product in sample.PRODUCTS
        for position, alt_text in enumerate(product.pictures, start=1)
    ]
    _add_missing(ProductImage, images, key=("product_id", "position"))


def _seed_chat(users: dict[str, int]) -> None:
    rows = [
        {"user_id": users[username], "body": body, "created_at": sample.time_of_message(index)}
        for index, (username, body) in enumerate(sample.CONVERSATION)
    ]
    _add_missing(ChatMessage, rows, key=("user_id", "created_at"))


def _seed_templates() -> dict[str, int]:
    badges = [
        {
            "slug": template.badge_slug,
            "name": template.badge_name,
            "icon": template.badge_icon,
            "description": template.badge_description,
        }
        for template in sample.TEMPLATES
    ]
    _add_missing(Badge, badges, key=("slug",))
    badge_ids = _ids(Badge, "slug")
    templates = [
        {
            "slug": template.slug,
            "name": template.name,
            "target": template.target,
            "unit": template.unit,
            "description": template.description,
            "badge_id": badge_ids[template.badge_slug],
        }
        for template in sample.TEMPLATES
    ]
    _add_missing(GoalTemplate, templates, key=("slug",))
    return _ids(GoalTemplate, "slug")


def _seed_goals(users: dict[str, int], templates: dict[str, int]) -> None:
    rows = [_goal_row(goal, users=users, templates=templates) for goal in sample.GOALS]
    _add_missing(UserGoal, rows, key=("user_id", "template_id", "created_at"))
    completed = (
        select(UserGoal, GoalTemplate.badge_id)
        .join(UserGoal.template)
        .where(UserGoal.status == GoalStatus.COMPLETED)
        .order_by(UserGoal.id)
    )
    badges = [
        {
            "user_id": goal.user_id,
            "badge_id": badge_id,
            "goal_id": goal.id,
            "awarded_at": goal.completed_at,
        }
        for goal, badge_id in db.session.execute(completed)
    ]
    _add_missing(UserBadge, badges, key=("user_id", "badge_id"))


def _goal_row(goal: sample.SampleGoal, *, users: dict[str, int], templates: dict[str, int]) -> Row:
    days = goal.days_taken
    return {
        "user_id": users[goal.username],
        "template_id": templates[goal.template_slug],
        "status": GoalStatus(goal.status),
        "progress": goal.progress,
        "target": goal.target,
        "created_at": sample.on_day(goal.started_on_day),
        "completed_at": None if days is None else sample.on_day(goal.started_on_day + days),
    }


def _ids(model: type[Base], column: str) -> dict[str, int]:
    """Return the id of each row of `model` by its natural key."""
    return dict(map(tuple, db.session.execute(select(getattr(model, column), model.id))))


def _add_missing(model: type[Base], rows: Sequence[Row], *, key: tuple[str, ...]) -> None:
    """Insert the rows whose `key` is not in the table yet."""
    columns = [getattr(model, name) for name in key]
    present = set(map(tuple, db.session.execute(select(*columns))))
    missing = [row for row in rows if tuple(row[name] for name in key) not in present]
    if missing:
        # A sample goal may meet one that the user has active: then the user's own stays.
        db.session.execute(insert(model).values(missing).on_conflict_do_nothing())
