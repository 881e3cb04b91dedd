"""No text that leaves the suite shows a secret, and what tells databases apart stays readable."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlocking.redaction import MASK, Redactor, Secret, mask_url

CANARY = "s3cr3t-c4nary"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://app:pw@db:5432/shop", "postgresql://app:***@db:5432/shop"),
        ("postgres://app:p%40ss@db/shop", "postgres://app:***@db/shop"),
        ("postgresql+psycopg2://app:pw@[::1]:5432/shop", "postgresql+psycopg2://app:***@[::1]:5432/shop"),
        ("postgresql://app:p@ss@w@db/shop", "postgresql://app:***@db/shop"),
        ("postgresql://app@db/shop", "postgresql://app@db/shop"),
        (
            "postgresql:///shop?host=/run&password=pw&sslmode=require",
            "postgresql:///shop?host=/run&password=***&sslmode=require",
        ),
        ("host=db user=app password=pw dbname=shop", "host=db user=app password=*** dbname=shop"),
        ("host=db password='a b' dbname=shop", "host=db password=*** dbname=shop"),
        ("ALTER ROLE app WITH PASSWORD 'it''s'", "ALTER ROLE app WITH PASSWORD '***'"),
        (r"create role app login password E'a\'b' superuser", "create role app login password E'***' superuser"),
        ("CREATE ROLE app PASSWORD NULL", "CREATE ROLE app PASSWORD NULL"),
        ("a plain sentence about http://example and a:b@c", "a plain sentence about http://example and a:b@c"),
        (
            "two: postgresql://a:x@h/d and postgresql://b:y@i/e",
            "two: postgresql://a:***@h/d and postgresql://b:***@i/e",
        ),
    ],
)
def test_masks_what_is_secret_and_nothing_else(text: str, expected: str) -> None:
    """User, host, port and database stay; passwords go, in URLs, query values, libpq DSNs and SQL."""
    assert expected == mask_url(text)


@given(
    st.text(
        alphabet=st.characters(codec="ascii", categories=["L", "N", "P", "S"], exclude_characters="/?#&;\"'"),
        min_size=6,
    )
)
def test_a_password_never_survives_in_a_url(password: str) -> None:
    """Whatever the password holds, it is not in the masked URL."""
    marked = f"{CANARY}{password}"

    assert CANARY not in mask_url(f"postgresql://app:{marked}@db.example:5432/shop")


def test_known_secrets_are_removed_wherever_they_stand() -> None:
    """A token has no shape of its own: the redactor knows its value, raw and percent-decoded."""
    redact = Redactor(["p%40ssword", "token-1234"])

    assert "sent *** and *** and ***" == redact("sent p%40ssword and p@ssword and token-1234")


def test_a_secret_is_removed_from_json_too() -> None:
    """There its quotes and backslashes are escaped."""
    assert json.dumps({"said": f"refused {MASK}"}) == Redactor(['pa"ss\\word'])(
        json.dumps({"said": 'refused pa"ss\\word'})
    )


def test_short_secrets_do_not_ruin_prose() -> None:
    """Hiding every `a` would hide the message."""
    assert "a database" == Redactor(["a"])("a database")


@pytest.mark.parametrize("shown", [repr, str, "{}".format, "{!r}".format, lambda secret: f"{[secret]}"])
def test_a_secret_shows_its_mask(shown: object) -> None:
    """No way of formatting reveals it; only `reveal` does."""
    secret = Secret(CANARY)

    assert CANARY not in shown(secret)  # type: ignore[operator]
    assert CANARY == secret.reveal()


def test_a_secret_survives_being_sent_to_a_process() -> None:
    """Pickling keeps the value."""
    assert Secret(CANARY) == pickle.loads(pickle.dumps(Secret(CANARY)))
