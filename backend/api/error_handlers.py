"""Every error as JSON: `{"error": {"code", "message", "field"}}`."""

from __future__ import annotations

import json

from flask import Flask, Response, current_app
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from backend.errors import ApiError
from backend.schema_state import read_schema_state

# What PostgreSQL says when a query names something that is not there.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_UNDEFINED = frozenset({"42P01", "42703", "42704"})  # undefined table, column, object (a type)

_CODES = {400: "invalid-field", 404: "not-found", 405: "method-not-allowed", 413: "invalid-field"}

JsonResponse = tuple[dict[str, object], int]


def register_error_handlers(app: Flask) -> None:
    """Answer every error of `app` in JSON."""
    app.register_error_handler(ApiError, _api_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(IntegrityError, _integrity_error)
    app.register_error_handler(ProgrammingError, _programming_error)
    for unreachable in (OperationalError, InterfaceError, PoolTimeoutError):
        app.register_error_handler(unreachable, _unavailable)


def _body(code: str, message: str, *, field: str | None = None) -> dict[str, object]:
    return {"error": {"code": code, "message": message, "field": field}}


def _api_error(error: ApiError) -> JsonResponse:
    return _body(error.code, error.message, field=error.field), error.status


def _http_error(error: HTTPException) -> Response:
    """Keep what werkzeug decided (status, the Allow header of a 405) and say it in JSON."""
    status = error.code or 500
    code = _CODES.get(status, "internal" if status >= 500 else "invalid-field")  # noqa: PLR2004  # HTTP's own border
    response = Response.force_type(error.get_response())
    response.data = json.dumps(_body(code, error.description or error.name))
    response.content_type = "application/json"
    return response


def _integrity_error(error: IntegrityError) -> JsonResponse:
    """Report a race that the checks before the write could not see, such as a user deleted meanwhile."""
    current_app.logger.warning("The database refused a write: %s", error.orig)
    return _body("conflict", "This changed meanwhile. Reload and try again."), 409


def _programming_error(error: ProgrammingError) -> JsonResponse:
    """Tell code that waits for its migrations from code that is wrong."""
    if getattr(error.orig, "pgcode", None) in _UNDEFINED and read_schema_state().pending:
        current_app.logger.warning("The schema is behind this code: %s", error.orig)
        return _body("maintenance", "Wingman is being updated. Try again in a moment."), 503
    current_app.logger.error("A query failed", exc_info=error)
    return _body("internal", "Something went wrong on our side."), 500


def _unavailable(error: DBAPIError | PoolTimeoutError) -> JsonResponse:
    current_app.logger.error("The database cannot be reached: %s", getattr(error, "orig", error))
    return _body("unavailable", "Wingman cannot reach its database. Try again in a moment."), 503
