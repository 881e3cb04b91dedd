"""A shop that is released for real: Flask, gunicorn, PostgreSQL, git, and Local Railway behind `railway`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg2 import sql

from interlocking.postgres.embedded import EmbeddedServer
from interlocking.postgres.layout import layout
from interlocking.postgres.url import DatabaseUrl
from interlocking.railway.local import deployments
from interlocking.railway.local.creation import ACCOUNT_TOKEN, ServiceSpec, create_world, install, postgres
from interlocking.railway.local.database import drop_service_database, make_service_database
from interlocking.railway.local.entities import Deployment, Instance
from interlocking.railway.local.platform import stop
from interlocking.railway.local.state import World
from tests.railway.local.platforms import get
from tests.servers import Server
from tests.tasks.projects import FIRST_FLASK_REVISION, Ran, TinyProject, flask_project, plain_project
from tests.waiting import wait_until

START = "gunicorn -w 1 -b 0.0.0.0:$PORT shop:application"
RAILWAY_TOML = f"""# The shop's service.
[deploy]
startCommand = "{START}"  # migrations are run by hand
healthcheckPath = "/api/health"
overlapSeconds = 3
drainingSeconds = 60
restartPolicyMaxRetries = 1
"""
GUARDED_ENV = """from alembic import context
from flask import current_app
from interlocking.upgrade import guard

migrate = current_app.extensions["migrate"]
guard.run(migrate.db.engine, migrate.db.metadata, **migrate.configure_args)
"""
PLAIN_APP = """
import os
import psycopg2


def application(environ, start_response):
    with psycopg2.connect(os.environ["DATABASE_URL"]) as connection:
        connection.cursor().execute("SELECT count(*) FROM shop")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]
"""
PLAIN_INI = """
[alembic]
script_location = migrations
prepend_sys_path = .
"""
PLAIN_GUARDED_ENV = """import os
from interlocking.upgrade import guard
from models import metadata
from sqlalchemy import create_engine, make_url

url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg2")
guard.run(create_engine(url), metadata)
"""
QUICK = {
    "INTERLOCKING_RAILWAY_POLL": "250ms",
    "INTERLOCKING_RAILWAY_SETTLE": "300ms",
    "INTERLOCKING_RAILWAY_DEADLINE": "2min",
}
_SETTLED = ("SUCCESS", "FAILED", "CRASHED", "SKIPPED", "REMOVED")


@dataclass
class Shop:
    """A project and its platform.

    Args:
        project: the working tree, a git repository.
        world: Local Railway.
        database: the production database, as this machine reaches it.
        server: where that is.
        first: a database at the first revision, to copy.
    """

    project: TinyProject
    world: World
    database: DatabaseUrl
    server: Server
    first: DatabaseUrl

    @property
    def backend(self) -> Instance:
        """The service `web`."""
        state = self.world.read()
        return next(each for each in state.instances.values() if state.services[each.service].name == "web")

    @property
    def url(self) -> str:
        """Its public address."""
        return f"http://{self.backend.address}"

    @property
    def deployments(self) -> list[Deployment]:
        """Those of `web`, newest first."""
        return self.world.read().deployments_of(self.backend.environment, self.backend.service)

    def invoke(self, *words: str, **variables: str) -> Ran:
        """Type a task."""
        return self.project.invoke(*words, **variables)

    def commit(self, message: str = "change") -> str:
        """Commit everything; return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def git(self, *words: str) -> str:
        """Run git in the project."""
        done = subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@localhost", *words],
            cwd=self.project.root,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def apply_first_revision(self) -> None:
        """Bring production to the first revision; `db.upgrade` did it once on this server, and this copies the result."""
        mine, first = sql.Identifier(self.database.database), sql.Identifier(self.first.database)
        url = self.server.url.with_database(self.database.database).libpq()
        self.server.drop(url)
        copied = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy OWNER {}")
        self.server.execute(copied.format(mine, first, mine))
        self.server.execute(sql.SQL("REASSIGN OWNED BY {} TO {}").format(first, mine), url)

    def deploy(self) -> Deployment:
        """Deploy the tree as it is, as if somebody had, and wait until it serves."""
        with self.world.change() as state:
            instance = state.instance(self.backend.environment, self.backend.service)
            made = deployments.add(
                state, instance, snapshot=self.project.root, meta={"cliMessage": f"first (commit {self.commit()})"}
            )
        deployments.start(self.world, made)
        wait_until(lambda: self.status(made) in _SETTLED, lambda: self.story(made))
        assert self.status(made) == "SUCCESS", self.story(made)
        return made

    def status(self, deployment: Deployment) -> str:
        """Return the status as it is now."""
        return self.world.read().deployments[deployment.id].status

    def story(self, deployment: Deployment) -> str:
        """Return what is known of a deployment, for a failing test."""
        said = [line["message"] for kind in ("build", "deploy") for line in self.world.log(deployment.id, kind)]
        return "\n".join([self.status(deployment), *said])

    def answers(self) -> bool:
        """Whether the service answers 200."""
        return get(f"{self.url}/api/health")[0] == 200

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement on the production database."""
        return self.project.sql(statement, self.database.libpq())

    def applied(self) -> list[str]:
        """The revisions of the production database."""
        if self.sql("SELECT to_regclass('alembic_version')") == [(None,)]:
            return []
        return sorted(str(row[0]) for row in self.sql("SELECT version_num FROM alembic_version"))


def make_first_revision(folder: Path, server: Server) -> DatabaseUrl:
    """Let `db.upgrade` bring a new database to a shop's first revision; nobody is connected to it afterwards."""
    made = make_service_database(server.url, f"shop_first_{os.getpid()}")
    shop_project(folder, made.libpq()).invoke("db.upgrade").ok()
    owner = sql.SQL("ALTER DATABASE {} OWNER TO {}")  # who takes over a copy must not take over the original
    server.execute(owner.format(sql.Identifier(made.database), sql.Identifier(server.url.user)))
    return made


