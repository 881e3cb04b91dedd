"""The WSGI entry point: `backend.wsgi:application`, for gunicorn and for `flask`."""

from __future__ import annotations

import sys

from flask import Flask

from backend import create_app
from backend.config import ConfigurationError

# What gunicorn itself exits with when an application cannot load: its master then stops instead of
# starting the worker again for ever (gunicorn.arbiter.Arbiter.APP_LOAD_ERROR).
_APP_LOAD_ERROR = 4


def _create_or_exit() -> Flask:
    try:
        return create_app()
    except ConfigurationError as error:
        print(f"Wingman cannot start: {error}", file=sys.stderr)  # noqa: T201  # logging is not set up this early
        sys.exit(_APP_LOAD_ERROR)


application = _create_or_exit()
