"""Health, and what the other endpoints say when the database is not well."""

from __future__ import annotations

import socket

import pytest
from flask_migrate import downgrade

from backend.database import db
from tests.backend.databases import execute, libpq_url, wingman

HEAD = ["20250615_companion"]
CUT = """
SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'wingman'
"""
DOWN = {"status": "unavailable", "database": {"reachable": False}, "schema": None}


@pytest.fixture
def unused_port():
    """A port that is taken and answers nothing."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def silent_port():
    """A port that takes connections and never says a word."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        yield silent.getsockname()[1]


def health(app):
    answer = app.test_client().get("/api/health")
    return answer.status_code, answer.json


def test_at_head_all_is_well(sample_app):
    """Nothing is pending."""
    schema = {"current": HEAD, "head": HEAD, "pending": []}

    assert health(sample_app) == (200, {"status": "ok", "database": {"reachable": True}, "schema": schema})


def test_pending_migrations_are_maintenance_but_still_200(app):
    """A deploy's healthcheck passes, and the frontend can tell."""
    with app.app_context():
        downgrade(revision="20250529_add_product_images")

    status, body = health(app)

    assert (status, body["status"]) == (200, "maintenance")
    assert body["schema"] == {
        "current": ["20250529_add_product_images"],
        "head": HEAD,
        "pending": ["20250607_seed_skills", "20250608_add_chat_message", "20250615_companion"],
    }


def test_an_empty_database_has_everything_pending(make_database):
    """Before the first migration there is no version table, which is no error."""
    app = wingman(make_database())

    status, body = health(app)
    with app.app_context():
        db.engine.dispose()

    assert (status, body["status"]) == (200, "maintenance")
    assert body["schema"]["current"] == []
    assert body["schema"]["pending"][0] == "20250520_initial"
    assert len(body["schema"]["pending"]) == 5


def test_a_database_ahead_of_the_code_is_ok(app):
    """During a rollback of the code the schema is newer: nothing is pending here."""
    execute(libpq_url(app), "UPDATE alembic_version SET version_num = '20990101_from_the_future'")

    status, body = health(app)

    assert (status, body["status"]) == (200, "ok")
    assert body["schema"] == {"current": ["20990101_from_the_future"], "head": HEAD, "pending": []}


def test_a_refused_connection_is_503(unused_port):
    """Nobody listens."""
    app = wingman(f"postgresql://wingman:s3cret@127.0.0.1:{unused_port}/wingman")

    assert health(app) == (503, DOWN)


def test_a_silent_server_is_503_in_time(silent_port):
    """The connect timeout of the URL ends the wait."""
    app = wingman(f"postgresql://wingman:s3cret@127.0.0.1:{silent_port}/wingman?connect_timeout=2")

    assert health(app) == (503, DOWN)


def test_a_version_table_that_is_locked_is_503_in_time(app):
    """A statement that does not come back ends by its own timeout."""
    with app.app_context(), db.engine.begin() as holder:
        holder.exec_driver_sql("LOCK TABLE alembic_version")

        assert health(app) == (503, DOWN)


def test_the_api_says_unavailable_when_the_database_is_down(unused_port):
    """503 with a code of its own, and nothing about where the database is."""
    app = wingman(f"postgresql://wingman:s3cret@127.0.0.1:{unused_port}/wingman")

    answer = app.test_client().get("/api/products")

    assert answer.status_code == 503
    assert answer.json["error"]["code"] == "unavailable"
    assert "127.0.0.1" not in answer.text


def test_the_api_says_maintenance_when_a_table_is_not_there_yet(app):
    """New code on an old schema, between the deploy and the migration."""
    with app.app_context():
        downgrade(revision="20250608_add_chat_message")

    answer = app.test_client().get("/api/badges")

    assert answer.status_code == 503
    assert answer.json["error"]["code"] == "maintenance"


def test_a_missing_table_at_head_is_no_maintenance(app):
    """No migration will bring it back, so nobody is told to wait."""
    execute(libpq_url(app), "DROP TABLE user_badges")

    answer = app.test_client().get("/api/badges")

    assert answer.status_code == 500
    assert answer.json["error"]["code"] == "internal"


def test_a_connection_that_was_cut_is_replaced(client, other_connection):
    """A restart of the database costs no request."""
    assert client.get("/api/users").status_code == 200
    with other_connection.cursor() as cursor:
        cursor.execute(CUT)
        assert cursor.fetchall() == [(True,)]

    assert client.get("/api/users").status_code == 200


def test_a_wrong_method_is_405_with_the_right_ones(reader):
    """In JSON, with the Allow header."""
    answer = reader.delete("/api/products")

    assert answer.status_code == 405
    assert answer.json["error"]["code"] == "method-not-allowed"
    assert "GET" in answer.headers["Allow"]


def test_an_unexpected_failure_is_a_json_500_without_details(app):
    """What broke goes to the log, not to the caller."""
    execute(libpq_url(app), "ALTER TABLE products ALTER COLUMN created_at TYPE text")

    answer = app.test_client().get("/api/products")

    assert answer.status_code == 500
    assert answer.json["error"]["code"] == "internal"
    assert "astimezone" not in answer.text
