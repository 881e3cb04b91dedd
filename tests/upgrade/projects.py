"""Tiny Alembic and Flask-Migrate projects, written for one test each."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path

from interlocking.environment import Project, load_project

ENV_PY = """
from alembic import context
from sqlalchemy import MetaData, create_engine, pool

target_metadata = MetaData()
{models}

if context.is_offline_mode():
    context.configure(url=context.config.get_main_option("sqlalchemy.url"), literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = create_engine({url}, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata{options})
        with context.begin_transaction():
            context.run_migrations()
"""

_ALEMBIC_INI = """
[alembic]
script_location = %(here)s/migrations
sqlalchemy.url = {url}
"""

_TEMPLATE = '''"""${message}

Revision ID: ${up_revision}
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

_REVISION = '''"""{message}"""
import os
import sys

import sqlalchemy as sa
from alembic import op

revision = {id!r}
down_revision = {down!r}
depends_on = {depends_on!r}
{module}

def upgrade():
{up}

def downgrade():
{back}
'''

_FLASK_APP = """
import os

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = {url}
db = SQLAlchemy(app)
Migrate(app, db)

{models}
"""

FROM_CONFIG = 'context.config.get_main_option("sqlalchemy.url")'
FROM_ENVIRONMENT = 'os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://")'


@dataclass(frozen=True)
class Folder:
    """A project on disk that is being written."""

    root: Path

    @property
    def versions(self) -> Path:
        return self.root / "migrations" / "versions"

    def revision(
        self,
        id: str,
        *,
        up: str = "pass",
        back: str = "pass",
        down: str | tuple[str, ...] | None = None,
        depends_on: str | None = None,
        module: str = "",
    ) -> Path:
        """Write one revision whose two functions have the given bodies."""
        path = self.versions / f"{id}.py"
        bodies = {
            "up": textwrap.indent(textwrap.dedent(up), "    "),
            "back": textwrap.indent(textwrap.dedent(back), "    "),
        }
        path.write_text(
            _REVISION.format(
                id=id, message=id, down=down, depends_on=depends_on, module=textwrap.dedent(module), **bodies
            )
        )
        return path

    def table(self, name: str, *, down: str | tuple[str, ...] | None = None, depends_on: str | None = None) -> Path:
        """Write an honest revision that makes one table."""
        return self.revision(
            name, up=create_table(name), back=f"op.drop_table({name!r})", down=down, depends_on=depends_on
        )

    def load(self, url: str, **variables: str) -> Project:
        """Return the project as the suite sees it, with `url` as its `DATABASE_URL`."""
        return load_project(self.root, {"DATABASE_URL": url, **variables})


def create_table(name: str) -> str:
    """Return the call that makes a table of two columns."""
    return f"op.create_table({name!r}, sa.Column('id', sa.Integer, primary_key=True), sa.Column('name', sa.Text))"


def plain_project(
    root: Path, *, env: str = ENV_PY, url: str = FROM_CONFIG, models: str = "", options: str = ""
) -> Folder:
    """Write a project without Flask.

    Args:
        root: its folder.
        env: the text of env.py.
        url: the expression from which env.py takes its URL.
        models: code that fills `target_metadata`.
        options: more arguments of `context.configure`, with a leading comma.
    """
    folder = Folder(root)
    folder.versions.mkdir(parents=True)
    (root / "pyproject.toml").write_text('[tool.interlocking]\nalembic_ini = "alembic.ini"\n')
    (root / "alembic.ini").write_text(_ALEMBIC_INI.format(url="driver://user:pass@localhost/dbname"))
    (root / "migrations" / "env.py").write_text(env.format(url=url, models=models, options=options))
    (root / "migrations" / "script.py.mako").write_text(_TEMPLATE)
    return folder


def flask_project(root: Path, *, url: str = FROM_ENVIRONMENT, models: str = "") -> Folder:
    """Write a Flask-Migrate project with the env.py that `flask db init` writes."""
    import flask_migrate

    folder = Folder(root)
    folder.versions.mkdir(parents=True)
    templates = Path(flask_migrate.__file__).parent / "templates" / "flask"
    (root / "pyproject.toml").write_text('[tool.interlocking]\napp = "shop:app"\n')
    (root / "shop.py").write_text(_FLASK_APP.format(url=url, models=textwrap.dedent(models)))
    (root / "migrations" / "env.py").write_text((templates / "env.py").read_text())
    (root / "migrations" / "alembic.ini").write_text((templates / "alembic.ini.mako").read_text())
    (root / "migrations" / "script.py.mako").write_text((templates / "script.py.mako").read_text())
    return folder
