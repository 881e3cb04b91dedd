"""Wingman's tables, split by subject."""

from __future__ import annotations

from backend.models.chat import ChatMessage
from backend.models.companion import Badge, GoalStatus, GoalTemplate, UserBadge, UserGoal
from backend.models.products import Product, ProductImage
from backend.models.skills import Skill, UserSkill
from backend.models.users import User

__all__ = [
    "Badge",
    "ChatMessage",
    "GoalStatus",
    "GoalTemplate",
    "Product",
    "ProductImage",
    "Skill",
    "User",
    "UserBadge",
    "UserGoal",
    "UserSkill",
]
