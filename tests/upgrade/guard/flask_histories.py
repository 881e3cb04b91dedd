"""The same projects through Flask-Migrate: `flask db ARGV` in forks of the test, with Wingman's own env.py."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import flask_migrate
import flask_sqlalchemy
from flask.cli import cli

from tests.upgrade.guard.histories import History

WINGMAN_ENV = Path(__file__).parents[3] / "migrations" / "env.py"
_APP = """
import os

import sqlalchemy as sa
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

application = Flask(__name__)
application.config["SQLALCHEMY_DATABASE_URI"] = os.environ["TEST_URL"]
db = SQLAlchemy(application)
metadata = db.metadata
{before}
Migrate(application, db{options})
"""
LOADED = (flask_migrate, flask_sqlalchemy)  # once, for all forks


class FlaskHistory(History):
    """A Flask-Migrate project."""

    def env(self, *, before: str = "", options: str = "") -> None:
        """Write the application; `before` may add models to `metadata`."""
        (self.root / "shop.py").write_text(_APP.format(before=textwrap.dedent(before), options=options))
        (self.root / "migrations" / "env.py").write_bytes(WINGMAN_ENV.read_bytes())
        ini = (self.root / "alembic.ini").read_text()
        (self.root / "migrations" / "alembic.ini").write_text(ini.replace("script_location = %(here)s/migrations", ""))

    def command(self, argv: tuple[str, ...]) -> None:
        os.environ["FLASK_APP"] = "shop:application"
        cli.main(["db", *argv], prog_name="flask")

    def autogenerate(self) -> tuple[int, str]:
        return self.run("migrate", "-m", "generated")
