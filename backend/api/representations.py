"""How each thing looks in JSON. Keys are only ever added."""

from __future__ import annotations

from datetime import UTC, datetime

from backend.models import (
    Badge,
    ChatMessage,
    GoalTemplate,
    Product,
    ProductImage,
    Skill,
    User,
    UserBadge,
    UserGoal,
    UserSkill,
)

Json = dict[str, object]


def moment(value: datetime) -> str:
    """Return a time as ISO 8601 in UTC."""
    return value.astimezone(UTC).isoformat()


def author(user: User) -> Json:
    """Return what is shown of a user beside something they wrote."""
    return {"id": user.id, "username": user.username, "display_name": user.display_name}


def user(row: User) -> Json:
    """Return a user."""
    return {**author(row), "created_at": moment(row.created_at)}


def product_image(image: ProductImage) -> Json:
    """Return one picture of a product."""
    return {"id": image.id, "url": image.url, "alt_text": image.alt_text, "position": image.position}


def product(row: Product) -> Json:
    """Return a product with its pictures in order."""
    return {
        "id": row.id,
        "name": row.name,
        "slug": row.slug,
        "description": row.description,
        "price_cents": row.price_cents,
        "currency": row.currency,
        "images": [product_image(image) for image in row.images],
        "created_at": moment(row.created_at),
    }


def skill(row: Skill, *, holders: int) -> Json:
    """Return a skill and the number of users that have it."""
    return {
        "id": row.id,
        "name": row.name,
        "slug": row.slug,
        "category": row.category,
        "description": row.description,
        "holders": holders,
    }


def user_skill(row: UserSkill, *, holders: int) -> Json:
    """Return a skill with the level that a user has in it."""
    return {
        **skill(row.skill, holders=holders),
        "level": row.level,
        "acquired_at": moment(row.acquired_at),
    }


def chat_message(message: ChatMessage) -> Json:
    """Return a message and who wrote it."""
    return {
        "id": message.id,
        "user": author(message.user),
        "body": message.body,
        "created_at": moment(message.created_at),
    }


def badge(row: Badge) -> Json:
    """Return a badge."""
    return {
        "id": row.id,
        "name": row.name,
        "slug": row.slug,
        "icon": row.icon,
        "description": row.description,
    }


def user_badge(row: UserBadge) -> Json:
    """Return a badge that a user holds, and the goal that earned it."""
    return {
        "id": row.id,
        "badge": badge(row.badge),
        "goal_id": row.goal_id,
        "awarded_at": moment(row.awarded_at),
    }


def goal_template(template: GoalTemplate) -> Json:
    """Return a goal on offer and its badge."""
    return {
        "id": template.id,
        "name": template.name,
        "slug": template.slug,
        "description": template.description,
        "target": template.target,
        "unit": template.unit,
        "badge": badge(template.badge),
    }


def goal(row: UserGoal) -> Json:
    """Return a user's goal."""
    return {
        "id": row.id,
        "template": goal_template(row.template),
        "progress": row.progress,
        "target": row.target,
        "status": row.status.value,
        "created_at": moment(row.created_at),
        "completed_at": moment(row.completed_at) if row.completed_at else None,
    }
