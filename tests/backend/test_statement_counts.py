"""No query is N+1: many rows cost the same number of statements as one."""

from __future__ import annotations

import pytest

from tests.backend.databases import execute, libpq_url
from tests.backend.statements import recorded_statements

FILL = """
INSERT INTO user_goals (user_id, template_id, target, status)
SELECT 3, id, target, 'abandoned' FROM goal_templates, generate_series(1, 5);
INSERT INTO user_badges (user_id, badge_id) SELECT 3, id FROM badges ON CONFLICT DO NOTHING;
INSERT INTO user_skills (user_id, skill_id, level) SELECT 3, id, 1 FROM skills ON CONFLICT DO NOTHING;
"""
KEEP_ONE = """
DELETE FROM user_badges WHERE user_id = 3 AND id <> (SELECT min(id) FROM user_badges WHERE user_id = 3);
DELETE FROM user_goals WHERE user_id = 3 AND id <> (SELECT min(id) FROM user_goals WHERE user_id = 3);
DELETE FROM user_skills WHERE user_id = 3 AND skill_id <> (SELECT min(skill_id) FROM user_skills WHERE user_id = 3);
"""
KEEP_ONE_OF_EACH = """
TRUNCATE user_badges, user_goals, user_skills;
DELETE FROM goal_templates WHERE id > 1;
DELETE FROM badges WHERE id > 1;
DELETE FROM skills WHERE id > 1;
DELETE FROM users WHERE id > 1;
"""


def statements_for(app, path):
    """Return how many statements a request sends, and how many rows it answers with."""
    with recorded_statements(app) as statements:
        answer = app.test_client().get(path).json
    return len(statements), len(answer["items"] if "items" in answer else answer["skills"])


@pytest.mark.parametrize("path", ["/api/products", "/api/chat/messages"])
def test_a_page_of_many_costs_what_a_page_of_one_costs(sample_app, path):
    """By the size of the page."""
    one, one_row = statements_for(sample_app, f"{path}?limit=1")
    many, many_rows = statements_for(sample_app, f"{path}?limit=100")

    assert one_row == 1
    assert many_rows >= 6
    assert many == one


@pytest.mark.parametrize("path", ["/api/users/3/goals", "/api/users/3/badges", "/api/users/3/skills", "/api/users/3"])
def test_what_belongs_to_a_user_is_read_at_once(app, path):
    """By the number of rows that a user has."""
    execute(libpq_url(app), KEEP_ONE)
    one, one_row = statements_for(app, path)
    execute(libpq_url(app), FILL)
    many, many_rows = statements_for(app, path)

    assert one_row == 1
    assert many_rows >= 6
    assert many == one


@pytest.mark.parametrize("path", ["/api/skills", "/api/badges", "/api/goal-templates", "/api/users"])
def test_a_whole_list_is_read_at_once(app, path):
    """By the number of rows in the table."""
    many, many_rows = statements_for(app, path)
    execute(libpq_url(app), KEEP_ONE_OF_EACH)
    one, one_row = statements_for(app, path)

    assert one_row == 1
    assert many_rows >= 3
    assert many == one
