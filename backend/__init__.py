"""Wingman's backend: a JSON API on PostgreSQL.

`create_app` builds the application; `backend.wsgi` is what gunicorn and `flask` load.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_cors import CORS
from flask_migrate import Migrate

from backend.api import register_api
from backend.config import Config, load_config
from backend.database import db

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"

_LARGEST_BODY_BYTES = 64 * 1024


def create_app(config: Config | None = None) -> Flask:
    """Build the application.

    Args:
        config: settings to use; read from the environment when left out.

    Returns:
        The Flask application. It has not connected to the database yet.

    Raises:
        ConfigurationError: a setting is missing or malformed.
    """
    config = config or load_config()
    app = Flask(__name__, static_folder=None)
    app.config.from_mapping(config.for_flask(), MAX_CONTENT_LENGTH=_LARGEST_BODY_BYTES)
    app.json.sort_keys = False
    db.init_app(app)
    Migrate(
        app,
        db,
        directory=str(MIGRATIONS),
        render_as_batch=False,
        compare_type=True,
        compare_server_default=True,
    )
    if config.frontend_origins:
        CORS(app, resources={"/api/*": {"origins": list(config.frontend_origins)}})
    register_api(app)
    return app
