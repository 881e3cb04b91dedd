"""Tiny histories on disk, and their readings."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.dialects import postgresql

from interlocking.environment import Project, load_project
from interlocking.review.lint_settings import LintSettings
from interlocking.review.model import Reading
from interlocking.review.reading.revisions import read_revisions
from interlocking.revisions.directory import locate, read_history
from interlocking.revisions.graph import Graph, build_graph

_HEAD = '''"""{message}"""
import sqlalchemy as sa
from alembic import op

revision = {id!r}
down_revision = {down!r}
'''
_STOCK_ENV = "from alembic import context\nwith context.begin_transaction():\n    context.run_migrations()\n"


def run_upgrades(url: str, *bodies: str) -> None:
    """Run bodies of `upgrade()` on a database, one after the other, in one transaction."""
    engine = sa.create_engine("postgresql+psycopg2://", creator=lambda: psycopg2.connect(url))
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)) as op:
        for body in bodies:
            exec(body, {"op": op, "sa": sa, "postgresql": postgresql})
    engine.dispose()


@dataclass(frozen=True)
class History:
    """A plain Alembic project in a folder of its own."""

    root: Path

    @classmethod
    def begin(cls, root: Path, *, env: str = _STOCK_ENV) -> History:
        """Make the project without any revision."""
        (root / "migrations" / "versions").mkdir(parents=True)
        (root / "migrations" / "env.py").write_text(env)
        (root / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
        return cls(root)

    def write(self, id: str, upgrade: str, downgrade: str = "raise RuntimeError", *, down: str | None = None) -> Path:
        """Add a revision; both bodies are indented here."""
        text = _HEAD.format(id=id, down=down, message=id.replace("_", " "))
        for name, body in (("upgrade", upgrade), ("downgrade", downgrade)):
            text += f"\ndef {name}():\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n"
        return self.raw(id, text)

    def raw(self, id: str, text: str) -> Path:
        """Add a revision file as it stands."""
        path = self.root / "migrations" / "versions" / f"{id}.py"
        path.write_text(text)
        return path

    @property
    def project(self) -> Project:
        """The project as the suite sees it."""
        return load_project(self.root, {})

    @property
    def graph(self) -> Graph:
        """Its revisions."""
        return build_graph(read_history(locate(self.root, ini=self.root / "alembic.ini")))

    def read(self, settings: LintSettings | None = None) -> dict[str, Reading]:
        """Read every revision."""
        revisions = list(self.graph.revisions.values())
        readings = read_revisions(self.project, revisions, settings or LintSettings(), server_version=15)
        return {reading.revision: reading for reading in readings}

    def read_one(self, upgrade: str, downgrade: str = "raise RuntimeError") -> Reading:
        """Write one revision and read it."""
        self.write("one", upgrade, downgrade)
        return self.read()["one"]
