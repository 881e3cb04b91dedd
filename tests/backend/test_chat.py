"""The conversation."""

from __future__ import annotations

from datetime import datetime

import pytest

from backend.sample_data import CONVERSATION


def post(client, **body):
    return client.post("/api/chat/messages", json=body)


def test_messages_come_newest_first_with_their_authors(reader):
    """A page begins with the latest message."""
    page = reader.get("/api/chat/messages?limit=2").json

    assert [message["body"] for message in page["items"]] == [CONVERSATION[-1][1], CONVERSATION[-2][1]]
    assert page["items"][0]["user"] == {"id": 2, "username": "noor", "display_name": "Noor Haddad"}
    assert page["next_before"] == page["items"][1]["id"]


def test_pages_go_back_to_the_first_message(reader):
    """Following next_before to its end sees every message once."""
    page = reader.get("/api/chat/messages").json
    seen = page["items"]
    while page["next_before"] is not None:
        page = reader.get(f"/api/chat/messages?before={page['next_before']}").json
        seen += page["items"]

    assert [message["body"] for message in reversed(seen)] == [body for _, body in CONVERSATION]


def test_a_posted_message_is_the_newest(client):
    """The answer is what the list then begins with."""
    answer = post(client, user_id=3, body="  One more thing: 🥖\n")

    assert answer.status_code == 201
    assert answer.json["body"] == "  One more thing: 🥖\n"
    assert answer.json["user"]["username"] == "kenji"
    assert datetime.fromisoformat(answer.json["created_at"]).utcoffset() is not None
    assert client.get("/api/chat/messages?limit=1").json["items"] == [answer.json]


def test_a_message_may_have_2000_characters(client):
    """Characters, not bytes."""
    assert post(client, user_id=1, body="é" * 2000).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"user_id": 1}, "body"),
        ({"user_id": 1, "body": ""}, "body"),
        ({"user_id": 1, "body": " \n\t\u3000"}, "body"),
        ({"user_id": 1, "body": "x" * 2001}, "body"),
        ({"user_id": 1, "body": 5}, "body"),
        ({"user_id": 1, "body": "a\0b"}, "body"),
        ({"user_id": 1, "body": "half a pair: \ud83e"}, "body"),
        ({"body": "hello"}, "user_id"),
        ({"user_id": "1", "body": "hello"}, "user_id"),
        ({"user_id": 99, "body": "hello"}, "user_id"),
        ({"user_id": 2**63, "body": "hello"}, "user_id"),
        ({"user_id": 0, "body": "hello"}, "user_id"),
    ],
)
def test_a_wrong_message_names_its_field(reader, body, field):
    """What the table would refuse is refused before it, with the field's name."""
    answer = post(reader, **body)

    assert answer.status_code == 400
    assert answer.json["error"]["code"] == "invalid-field"
    assert answer.json["error"]["field"] == field


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        ('{"user_id": 1,', "application/json"),
        ("[1, 2]", "application/json"),
        ("null", "application/json"),
        ("", "application/json"),
        (b"\xff\xfe", "application/json"),
        ('{"user_id": 1, "body": "hello"}', "text/plain"),
    ],
)
def test_a_body_that_is_no_json_object_is_named(reader, data, content_type):
    """Malformed JSON is a 400 about the field `body`."""
    answer = reader.post("/api/chat/messages", data=data, content_type=content_type)

    assert answer.status_code == 400
    assert answer.json["error"]["field"] == "body"


def test_a_huge_body_is_refused_unread(reader):
    """A request of a megabyte is 413, in JSON like every error."""
    answer = post(reader, user_id=1, body="x" * 1_000_000)

    assert answer.status_code == 413
    assert answer.json["error"]["code"] == "invalid-field"
