"""Alembic's environment: Wingman's migrations run on the database of the current Flask application."""

import logging
from logging.config import fileConfig

from alembic import context
from flask import current_app

fileConfig(context.config.config_file_name, disable_existing_loggers=False)
migrate = current_app.extensions["migrate"]


def get_engine():
    return migrate.db.engine


def get_metadata():
    return migrate.db.metadata


def drop_empty_revision(_context, _revision, directives):
    """Let `flask db migrate` write no file when the models have not changed."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives.clear()
        logging.getLogger("alembic.env").info("No changes in schema detected.")


def run_migrations(**target):
    context.configure(
        target_metadata=get_metadata(),
        transaction_per_migration=True,
        **{"process_revision_directives": drop_empty_revision, **migrate.configure_args, **target},
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    run_migrations(url=get_engine().url, literal_binds=True)
else:
    with get_engine().connect() as connection:
        run_migrations(connection=connection)
