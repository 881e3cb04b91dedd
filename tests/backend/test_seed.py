"""The sample rows."""

from __future__ import annotations

from sqlalchemy import func, select

from backend.database import Base, db
from backend.models import ChatMessage, Skill, User, UserGoal
from backend.seed import seed


def numbers_of_rows():
    return {
        name: db.session.scalar(select(func.count()).select_from(table)) for name, table in Base.metadata.tables.items()
    }


def test_the_seed_fills_every_table(sample_app):
    """With what the frontend needs to show something in every state."""
    with sample_app.app_context():
        numbers = numbers_of_rows()
        statuses = set(db.session.scalars(select(UserGoal.status)))

    assert (numbers["users"], numbers["products"], numbers["goal_templates"], numbers["badges"]) == (3, 6, 6, 6)
    assert numbers["chat_messages"] >= 40
    assert min(numbers.values()) > 0
    assert len(statuses) == 3


def test_seeding_again_adds_nothing(app):
    """Safe to run at any time."""
    with app.app_context():
        before = numbers_of_rows()
        seed()

        assert numbers_of_rows() == before


def test_seeding_again_keeps_what_was_done_meanwhile(app):
    """A completed goal stays completed, and a renamed user keeps the name."""
    client = app.test_client()
    client.post("/api/users/1/goals/2/complete")
    with app.app_context():
        db.session.get(User, 1).display_name = "Amelia H."
        db.session.commit()
        seed()

    assert client.get("/api/users/1").json["display_name"] == "Amelia H."
    assert client.get("/api/users/1/goals?status=completed").json["items"][0]["id"] == 2


def test_seeding_puts_back_what_was_deleted(app):
    """Only what is missing."""
    with app.app_context():
        before = numbers_of_rows()
        db.session.delete(db.session.get(ChatMessage, 1))
        db.session.delete(db.session.get(User, 3))
        db.session.commit()
        seed()

        assert numbers_of_rows() == before


def test_seeding_leaves_a_users_own_active_goal(empty_app):
    """Where the sample has an active goal of the same template, the user's own stays."""
    with empty_app.app_context():
        seed()
        db.session.query(UserGoal).filter_by(id=2).delete()
        db.session.add(UserGoal(user_id=1, template_id=2, target=7))
        db.session.commit()
        seed()
    active = empty_app.test_client().get("/api/users/1/goals?status=active").json["items"]

    assert [goal["target"] for goal in active if goal["template"]["id"] == 2] == [7]


def test_seeding_does_without_skills_that_are_not_there(empty_app):
    """The skills are the seeding revision's; without one of them nobody has it."""
    with empty_app.app_context():
        db.session.query(Skill).filter_by(slug="yoga").delete()
        db.session.query(Skill).filter_by(slug="woodworking").delete()
        db.session.commit()
        seed()
    users_skills = empty_app.test_client().get("/api/users/3/skills").json["items"]

    assert "woodworking" not in [skill["slug"] for skill in users_skills]
    assert len(users_skills) == 3
