"""Loading the project: its Flask application if it has one, and its Alembic configuration."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from alembic.config import Config

from interlocking.errors import InterlockingError, UsageError
from interlocking.postgres.url import with_driver_of
from interlocking.upgrade.child.sources import place_in_project
from interlocking.upgrade.running.target import Target

if TYPE_CHECKING:
    from flask import Flask


@contextmanager
def configuration(target: Target) -> Iterator[Config]:
    """Yield the project's Alembic configuration, inside the application's context when there is one.

    Raises:
        UsageError: the application or the configuration cannot be loaded.
    """
    if not target.app:
        yield _plain(target)
        return
    app = load_app(target)
    with app.app_context():
        yield _flask_migrate(app, target)


@contextmanager
def project(target: Target) -> Iterator[None]:
    """Enter the application's context when the project has an application; else nothing."""
    if not target.app:
        yield
        return
    with load_app(target).app_context():
        yield


def load_app(target: Target) -> Flask:
    """Import the application the way the `flask` command does.

    Raises:
        UsageError: it cannot be imported; the message names the line of the project that failed.
    """
    from flask.cli import ScriptInfo  # noqa: PLC0415 - only projects with Flask have it

    try:
        return ScriptInfo(app_import_path=target.app, set_debug_flag=False).load_app()
    except InterlockingError:
        raise
    except (Exception, SystemExit) as error:
        raise _app_error(error, target) from error


def _app_error(error: BaseException, target: Target) -> UsageError:
    """Say what went wrong; the last line of a NoAppException is the sentence, the rest a traceback."""
    said = str(error).strip().splitlines() or [type(error).__name__]
    culprit = error.__context__ if isinstance(error.__context__, ImportError) else error
    place = place_in_project(culprit, target.root)
    return UsageError(
        f"the application {target.app} cannot be loaded: {said[-1]}"
        + (f" ({place.relative(target.root)})" if place else ""),
        code="app-import",
        why="Flask-Migrate's env.py takes the models and the database from the application",
        next=driver_remedy(said[-1]) or "correct it, or the setting `app` (FLASK_APP), written as module:name",
    )


def driver_remedy(sentence: str) -> str:
    """Return what to do about a driver that is not installed; empty when the sentence is about something else."""
    if "No module named 'psycopg'" not in sentence:
        return ""
    return (
        "SQLAlchemy 2.1 reads a bare postgresql:// as psycopg 3: write postgresql+psycopg2:// "
        "(or let the application turn one into the other), or install psycopg"
    )


def _flask_migrate(app: Flask, target: Target) -> Config:
    extension = app.extensions.get("migrate")
    if extension is None:
        raise UsageError(
            f"the application {target.app} has no Flask-Migrate extension",
            code="no-flask-migrate",
            why="its env.py finds models and database through app.extensions['migrate']",
            next="create Migrate(app, db) in the application, or set alembic_ini for a project without Flask-Migrate",
        )
    config: Config = extension.migrate.get_config(str(target.migrations), opts=["autogenerate", "quiet"])
    return config


def _plain(target: Target) -> Config:
    pyproject = target.root / "pyproject.toml"
    config = Config(str(target.ini), toml_file=pyproject if pyproject.is_file() else None)
    config.cmd_opts = Namespace(x=None, autogenerate=True, quiet=True)
    url = with_driver_of(config.get_main_option("sqlalchemy.url", ""), target.url)
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def prefer_project(target: Target) -> None:
    """Put the project's root first on the import path, as `flask` and `alembic` in that folder do."""
    root = str(target.root)
    sys.path[:] = [root, *(entry for entry in sys.path if entry not in ("", root))]


def load_function(name: str) -> Any:  # noqa: ANN401 - whatever the project calls its function
    """Return the function that `module:function` names.

    Raises:
        UsageError: there is no such module or function.
    """
    from importlib import import_module  # noqa: PLC0415 - only db.seed comes here

    module_name, _, function_name = name.partition(":")
    try:
        return getattr(import_module(module_name), function_name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(
            f"{name} cannot be loaded: {error}", code="no-such-function", next="write it as module:function"
        ) from error
