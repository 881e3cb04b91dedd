"""A missing extension gets a sentence that helps, from what PostgreSQL really says."""

from __future__ import annotations

import psycopg2
import pytest

from interlocking.postgres.connect import connect
from interlocking.postgres.extensions import explain_missing_extension
from tests.servers import Server


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("CREATE EXTENSION pgcrypto", "pgcrypto"),
        ('CREATE EXTENSION "uuid-ossp"', "uuid-ossp"),
        ("SELECT uuid_generate_v4()", "uuid-ossp"),
        ("SELECT public.digest('a', 'sha256')", "pgcrypto"),
    ],
)
def test_what_the_embedded_server_cannot_have(postgres_server: Server, statement: str, name: str) -> None:
    """The sentence names the extension, DATABASE_URL and the way without it."""
    with connect(postgres_server.url) as session, pytest.raises(psycopg2.Error) as caught:
        session.cursor().execute(statement)

    sentence = explain_missing_extension(str(caught.value), embedded=True)

    assert sentence
    assert f"has no {name}" in sentence
    assert "set DATABASE_URL" in sentence
    assert "gen_random_uuid()" in sentence


def test_what_another_server_lacks(server: Server) -> None:
    """Nothing is said about the embedded server."""
    with connect(server.url) as session, pytest.raises(psycopg2.Error) as caught:
        session.cursor().execute("CREATE EXTENSION postgis_that_nobody_has")

    sentence = explain_missing_extension(str(caught.value), embedded=False)

    assert sentence
    assert "no extension postgis_that_nobody_has" in sentence
    assert "embedded" not in sentence


@pytest.mark.parametrize("statement", ["SELECT nothing()", "SELECT 1/0", "TABLE nowhere"])
def test_other_errors_are_left_alone(postgres_server: Server, statement: str) -> None:
    """No sentence where it would mislead."""
    with connect(postgres_server.url) as session, pytest.raises(psycopg2.Error) as caught:
        session.cursor().execute(statement)

    assert explain_missing_extension(str(caught.value), embedded=True) is None
