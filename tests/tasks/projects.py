"""Tiny migration projects on disk, and the real `invoke` run in them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from tests.waiting import DEADLINE_SECONDS, wait_until

REPOSITORY = Path(__file__).parent.parent.parent
INVOKE = str(Path(sys.executable).parent / "invoke")
PASSWORD = "canary-p4ssw%rd"
TOKEN = "canary-t0ken"

TASKS_FILE = """
from pathlib import Path
from interlocking import namespace
ns = namespace(Path(__file__).parent)
"""

ALEMBIC_INI = """
[alembic]
script_location = migrations
sqlalchemy.url = driver://user:pass@localhost/dbname
"""

PLAIN_ENV = """
from alembic import context
from sqlalchemy import create_engine, pool
from models import metadata

url = context.config.get_main_option("sqlalchemy.url")
if context.is_offline_mode():
    context.configure(url=url, target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
"""

NO_MODELS = "from sqlalchemy import MetaData\nmetadata = MetaData()\n"

SCRIPT_TEMPLATE = '''"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
"""
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''

REVISION = '''"""{message}"""
from alembic import op
revision = {revision!r}
down_revision = {down!r}

def upgrade():
    {upgrade}

def downgrade():
    {downgrade}
'''


@dataclass(frozen=True)
class Ran:
    """What one `invoke` said and how it ended."""

    command: str
    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Both streams."""
        return self.out + self.err

    @property
    def json(self) -> dict[str, Any]:
        """The one object on stdout; anything else there is a failure of the contract."""
        data = json.loads(self.out)
        assert data["schema"] == 1
        return data

    @property
    def undo(self) -> list[str]:
        """The words after `invoke` of the undo command."""
        line = next(line for line in self.out.splitlines() if line.startswith("undo: "))
        return line.removeprefix("undo: invoke ").split()

    def ok(self) -> Ran:
        """Demand success."""
        assert self.code == 0, self.describe()
        return self

    def refused(self, exit_code: int, error_code: str) -> Ran:
        """Demand this exit code and this error, each exactly once, and a next step or a reason."""
        assert self.code == exit_code, self.describe()
        assert self.err.count("error[") == 1, self.describe()
        assert f"error[{error_code}]: " in self.err, self.describe()
        return self

    def describe(self) -> str:
        """For a failed assertion."""
        return f"{self.command}\nexit {self.code}\n-- stdout\n{self.out}\n-- stderr\n{self.err}"


@dataclass
class TinyProject:
    """A project folder and the database that its tasks are pointed to.

    Args:
        root: the folder, with `tasks.py`.
        url: its `DATABASE_URL`; empty leaves the variable unset.
        variables: further environment of each run.
    """

    root: Path
    url: str
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def versions(self) -> Path:
        """The folder of the revision files."""
        return self.root / "migrations" / "versions"

    def write(self, name: str, text: str) -> Path:
        """Write a file, making its folder."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def revision(
        self,
        revision: str,
        down: str | tuple[str, ...] | None = None,
        *,
        upgrade: str = "pass",
        downgrade: str = "pass",
        message: str = "",
    ) -> Path:
        """Write a revision whose functions hold these lines of Python."""
        text = REVISION.format(
            message=message or f"the revision {revision}",
            revision=revision,
            down=down,
            upgrade=upgrade.replace("\n", "\n    "),
            downgrade=downgrade.replace("\n", "\n    "),
        )
        return self.write(f"migrations/versions/{revision}.py", text)

    def chain(self, *revisions: str) -> None:
        """Write revisions that each create one table of their own name."""
        for revision, down in zip(revisions, (None, *revisions), strict=False):
            self.table_revision(revision, down)

    def table_revision(self, revision: str, down: str | None) -> None:
        """Write a revision that creates the table of its name."""
        self.revision(
            revision,
            down,
            upgrade=f'op.execute("CREATE TABLE {revision} (id integer PRIMARY KEY)")',
            downgrade=f'op.execute("DROP TABLE {revision}")',
        )

    def invoke(self, *words: str, input: str = "", **variables: str) -> Ran:
        """Run `invoke`; whatever it does, it shows neither a secret nor a traceback."""
        child = subprocess.run(
            [INVOKE, *words],
            cwd=self.root,
            env=self.environment(**variables),
            input=input,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            check=False,
        )
        return checked(Ran(" ".join(["invoke", *words]), child.returncode, child.stdout, child.stderr))

    @contextmanager
    def running(self, *words: str, stdin: bool = False, **variables: str) -> Iterator[subprocess.Popen[str]]:
        """Start `invoke` in a session and process group of its own; whatever is left of it is killed at the end."""
        child = subprocess.Popen(
            [INVOKE, *words],
            cwd=self.root,
            env=self.environment(**variables),
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            yield child
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
            child.communicate()

    def environment(self, **variables: str) -> dict[str, str]:
        """The machine's environment, this project's database, and a token that nobody may show."""
        return {
            **os.environ,
            **({"DATABASE_URL": self.url} if self.url else {}),
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONDONTWRITEBYTECODE": "1",
            "RAILWAY_API_TOKEN": TOKEN,
            **self.variables,
            **variables,
        }

    def sql(self, statement: str, url: str = "") -> list[tuple[Any, ...]]:
        """Run one statement on the database, beside the suite."""
        connection = psycopg2.connect(url or self.url)
        try:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def wait_for(self, question: str) -> None:
        """Wait until a query on the database has rows."""
        wait_until(lambda: self.sql(question), lambda: question)

    def applied(self) -> list[str]:
        """What the version table holds; nothing when there is no such table."""
        if not self.sql("SELECT to_regclass('alembic_version')")[0][0]:
            return []
        return sorted(row[0] for row in self.sql("SELECT version_num FROM alembic_version"))

    def tables(self, url: str = "") -> list[str]:
        """The tables of the schema public, without Alembic's own."""
        rows = self.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1", url)
        return [name for (name,) in rows if name != "alembic_version"]

    def files(self) -> dict[str, bytes]:
        """Every file of the project with its content, without what the suite keeps for itself."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and not {".interlocking", "__pycache__", ".git"} & set(path.parts)
        }


def usual_environment() -> dict[str, str]:
    """This process's variables, but Python keeps what it compiles, as it does on a reader's machine."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def checked(ran: Ran) -> Ran:
    """Demand what holds for every run: no secret and no traceback."""
    shown = ran.text
    assert PASSWORD not in shown, f"{ran.command} shows the password"
    assert TOKEN not in shown, f"{ran.command} shows a token"
    assert "Traceback (most recent call last)" not in shown, ran.describe()
    return ran


def plain_project(root: Path, url: str, revisions: Sequence[str] = (), *, models: str = NO_MODELS) -> TinyProject:
    """Make a project of plain Alembic, with a chain of table revisions."""
    project = TinyProject(root, url)
    project.write("tasks.py", TASKS_FILE)
    project.write("invoke.yaml", "tasks: {dedupe: false}\n")
    project.write("pyproject.toml", '[tool.interlocking]\nalembic_ini = "alembic.ini"\n')
    project.write("alembic.ini", ALEMBIC_INI)
    project.write("models.py", models)
    project.write("migrations/env.py", PLAIN_ENV)
    project.write("migrations/script.py.mako", SCRIPT_TEMPLATE)
    project.versions.mkdir()
    project.chain(*revisions)
    return project


FLASK_APP = """
import os
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text

application = Flask(__name__)
application.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"].replace(
    "postgresql://", "postgresql+psycopg2://"
)
db = SQLAlchemy(application)
Migrate(application, db)


class Shop(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(40), nullable=False)


def seed():
    db.session.execute(text("INSERT INTO shop (id, name) VALUES (1, 'corner') ON CONFLICT DO NOTHING"))
    db.session.commit()


@application.get("/api/health")
def health():
    return {"status": "ok"}
"""

FIRST_FLASK_REVISION = """op.execute("CREATE TABLE shop (id SERIAL PRIMARY KEY, name VARCHAR(40) NOT NULL)")"""


def flask_project(root: Path, url: str) -> TinyProject:
    """Make a project of Flask-Migrate: its own env.py, one model, the revision that creates its table."""
    import flask_migrate

    template = Path(flask_migrate.__file__).parent / "templates" / "flask"
    project = TinyProject(root, url)
    project.write("tasks.py", TASKS_FILE)
    project.write("pyproject.toml", '[tool.interlocking]\napp = "shop:application"\nseed = "shop:seed"\n')
    project.write("shop.py", FLASK_APP)
    project.write("migrations/env.py", (template / "env.py").read_text())
    project.write("migrations/alembic.ini", (template / "alembic.ini.mako").read_text())
    project.write("migrations/script.py.mako", SCRIPT_TEMPLATE)
    project.revision("open_shop", upgrade=FIRST_FLASK_REVISION, downgrade='op.execute("DROP TABLE shop")')
    return project
