"""The proof that env.py connected to the database that is meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest

from interlocking.errors import InterlockingError, RefusedError, UsageError
from interlocking.postgres.url import parse
from interlocking.upgrade.running.runner import Alembic
from tests.servers import Server
from tests.upgrade.projects import ENV_PY, Folder, flask_project, plain_project


@pytest.fixture
def elsewhere(postgres_server: Server) -> str:
    """Another database of the same server: same host, port, user and password."""
    return postgres_server.make_database()


def relations(url: str) -> int:
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        (found,) = cursor.fetchone() or (0,)
    connection.close()
    return int(found)


def driver(url: str) -> str:
    return repr(url.replace("postgresql://", "postgresql+psycopg2://"))


COMMANDS: dict[str, Callable[[Alembic], object]] = {
    "upgrade": lambda alembic: alembic.upgrade(),
    "downgrade": lambda alembic: alembic.downgrade("base"),
    "stamp": lambda alembic: alembic.stamp("a"),
    "write": lambda alembic: alembic.write(message="x", revision_id="x"),
    "check": lambda alembic: alembic.check(),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_an_env_with_a_url_of_its_own_is_refused_before_anything_runs(
    tmp_path: Path, database: str, elsewhere: str, command: Callable[[Alembic], object]
) -> None:
    """Not even the version table is made there; both databases are named."""
    folder = plain_project(tmp_path, url=driver(elsewhere))
    folder.table("a")

    with pytest.raises(RefusedError) as caught:
        command(Alembic(folder.load(database), parse(database)))

    assert (0, 0) == (relations(database), relations(elsewhere))
    assert all(parse(url).database in caught.value.message for url in (database, elsewhere))
    assert not (folder.versions / "x.py").exists()


def test_an_application_with_a_url_of_its_own_is_refused(tmp_path: Path, database: str, elsewhere: str) -> None:
    """Flask-Migrate's env.py goes where the application goes."""
    folder = flask_project(tmp_path, url=driver(elsewhere))
    folder.table("a")

    with pytest.raises(RefusedError) as caught:
        Alembic(folder.load(database), parse(database)).upgrade()

    assert "DATABASE_URL" in caught.value.next
    assert parse(elsewhere).password.reveal() not in caught.value.message


def test_another_spelling_of_the_same_database_is_accepted(tmp_path: Path, database: str) -> None:
    """What counts is what the server says it is."""
    folder = plain_project(tmp_path, url=driver(database.replace("127.0.0.1", "localhost")))
    folder.table("a")

    assert ("a",) == Alembic(folder.load(database), parse(database)).upgrade().after


def test_a_multidb_env_is_refused(tmp_path: Path, database: str) -> None:
    """Only one database can be proven, compared and reported."""
    folder = plain_project(tmp_path, options=", upgrade_token='engine1_upgrades'")
    folder.table("a")

    with pytest.raises(RefusedError) as caught:
        Alembic(folder.load(database), parse(database)).upgrade()

    assert "several-databases" == caught.value.code


WITHOUT = {
    "env-without-connection": ENV_PY.replace("connection=connection", "dialect_name='postgresql'"),
    "env-without-configure": "from alembic import context\n",
}


@pytest.mark.parametrize(("code", "env"), WITHOUT.items(), ids=WITHOUT)
def test_an_env_that_proves_nothing_is_not_trusted(tmp_path: Path, database: str, code: str, env: str) -> None:
    """Neither one without a connection, nor one that does nothing at all."""
    folder = plain_project(tmp_path, env=env)
    folder.table("a")

    with pytest.raises(UsageError) as caught:
        Alembic(folder.load(database), parse(database)).upgrade()

    assert code == caught.value.code
    assert 0 == relations(database)


def test_a_transaction_that_env_began_is_left_to_it(tmp_path: Path, database: str) -> None:
    """Such an env.py commits by itself; the proof must not roll back what it did before."""
    env = ENV_PY.replace(
        "        context.configure(connection",
        "        connection.exec_driver_sql('CREATE TABLE first ()')\n        context.configure(connection",
    ).replace(
        "            context.run_migrations()\n", "            context.run_migrations()\n        connection.commit()\n"
    )
    folder = plain_project(tmp_path, env=env)
    folder.table("a")

    Alembic(folder.load(database), parse(database)).upgrade()

    connection = psycopg2.connect(database)
    connection.cursor().execute("SELECT FROM first, a")
    connection.close()


def test_sql_needs_no_database(tmp_path: Path, database: str) -> None:
    """Offline, env.py connects nowhere, so nothing is proven."""
    folder = plain_project(tmp_path)
    folder.table("a")

    text = Alembic(folder.load(database), parse(database)).sql("upgrade", "heads")

    assert "CREATE TABLE a (" in text
    assert 0 == relations(database)


def test_a_driver_that_the_project_names_is_kept(tmp_path: Path, database: str) -> None:
    """A project on psycopg 3 must get psycopg 3, here found missing."""
    folder = plain_project(tmp_path, models="import os", url="os.environ['DATABASE_URL']")
    folder.table("a")
    own = database.replace("postgresql://", "postgresql+psycopg://")

    with pytest.raises(InterlockingError, match="No module named 'psycopg'"):
        Alembic(folder.load(own), parse(database)).upgrade()
    assert ("a",) == Alembic(folder.load(own.replace("psycopg:", "psycopg2:")), parse(database)).upgrade().after


def test_the_application_context_is_there_for_a_seed(tmp_path: Path, database: str) -> None:
    """`call` runs a function of the project on the intended database."""
    folder: Folder = flask_project(tmp_path)
    (tmp_path / "seeds.py").write_text(
        "from flask import current_app\nfrom shop import db\n\n\ndef seed():\n"
        "    print('sowing')\n    return f'{current_app.name} {db.engine.url.database}'\n"
    )

    returned = Alembic(folder.load(database), parse(database)).call("seeds:seed")

    assert f"shop {parse(database).database}" == returned


def test_a_seed_that_does_not_exist_is_a_wrong_setting(tmp_path: Path, database: str) -> None:
    """Exit 2."""
    folder = flask_project(tmp_path)

    with pytest.raises(UsageError) as caught:
        Alembic(folder.load(database), parse(database)).call("seeds:seed")

    assert "no-such-function" == caught.value.code
