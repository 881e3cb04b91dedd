"""What the database itself refuses, whoever writes to it."""

from __future__ import annotations

import psycopg2
import pytest

from tests.backend.databases import libpq_url

GOAL = "INSERT INTO user_goals (user_id, template_id, target, progress, status, completed_at) VALUES (2, 2, "


@pytest.fixture
def sample_database(sample_app):
    """A transaction on the sample rows that is never committed."""
    connection = psycopg2.connect(libpq_url(sample_app))
    connection.set_session(readonly=False)
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        ("INSERT INTO users (username, display_name) VALUES ('noor', 'N')", "uq_users_username"),
        ("INSERT INTO users (username, display_name) VALUES ('No', 'N')", "ck_users_username_format"),
        ("INSERT INTO users (username, display_name) VALUES ('nobody', ' ')", "ck_users_display_name_not_blank"),
        ("UPDATE products SET slug = 'Two Words' WHERE id = 1", "ck_products_slug_format"),
        ("UPDATE products SET price_cents = -1", "ck_products_price_not_negative"),
        ("UPDATE products SET currency = 'eur'", "ck_products_currency_format"),
        ("UPDATE product_images SET position = 1", "uq_product_images_product_id_position"),
        ("UPDATE product_images SET position = 0 WHERE id = 1", "ck_product_images_position_positive"),
        ("UPDATE skills SET category = 'other'", "ck_skills_category_known"),
        ("UPDATE user_skills SET level = 6", "ck_user_skills_level_range"),
        ("DELETE FROM skills", "fk_user_skills_skill_id_skills"),
        ("UPDATE chat_messages SET body = E' \\t\\n'", "ck_chat_messages_body_not_blank"),
        ("UPDATE chat_messages SET body = repeat('x', 2001)", "ck_chat_messages_body_length"),
        ("DELETE FROM badges", "fk_goal_templates_badge_id_badges"),
        ("UPDATE goal_templates SET target = 0", "ck_goal_templates_target_positive"),
        ("UPDATE user_goals SET template_id = 1, status = 'active', completed_at = NULL", "uq_user_goals_one_active"),
        (f"{GOAL} 5, 6, 'active', NULL)", "ck_user_goals_progress_range"),
        (f"{GOAL} 5, 5, 'completed', NULL)", "ck_user_goals_completed_at_when_completed"),
        (f"{GOAL} 5, 5, 'active', now())", "ck_user_goals_completed_at_when_completed"),
        ("UPDATE user_badges SET badge_id = 1, user_id = 1", "uq_user_badges_user_id_badge_id"),
    ],
)
def test_the_database_refuses(sample_database, sql, constraint):
    """By a constraint that has a name."""
    with pytest.raises(psycopg2.IntegrityError) as refused, sample_database.cursor() as cursor:
        cursor.execute(sql)

    assert refused.value.diag.constraint_name == constraint


def test_deleting_a_user_deletes_what_is_theirs(sample_database):
    """And nobody else's."""
    with sample_database.cursor() as cursor:
        cursor.execute("DELETE FROM users WHERE username = 'amelia'")
        for table in ("user_skills", "chat_messages", "user_goals", "user_badges"):
            cursor.execute(f"SELECT count(*) FILTER (WHERE user_id = 1), count(*) > 0 FROM {table}")

            assert cursor.fetchone() == (0, True)
