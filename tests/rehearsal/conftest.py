"""What the tests of this room share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import psycopg2
import pytest

from interlocking.plan import Progress, silent
from interlocking.postgres.scratch import ScratchDatabases
from interlocking.rehearsal.results import RevisionTrip, RoundTrip
from interlocking.rehearsal.roundtrip import round_trip
from tests.servers import Server
from tests.upgrade.projects import Folder, plain_project

Try = Callable[..., RoundTrip]


@pytest.fixture
def plain(tmp_path: Path) -> Folder:
    """An empty project without Flask."""
    return plain_project(tmp_path / "shop")


@pytest.fixture
def try_out(postgres_server: Server) -> Iterator[Try]:
    """Take revisions of a project through the round trip on PostgreSQL 18; nothing stays behind."""
    yield make_try(postgres_server)
    assert [] == scratch_databases(postgres_server)


@pytest.fixture
def try_out_everywhere(server: Server) -> Iterator[Try]:
    """The same on each supported PostgreSQL."""
    yield make_try(server)
    assert [] == scratch_databases(server)


def make_try(server: Server) -> Try:
    """Return a function that tries revisions: all of them when none are named."""

    def try_out(folder: Folder, *ids: str, progress: Progress = silent) -> RoundTrip:
        chosen: Collection[str] = ids or [path.stem for path in folder.versions.glob("*.py")]
        with ScratchDatabases(server.url) as databases:
            return round_trip(folder.load(server.admin_url), databases, chosen, progress=progress)

    return try_out


def only(trip: RoundTrip, id_: str) -> RevisionTrip:
    """Return the verdict on one revision."""
    (found,) = (each for each in trip.revisions if each.revision == id_)
    return found


def scratch_databases(server: Server) -> list[str]:
    """Return the scratch databases that are on the server now."""
    connection = psycopg2.connect(server.admin_url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'interlocking\\_%'")
        names = [name for (name,) in cursor.fetchall()]
    connection.close()
    return names


@pytest.fixture
def empty(server: Server) -> Iterator[str]:
    """The URL of an empty database, on each supported PostgreSQL."""
    url = server.make_database()
    yield url
    server.drop(url)
