"""Wingman itself on Local Railway: gunicorn, PostgreSQL in the private network, and a switch under traffic."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Self

import psycopg2
import pytest

from interlocking.postgres.url import DatabaseUrl
from interlocking.railway.local.creation import ServiceSpec, postgres
from interlocking.railway.local.database import drop_service_database, make_service_database
from tests.railway.local.platforms import Place, get, place
from tests.servers import Server
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
_PARTS = ("backend", "migrations", "interlocking", "gunicorn.conf.py", "pyproject.toml")


def wingman(folder: Path, *, deploy: str = "") -> Path:
    """Copy what Wingman's service is made of, with a short overlap and more lines in the `[deploy]` section."""
    folder.mkdir()
    for name in _PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    settings = (ROOT / "railway.toml").read_text().replace("overlapSeconds = 5", "overlapSeconds = 3")
    (folder / "railway.toml").write_text(settings + deploy)
    return folder


@pytest.fixture
def database(postgres_server: Server) -> Iterator[DatabaseUrl]:
    """A database of the service's own, as its owner."""
    yield make_service_database(postgres_server.url, "local_railway")
    drop_service_database(postgres_server.url, "local_railway")


@pytest.fixture
def web(tmp_path: Path, database: DatabaseUrl) -> Iterator[Place]:
    variables = {"DATABASE_URL": "${{Postgres.DATABASE_URL}}", "FLASK_APP": "backend.wsgi:application"}
    service = ServiceSpec("web", variables)
    with place(tmp_path / "world", service, postgres(database_url=database.libpq())) as running:
        yield running


class Traffic:
    """A client that never rests, from another thread, until the block ends."""

    def __init__(self, url: str) -> None:
        self.answers: list[tuple[int, str]] = []
        self._url = url
        self._over = Event()
        self._threads = [Thread(target=self._ask) for _ in range(2)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def more(self, count: int) -> None:
        """Wait until `count` more requests were answered."""
        wanted = len(self.answers) + count
        wait_until(lambda: len(self.answers) >= wanted)

    @property
    def failed(self) -> list[tuple[int, str]]:
        """The answers that are no 200."""
        return [answer for answer in self.answers if answer[0] != 200]

    def _ask(self) -> None:
        while not self._over.wait(0.02):
            self.answers.append(get(self._url))


def test_a_release_with_a_migration_loses_no_request(web: Place, tmp_path: Path, database: DatabaseUrl) -> None:
    """Pre-deploy migrates in the private network, then the traffic moves while clients keep asking."""
    first = web.deploy(wingman(tmp_path / "one"))
    assert "SUCCESS" == web.status(first), web.story(first)

    release = wingman(tmp_path / "two", deploy='preDeployCommand = ["flask db upgrade"]\n')
    with Traffic(f"{web.url}/api/health") as traffic:
        traffic.more(5)
        second = web.deploy(release)
        web.wait_for(first, "REMOVED")
        traffic.more(5)

    assert "SUCCESS" == web.status(second), web.story(second)
    assert [] == traffic.failed
    assert ["ok"] == sorted({json.loads(text)["status"] for _, text in traffic.answers} - {"maintenance"})
    connection = psycopg2.connect(database.libpq())
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT version_num FROM alembic_version")
        assert ("20250615_companion",) == cursor.fetchone()
    connection.close()


def test_the_private_host_is_known_inside_only(web: Place, tmp_path: Path) -> None:
    """The same URL works in a container and does not resolve outside."""
    tree = wingman(tmp_path / "one", deploy='preDeployCommand = ["echo $DATABASE_URL"]\n')
    deployment = web.deploy(tree)
    assert "SUCCESS" == web.status(deployment), web.story(deployment)
    url = web.lines(deployment, "deploy")[0]

    assert "@postgres.railway.internal:" in url
    with pytest.raises(psycopg2.OperationalError, match=r"could not translate host name|resolve"):
        psycopg2.connect(url)
