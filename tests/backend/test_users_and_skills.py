"""Users, skills, and who has which."""

from __future__ import annotations

import pytest

USER_SKILL_KEYS = {"id", "name", "slug", "category", "description", "holders", "level", "acquired_at"}


def skill_id(client, slug):
    return next(skill["id"] for skill in client.get("/api/skills").json["items"] if skill["slug"] == slug)


def test_users_are_listed(reader):
    """All users, in the order they came."""
    users = reader.get("/api/users").json["items"]

    assert [user["username"] for user in users] == ["amelia", "noor", "kenji"]
    assert users[0].keys() == {"id", "username", "display_name", "created_at"}
    assert users[0]["created_at"] == "2025-06-16T07:30:00+00:00"


def test_a_user_comes_with_their_skills(reader):
    """One user's page needs no second request."""
    user = reader.get("/api/users/1").json

    assert user["display_name"] == "Amelia Hart"
    assert user["skills"] == reader.get("/api/users/1/skills").json["items"]


def test_skills_count_their_holders(reader):
    """Trail running is had by two, meditation by one, yoga by nobody."""
    holders = {skill["slug"]: skill["holders"] for skill in reader.get("/api/skills").json["items"]}

    assert len(holders) == 12
    assert (holders["trail-running"], holders["meditation"], holders["yoga"]) == (2, 1, 0)


def test_a_users_skill_counts_everyones_holders(reader):
    """The count beside a user's skill is the skill's, not the user's."""
    skills = reader.get("/api/users/1/skills").json["items"]

    assert {"trail-running": 2, "journaling": 1}.items() <= {s["slug"]: s["holders"] for s in skills}.items()
    assert all(skill.keys() == USER_SKILL_KEYS for skill in skills)


def test_taking_up_a_skill(client):
    """PUT gives the skill, and answers with its new count."""
    identifier = skill_id(client, "yoga")

    answer = client.put(f"/api/users/1/skills/{identifier}", json={"level": 2})

    assert answer.status_code == 200
    assert (answer.json["slug"], answer.json["level"], answer.json["holders"]) == ("yoga", 2, 1)
    assert answer.json in client.get("/api/users/1/skills").json["items"]


def test_putting_a_skill_again_changes_its_level_only(client):
    """The day it was taken up stays."""
    path = f"/api/users/1/skills/{skill_id(client, 'yoga')}"
    first = client.put(path, json={"level": 1}).json

    assert client.put(path, json={"level": 5}).json == {**first, "level": 5}


def test_dropping_a_skill(client):
    """DELETE takes it away, once."""
    path = f"/api/users/1/skills/{skill_id(client, 'journaling')}"

    assert client.delete(path).status_code == 204
    assert "journaling" not in [skill["slug"] for skill in client.get("/api/users/1/skills").json["items"]]
    assert client.delete(path).status_code == 404


@pytest.mark.parametrize("level", [0, 6, True, 2.0, "3", None, 10**30])
def test_a_level_is_an_integer_from_1_to_5(reader, level):
    """Anything else names the field."""
    answer = reader.put("/api/users/1/skills/1", json={"level": level})

    assert answer.status_code == 400
    assert answer.json["error"]["field"] == "level"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/users/99"),
        ("GET", "/api/users/99/skills"),
        ("GET", "/api/users/99/goals"),
        ("GET", "/api/users/99/badges"),
        ("PUT", "/api/users/99/skills/1"),
        ("PUT", "/api/users/1/skills/99"),
        ("DELETE", "/api/users/99/skills/1"),
        ("DELETE", "/api/users/1/skills/99"),
        ("POST", "/api/users/99/goals"),
        ("GET", "/api/users/amelia"),
        ("GET", "/api/nothing"),
        ("GET", "/"),
    ],
)
def test_what_does_not_exist_is_404(reader, method, path):
    """Unknown users, skills, goals and addresses, all in JSON."""
    answer = reader.open(path, method=method, json={"level": 1, "template_id": 1})

    assert answer.status_code == 404
    assert answer.json["error"]["code"] == "not-found"
    assert answer.json["error"]["field"] is None
