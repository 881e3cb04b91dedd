"""A role with a password that nobody may see, a database of it, and projects on that database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg2 import sql

from interlocking.postgres.url import parse
from interlocking.redaction import Secret
from tests.servers import Server
from tests.tasks.projects import PASSWORD, TinyProject, flask_project, plain_project

REVISIONS = ("one", "two", "three")
_ROLE = "shopkeeper"


@pytest.fixture(scope="session")
def owner(postgres_server: Server) -> str:
    """A role that may make databases, as an application's role on a developer's machine can; no superuser."""
    statement = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
    postgres_server.execute(statement.format(sql.Identifier(_ROLE), sql.Literal(PASSWORD)))
    return _ROLE


@pytest.fixture
def make_url(postgres_server: Server, owner: str) -> Iterator[Callable[..., str]]:
    """Make a database that belongs to the role, empty or a copy, and return its URL."""
    made: list[str] = []

    def make(template: str | None = None) -> str:
        made.append(postgres_server.make_database(template=template))
        url = parse(made[-1])
        statement = sql.SQL("ALTER DATABASE {} OWNER TO {}")
        postgres_server.execute(statement.format(sql.Identifier(url.database), sql.Identifier(owner)))
        return _as_role(made[-1], owner)

    yield make
    for url in made:
        postgres_server.drop(url)


@pytest.fixture
def url(make_url: Callable[..., str]) -> str:
    """The URL of this test's own empty database."""
    return make_url()


@pytest.fixture
def plain(tmp_path: Path, url: str) -> TinyProject:
    """Plain Alembic, three revisions (`one`, `two`, `three`), nothing applied."""
    return plain_project(tmp_path, url, REVISIONS)


@pytest.fixture(scope="session")
def at_head(postgres_server: Server, owner: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database that `db.upgrade` brought to the head of `plain`, once for all who begin there."""
    return upgraded_template(
        postgres_server, owner, lambda url: plain_project(tmp_path_factory.mktemp("at-head"), url, REVISIONS)
    )


@pytest.fixture
def upgraded(tmp_path: Path, make_url: Callable[..., str], at_head: str) -> TinyProject:
    """Like `plain`, and everything is applied."""
    return plain_project(tmp_path, make_url(at_head), REVISIONS)


@pytest.fixture
def flask(tmp_path: Path, url: str) -> TinyProject:
    """Flask-Migrate, one model, one revision, nothing applied."""
    return flask_project(tmp_path, url)


def upgraded_template(server: Server, owner: str, make_project: Callable[[str], TinyProject]) -> str:
    """Let `db.upgrade` bring a new database of the role to the head of a project; return its URL, to copy."""
    url = server.make_database()
    statement = sql.SQL("ALTER DATABASE {} OWNER TO {}")
    server.execute(statement.format(sql.Identifier(parse(url).database), sql.Identifier(owner)))
    make_project(_as_role(url, owner)).invoke("db.upgrade").ok()
    return url


def _as_role(admin_url: str, role: str) -> str:
    return replace(parse(admin_url), user=role, password=Secret(PASSWORD)).libpq()
