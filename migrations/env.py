"""Alembic's environment: Wingman's migrations run guarded on the database of the current Flask application."""

from logging.config import fileConfig

from alembic import context
from flask import current_app

from interlocking.upgrade import guard

fileConfig(context.config.config_file_name, disable_existing_loggers=False)
migrate = current_app.extensions["migrate"]
options = {"process_revision_directives": guard.drop_empty_revision, **migrate.configure_args}
guard.run(migrate.db.engine, migrate.db.metadata, **options)
