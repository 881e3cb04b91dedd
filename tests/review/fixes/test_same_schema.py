"""What a fix is worth: on a real server, over tables with rows, the rewritten revisions end where the old ones did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import sql

from interlocking.postgres.catalog import take_snapshot
from interlocking.postgres.diff import compare
from interlocking.postgres.url import parse
from interlocking.redaction import Secret
from tests.review.fixes.recipes import BASE, GUARDED_ENV, REVISIONS, revision_text
from tests.servers import Server
from tests.tasks.projects import PASSWORD, TinyProject, plain_project

_ROWS = """SELECT count(*), count(token), count(luck), count(DISTINCT token), sum(total) FROM orders"""


@pytest.fixture
def make_url(server: Server) -> Iterator[Callable[[], str]]:
    """Make a database whose user is not the one of the embedded server, which the suite would take it for."""
    server.execute(sql.SQL("CREATE ROLE fixer LOGIN SUPERUSER PASSWORD {}").format(sql.Literal(PASSWORD)))
    made: list[str] = []

    def make() -> str:
        made.append(server.make_database())
        return replace(parse(made[-1]), user="fixer", password=Secret(PASSWORD)).libpq()

    yield make
    for url in made:
        server.drop(url)
    server.execute(sql.SQL("DROP ROLE fixer"))


@pytest.fixture
def shop(tmp_path: Path, make_url: Callable[[], str]) -> TinyProject:
    """A guarded project: a base with rows, and pending revisions with every recipe."""
    project = plain_project(tmp_path, make_url())
    project.write("migrations/env.py", GUARDED_ENV)
    project.write("migrations/versions/shop.py", BASE)
    for id_, down in zip(REVISIONS, ("shop", *REVISIONS), strict=False):
        project.write(f"migrations/versions/{id_}.py", revision_text(id_, down))
    return project


def test_every_recipe_passes_review_and_round_trip_and_ends_with_the_same_schema(
    shop: TinyProject, make_url: Callable[[], str]
) -> None:
    """Original and rewritten revisions on two databases, compared object by object."""
    plainly = make_url()
    shop.invoke("db.upgrade", DATABASE_URL=plainly).ok()
    shop.invoke("db.upgrade", "-r", "shop").ok()

    fixed = shop.invoke("db.review", "--fix", "--yes", "--json").ok().json

    assert fixed["left"] == []
    assert fixed["review"]["passes"]
    assert {each["revision"] for each in fixed["fixed"]} == set(REVISIONS)
    trip = shop.invoke("db.test-rollback", "--json").ok().json
    assert len(trip["revisions"]) > len(REVISIONS)
    shop.invoke("db.upgrade").ok()
    assert _differences(plainly, shop.url) == []
    assert shop.sql(_ROWS) == shop.sql(_ROWS, plainly) == [(50, 50, 50, 50, 1275)]


def _differences(one: str, other: str) -> list[object]:
    pictures = []
    for url in (one, other):
        with closing(psycopg2.connect(url)) as connection:
            pictures.append(
                take_snapshot(connection, ignore=("public.alembic_version", "public.interlocking_backfill"))
            )
    comparison = compare(*pictures)
    return [*comparison.differences, *comparison.remarks]
