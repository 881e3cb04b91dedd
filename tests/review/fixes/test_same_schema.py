"""What a fix is worth: on a real server, over tables with rows, the rewritten revisions end where the old ones did."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql

from interlocking.postgres.catalog import take_snapshot
from interlocking.postgres.diff import compare
from interlocking.postgres.url import parse
from interlocking.redaction import Secret
from tests.review.fixes.recipes import BASE, BASE_SQL, GUARDED_ENV, REVISIONS, revision_text
from tests.servers import Server
from tests.tasks.projects import PASSWORD, TinyProject, plain_project

_APPLIED = "CREATE TABLE alembic_version AS SELECT 'shop'::varchar(32) AS version_num;"
_ROWS = """SELECT count(*), count(token), count(luck), count(DISTINCT token), sum(total) FROM orders"""
Make = Callable[[], str]


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory, postgres_server: Server) -> tuple[Path, Path, Any]:
    """A guarded project with every recipe in its pending revisions, the same one fixed, and what was said."""
    root = tmp_path_factory.mktemp("shop")
    original = plain_project(root, "")
    original.write("migrations/env.py", GUARDED_ENV)
    original.write("migrations/versions/shop.py", BASE)
    for id_, down in zip(REVISIONS, ("shop", *REVISIONS), strict=False):
        original.write(f"migrations/versions/{id_}.py", revision_text(id_, down))
    copy = tmp_path_factory.mktemp("fixed") / "shop"
    shutil.copytree(root, copy)
    with _shops(postgres_server) as make:
        said = TinyProject(copy, make()).invoke("db.review", "--fix", "--yes", "--json").ok().json
    return root, copy, said


def test_every_recipe_is_followed_and_passes_the_review(fixed: tuple[Path, Path, Any]) -> None:
    """Nothing is left."""
    _, _, said = fixed
    assert said["left"] == []
    assert said["review"]["passes"]
    assert {each["revision"] for each in said["fixed"]} == set(REVISIONS)


def test_every_recipe_passes_the_round_trip_and_ends_with_the_same_schema(
    server: Server, fixed: tuple[Path, Path, Any]
) -> None:
    """Original and rewritten revisions on two databases, compared object by object."""
    with _shops(server) as make:
        original, rewritten = (TinyProject(root, make()) for root in fixed[:2])

        trip = rewritten.invoke("db.test-rollback", "--json").ok().json
        original.invoke("db.upgrade").ok()
        rewritten.invoke("db.upgrade").ok()

        assert len(trip["revisions"]) == len(list((fixed[1] / "migrations" / "versions").glob("*.py"))) - 1
        assert _differences(original.url, rewritten.url) == []
        assert rewritten.sql(_ROWS) == original.sql(_ROWS) == [(50, 50, 50, 50, 1275)]


@contextmanager
def _shops(server: Server) -> Iterator[Make]:
    """Make databases that stand at the base; their user is not that of the embedded server, which has another URL."""
    server.execute(sql.SQL("CREATE ROLE fixer LOGIN SUPERUSER PASSWORD {}").format(sql.Literal(PASSWORD)))
    made = [server.make_database()]
    with closing(psycopg2.connect(made[0])) as connection:
        connection.cursor().execute(BASE_SQL + _APPLIED)
        connection.commit()

    def make() -> str:
        made.append(server.make_database(template=made[0]))
        return replace(parse(made[-1]), user="fixer", password=Secret(PASSWORD)).libpq()

    try:
        yield make
    finally:
        for url in made:
            server.drop(url)
        server.execute(sql.SQL("DROP ROLE fixer"))


def _differences(one: str, other: str) -> list[object]:
    pictures = []
    for url in (one, other):
        with closing(psycopg2.connect(url)) as connection:
            pictures.append(
                take_snapshot(connection, ignore=("public.alembic_version", "public.interlocking_backfill"))
            )
    comparison = compare(*pictures)
    return [*comparison.differences, *comparison.remarks]
