"""The JSON API: one blueprint a subject, all under `/api`."""

from __future__ import annotations

from flask import Flask

from backend.api import badges, chat, goals, health, products, skills, users
from backend.api.error_handlers import register_error_handlers

_SUBJECTS = (health, users, products, skills, chat, goals, badges)


def register_api(app: Flask) -> None:
    """Give `app` every endpoint, and errors that are JSON."""
    for subject in _SUBJECTS:
        app.register_blueprint(subject.blueprint, url_prefix="/api")
    register_error_handlers(app)
