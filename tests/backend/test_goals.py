"""Goals and badges."""

from __future__ import annotations

import pytest


@pytest.fixture
def goal(client):
    """An active goal of noor's, of a template whose badge she does not hold: target 50."""
    return client.post("/api/users/2/goals", json={"template_id": 2}).json


def complete(client, goal):
    return client.post(f"/api/users/2/goals/{goal['id']}/complete")


def progress(client, goal, value):
    return client.patch(f"/api/users/2/goals/{goal['id']}", json={"progress": value})


def test_templates_come_with_their_badges(reader):
    """What can be taken up, and what it earns."""
    templates = reader.get("/api/goal-templates").json["items"]

    assert len(templates) == 6
    assert templates[0].keys() == {"id", "name", "slug", "description", "target", "unit", "badge"}
    assert templates[0]["badge"]["slug"] == "early-light"
    assert templates[0]["badge"].keys() == {"id", "name", "slug", "icon", "description"}


def test_goals_are_listed_newest_first(reader):
    """All of a user's goals, in every state."""
    goals = reader.get("/api/users/1/goals").json["items"]

    assert [goal["status"] for goal in goals] == ["abandoned", "active", "active", "completed"]
    assert goals[-1]["completed_at"] == "2025-06-28T07:30:00+00:00"
    assert goals[0]["completed_at"] is None


@pytest.mark.parametrize(("status", "number"), [("active", 2), ("completed", 1), ("abandoned", 1)])
def test_goals_can_be_narrowed_to_a_status(reader, status, number):
    """Only goals of the status that was asked for."""
    goals = reader.get(f"/api/users/1/goals?status={status}").json["items"]

    assert [goal["status"] for goal in goals] == [status] * number


@pytest.mark.parametrize("status", ["", "ACTIVE", "done"])
def test_an_unknown_status_is_named(reader, status):
    """The message lists what there is."""
    error = reader.get(f"/api/users/1/goals?status={status}").json["error"]

    assert error["field"] == "status"
    assert "active, completed, abandoned" in error["message"]


def test_a_goal_takes_its_templates_target(client):
    """A new goal is active, at zero."""
    answer = client.post("/api/users/2/goals", json={"template_id": 2})

    assert answer.status_code == 201
    assert (answer.json["progress"], answer.json["target"], answer.json["status"]) == (0, 50, "active")
    assert answer.json in client.get("/api/users/2/goals").json["items"]


def test_a_goal_may_have_a_target_of_its_own(client):
    """Some take up half of it."""
    answer = client.post("/api/users/2/goals", json={"template_id": 2, "target": 25})

    assert answer.json["target"] == 25
    assert answer.json["template"]["target"] == 50


def test_an_active_goal_cannot_be_taken_up_again(client, goal):
    """409, and still one goal."""
    answer = client.post("/api/users/2/goals", json={"template_id": 2})

    assert answer.status_code == 409
    assert answer.json["error"]["code"] == "conflict"
    active = client.get("/api/users/2/goals?status=active").json["items"]
    assert [entry["template"]["id"] for entry in active].count(2) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "template_id"),
        ({"template_id": 99}, "template_id"),
        ({"template_id": True}, "template_id"),
        ({"template_id": 2, "target": 0}, "target"),
        ({"template_id": 2, "target": 2**31}, "target"),
        ({"template_id": 2, "target": "ten"}, "target"),
    ],
)
def test_a_wrong_goal_names_its_field(reader, body, field):
    """Nothing is created."""
    answer = reader.post("/api/users/2/goals", json=body)

    assert answer.status_code == 400
    assert answer.json["error"]["field"] == field


def test_progress_is_recorded(client, goal):
    """Up to the target, and back."""
    assert progress(client, goal, 50).json == {**goal, "progress": 50}
    assert progress(client, goal, 0).json == goal


@pytest.mark.parametrize("value", [-1, 1.5, "1", None, False])
def test_progress_is_a_whole_number(reader, value):
    """Anything else names the field."""
    answer = reader.patch("/api/users/1/goals/2", json={"progress": value})

    assert answer.status_code == 400
    assert answer.json["error"]["field"] == "progress"


def test_progress_ends_at_the_target(client, goal):
    """Past it names the field and changes nothing."""
    answer = progress(client, goal, 51)

    assert answer.status_code == 400
    assert answer.json["error"]["field"] == "progress"
    assert client.get("/api/users/2/goals").json["items"][0] == goal


@pytest.mark.parametrize("path", ["1/goals/99", "99/goals/1"])
def test_a_goal_that_does_not_exist_is_404(client, path):
    """Of a user, or of nobody."""
    assert client.patch(f"/api/users/{path}", json={"progress": 1}).status_code == 404
    assert client.post(f"/api/users/{path}/complete").status_code == 404


def test_completing_fills_the_goal_and_awards_its_badge(client, goal):
    """Both are in the answer and in the lists."""
    answer = complete(client, goal)

    assert answer.status_code == 200
    done, badge = answer.json["goal"], answer.json["badge"]
    assert (done["status"], done["progress"]) == ("completed", 50)
    assert done["completed_at"] == badge["awarded_at"]
    assert (badge["badge"]["slug"], badge["goal_id"]) == ("trailblazer", goal["id"])
    assert client.get("/api/users/2/badges").json["items"][0] == badge


def test_completing_twice_is_a_conflict(client, goal):
    """The second time nothing is awarded."""
    complete(client, goal)
    badges = client.get("/api/users/2/badges").json

    assert complete(client, goal).status_code == 409
    assert client.get("/api/users/2/badges").json == badges


def test_a_badge_is_awarded_once(client, goal):
    """Reaching the same goal again completes it and awards nothing."""
    complete(client, goal)
    again = client.post("/api/users/2/goals", json={"template_id": 2}).json

    answer = complete(client, again)

    assert answer.status_code == 200
    assert answer.json["badge"] is None


def test_a_completed_goal_takes_no_progress(client, goal):
    """It is over."""
    complete(client, goal)

    assert progress(client, goal, 3).status_code == 409


def test_a_goal_belongs_to_its_user(client, goal):
    """Someone else's address does not reach it."""
    assert client.post(f"/api/users/1/goals/{goal['id']}/complete").status_code == 404
    assert client.patch(f"/api/users/1/goals/{goal['id']}", json={"progress": 1}).status_code == 404


def test_badges_count_their_holders(client, goal):
    """The count follows an award."""
    before = {badge["slug"]: badge["awarded"] for badge in client.get("/api/badges").json["items"]}
    complete(client, goal)
    after = {badge["slug"]: badge["awarded"] for badge in client.get("/api/badges").json["items"]}

    assert {**before, "trailblazer": before["trailblazer"] + 1} == after
    assert before["early-light"] == 2
