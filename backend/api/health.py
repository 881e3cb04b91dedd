"""`/api/health`: can the database be reached, and does its schema fit this code?"""

from __future__ import annotations

from flask import Blueprint, current_app
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backend.api.error_handlers import JsonResponse
from backend.schema_state import SchemaState, read_schema_state

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> JsonResponse:
    """Report on the database. Pending migrations pass: a deploy comes before its manual migration."""
    try:
        state = read_schema_state()
    except (OperationalError, InterfaceError, PoolTimeoutError) as error:
        current_app.logger.warning("Health: the database cannot be reached: %s", getattr(error, "orig", error))
        return {"status": "unavailable", "database": {"reachable": False}, "schema": None}, 503
    return _report(state), 200


def _report(state: SchemaState) -> dict[str, object]:
    return {
        "status": "maintenance" if state.pending else "ok",
        "database": {"reachable": True},
        "schema": {
            "current": list(state.current),
            "head": list(state.history.heads),
            "pending": list(state.pending),
        },
    }