def shop_project(folder: Path, url: str = "") -> TinyProject:
    """The project of a shop at its first revision, guarded as Wingman is."""
    project = flask_project(folder, url)
    project.write("migrations/env.py", GUARDED_ENV)
    return _deployable(project)


def plain_shop_project(folder: Path) -> TinyProject:
    """The same without Flask: a WSGI application, and an env.py for `alembic` itself."""
    project = plain_project(folder, "")
    project.write("shop.py", PLAIN_APP)
    project.write("alembic.ini", PLAIN_INI)
    project.write("migrations/env.py", PLAIN_GUARDED_ENV)
    project.revision("open_shop", upgrade=FIRST_FLASK_REVISION, downgrade='op.execute("DROP TABLE shop")')
    return _deployable(project)


def _deployable(project: TinyProject) -> TinyProject:
    project.write("railway.toml", RAILWAY_TOML)
    project.write(".gitignore", ".interlocking/\n__pycache__/\n.env\n")
    return project


@contextmanager
def open_shop(
    folder: Path,
    server: Server,
    first: DatabaseUrl,
    *,
    make_project: Callable[[Path], TinyProject] = shop_project,
    deploy: Mapping[str, object] | None = None,
    reads_config_file: bool = True,
) -> Iterator[Shop]:
    """A shop at its first revision whose platform is empty; nothing of it runs after the block.

    Args:
        folder: where it is made.
        server: where its production database is.
        first: see `make_first_revision`.
        make_project: writes the project into a folder.
        deploy: the `deploy` part of the service's own configuration.
        reads_config_file: whether the platform reads railway.toml for the service.
    """
    name = f"shop_{os.getpid()}_{abs(hash(str(folder))) % 10**8}"
    database = make_service_database(server.url, name)
    project = make_project(folder / "shop")
    variables = {
        "DATABASE_URL": "${{Postgres.DATABASE_URL}}",
        "FLASK_APP": "shop:application",
        "FLASK_ENV": "production",
        "PYTHONPATH": "",
    }
    web = ServiceSpec(
        "web",
        variables,
        deploy=deploy or {},
        reads_config_file=reads_config_file,
        config_file="/railway.toml" if reads_config_file else None,
    )
    world = create_world(
        folder / "world",
        services=(web, postgres(database_url=database.libpq(), public_url=database.libpq())),
        linked=project.root,
    )
    path = f"{install(world)}:{os.environ['PATH']}"
    project.variables |= {"PATH": path, "RAILWAY_API_TOKEN": ACCOUNT_TOKEN, "INTERLOCKING_TODAY": "2026-08-20", **QUICK}
    shop = Shop(project, world, database, server, first)
    shop.git("init", "--quiet", "--initial-branch=main")
    shop.commit("first")
    try:
        yield shop
    finally:
        stop(world)
        drop_service_database(server.url, name)
        home = project.root / ".interlocking"
        EmbeddedServer(home).stop()  # recognising a database starts it
        shutil.rmtree(layout(home, as_root=os.geteuid() == 0).folder, ignore_errors=True)
