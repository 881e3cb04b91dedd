"""What happens to a goal, each in one transaction.

A goal's row is locked before it is judged, so two requests at once are judged one after the other.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from backend.errors import ConflictError, InvalidFieldError, NotFoundError
from backend.models import GoalStatus, GoalTemplate, UserBadge, UserGoal

WITH_TEMPLATE_AND_BADGE = joinedload(UserGoal.template, innerjoin=True).joinedload(GoalTemplate.badge, innerjoin=True)


def take_up(session: Session, *, user_id: int, template: GoalTemplate, target: int | None) -> UserGoal:
    """Start a goal for a user.

    Args:
        session: the session; committed on success.
        user_id: a user that exists.
        template: the goal on offer.
        target: how many of the template's units; the template's own target when None.

    Returns:
        The new goal.

    Raises:
        ConflictError: the user has an active goal of this template.
    """
    statement = (
        insert(UserGoal)
        .values(user_id=user_id, template_id=template.id, target=target or template.target)
        .on_conflict_do_nothing(
            index_elements=["user_id", "template_id"], index_where=UserGoal.status == GoalStatus.ACTIVE
        )
        .returning(UserGoal)
    )
    goal = session.scalars(statement).one_or_none()
    if goal is None:
        raise ConflictError(f"The goal “{template.name}” is already active.")
    session.commit()
    return goal


def record_progress(session: Session, *, user_id: int, goal_id: int, progress: int) -> UserGoal:
    """Set how far a user is with an active goal.

    Args:
        session: the session; committed on success.
        user_id: whose goal it is.
        goal_id: the goal.
        progress: units done so far, from 0 to the goal's target.

    Returns:
        The goal.

    Raises:
        NotFoundError: the user has no such goal.
        ConflictError: the goal is not active.
        InvalidFieldError: `progress` is past the target.
    """
    goal = _lock_active(session, user_id=user_id, goal_id=goal_id)
    if progress > goal.target:
        raise InvalidFieldError(f"progress must be an integer from 0 to {goal.target}.", field="progress")
    goal.progress = progress
    session.commit()
    return goal


def complete(session: Session, *, user_id: int, goal_id: int) -> tuple[UserGoal, UserBadge | None]:
    """Complete an active goal and award its badge.

    Args:
        session: the session; committed on success.
        user_id: whose goal it is.
        goal_id: the goal.

    Returns:
        The goal, and the badge if the user did not hold it before.

    Raises:
        NotFoundError: the user has no such goal.
        ConflictError: the goal is not active.
    """
    goal = _lock_active(session, user_id=user_id, goal_id=goal_id)
    goal.progress = goal.target
    goal.status = GoalStatus.COMPLETED
    goal.completed_at = func.now()
    badge = _award(session, goal)
    session.commit()
    return goal, badge


def _lock_active(session: Session, *, user_id: int, goal_id: int) -> UserGoal:
    goal = session.scalars(
        select(UserGoal)
        .where(UserGoal.id == goal_id, UserGoal.user_id == user_id)
        .options(WITH_TEMPLATE_AND_BADGE)
        .with_for_update(of=UserGoal)
    ).one_or_none()
    if goal is None:
        raise NotFoundError(f"User {user_id} has no goal {goal_id}.")
    if goal.status is not GoalStatus.ACTIVE:
        raise ConflictError(f"The goal “{goal.template.name}” is {goal.status.value}, not active.")
    return goal


def _award(session: Session, goal: UserGoal) -> UserBadge | None:
    statement = (
        insert(UserBadge)
        .values(user_id=goal.user_id, badge_id=goal.template.badge_id, goal_id=goal.id)
        .on_conflict_do_nothing(index_elements=["user_id", "badge_id"])
        .returning(UserBadge)
    )
    return session.scalars(statement).one_or_none()
