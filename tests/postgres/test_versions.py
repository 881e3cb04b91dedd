"""The version table, read with psycopg2 alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from interlocking.errors import UnavailableError, UsageError
from interlocking.postgres.connect import connect
from interlocking.postgres.session import Session
from interlocking.postgres.url import parse
from interlocking.postgres.versions import current_revisions
from tests.servers import Server


@pytest.fixture
def session(server: Server) -> Iterator[Session]:
    """A connection to an empty database, as superuser."""
    url = server.make_database()
    with connect(parse(url)) as opened:
        yield opened
    server.drop(url)


def test_no_table_is_no_revision(session: Session) -> None:
    """A database that Alembic never touched is at no revision."""
    assert current_revisions(session) == ()


def test_several_heads_are_sorted(session: Session) -> None:
    """Every row counts."""
    session.cursor().execute(
        "CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('b'), ('a')"
    )

    assert current_revisions(session) == ("a", "b")


def test_names_that_need_quotes(session: Session) -> None:
    """Table and schema are names, whatever they contain."""
    session.cursor().execute(
        'CREATE SCHEMA "My Schema"; CREATE TABLE "My Schema"."a""b" (version_num text);'
        """INSERT INTO "My Schema"."a""b" VALUES ('x')"""
    )

    assert current_revisions(session, version_table='a"b', schema="My Schema") == ("x",)
    assert current_revisions(session, version_table='a"b') == ()


def test_a_table_of_something_else(session: Session) -> None:
    """A wrong setting is named, not taken for an empty history."""
    session.cursor().execute("CREATE TABLE versions (number int)")

    with pytest.raises(UsageError, match="versions has no column version_num") as caught:
        current_revisions(session, version_table="versions")

    assert caught.value.code == "not-a-version-table"


def test_a_table_one_may_not_read(session: Session) -> None:
    """The remedy names table and role."""
    session.cursor().execute("CREATE TABLE alembic_version (version_num text); SET SESSION AUTHORIZATION pg_monitor")

    with pytest.raises(UnavailableError) as caught:
        current_revisions(session)

    assert caught.value.code == "permission-denied"
    assert caught.value.next.startswith("GRANT SELECT ON alembic_version")
