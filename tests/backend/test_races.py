"""Two requests at the same moment, on two connections.

A third connection holds what both need until both are seen waiting for it: then they do race.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest

from tests.backend.databases import libpq_url
from tests.waiting import DEADLINE_SECONDS, wait_until

WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'wingman' AND wait_event_type = 'Lock'
"""


@pytest.fixture
def watcher(app):
    """A connection that watches the others."""
    connection = psycopg2.connect(libpq_url(app))
    connection.autocommit = True
    yield connection
    connection.close()


def wait_for_two(watcher) -> None:
    with watcher.cursor() as cursor:

        def both_wait() -> bool:
            cursor.execute(WAITING)
            return cursor.fetchone() == (2,)

        wait_until(both_wait)


def race(app, watcher, request: Callable, release: Callable) -> list[int]:
    """Send `request` twice at once, release the holder when both wait, and return the two status codes."""
    with ThreadPoolExecutor(2) as threads:
        answers = [threads.submit(lambda: request(app.test_client()).status_code) for _ in range(2)]
        try:
            wait_for_two(watcher)
        finally:
            release()
        return sorted(answer.result(timeout=DEADLINE_SECONDS) for answer in answers)


def test_two_completions_award_one_badge(app, client, other_connection, watcher):
    """Exactly one succeeds, the other is a conflict, and there is one badge."""
    goal = client.post("/api/users/2/goals", json={"template_id": 2}).json
    with other_connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM user_goals WHERE id = %s FOR UPDATE", (goal["id"],))

    statuses = race(
        app,
        watcher,
        lambda client: client.post(f"/api/users/2/goals/{goal['id']}/complete"),
        release=other_connection.rollback,
    )

    assert statuses == [200, 409]
    badges = client.get("/api/users/2/badges").json["items"]
    assert [badge["goal_id"] for badge in badges].count(goal["id"]) == 1


def test_two_requests_for_one_goal_create_one(app, client, other_connection, watcher):
    """The partial unique index decides, and the loser is told."""
    with other_connection.cursor() as cursor:
        cursor.execute("INSERT INTO user_goals (user_id, template_id, target) VALUES (2, 2, 1)")

    statuses = race(
        app,
        watcher,
        lambda client: client.post("/api/users/2/goals", json={"template_id": 2}),
        release=other_connection.rollback,
    )

    assert statuses == [201, 409]
    active = client.get("/api/users/2/goals?status=active").json["items"]
    assert [goal["template"]["id"] for goal in active].count(2) == 1
