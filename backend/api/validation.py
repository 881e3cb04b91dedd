"""Reading a request: every mistake is a 400 that names the field."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import TypeVar

from flask import request

from backend.errors import InvalidFieldError

Choice = TypeVar("Choice", bound=enum.StrEnum)

# Enough for the largest id; int() itself refuses a text of thousands of digits with an error of its own.
_DIGITS = re.compile(r"[0-9]{1,19}")

LARGEST_INTEGER = 2**31 - 1  # of PostgreSQL's type integer
LARGEST_ID = 2**63 - 1  # of PostgreSQL's type bigint


def json_object() -> dict[str, object]:
    """Return the request's body, which must be a JSON object."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise InvalidFieldError("The body must be a JSON object, sent as application/json.", field="body")
    return body


def integer(body: Mapping[str, object], field: str, *, minimum: int, maximum: int = LARGEST_INTEGER) -> int:
    """Return a required integer field between `minimum` and `maximum`."""
    value = body.get(field)
    # bool is a subclass of int, and true is no number in JSON
    if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= maximum:
        raise InvalidFieldError(f"{field} must be an integer from {minimum} to {maximum}.", field=field)
    return value


def text(body: Mapping[str, object], field: str, *, maximum: int) -> str:
    """Return a required text field of at most `maximum` characters that is not blank."""
    value = body.get(field)
    if not isinstance(value, str) or not value.strip():
        raise InvalidFieldError(f"{field} must be a text that is not blank.", field=field)
    if len(value) > maximum:
        raise InvalidFieldError(f"{field} must have at most {maximum} characters.", field=field)
    if not _is_storable(value):
        raise InvalidFieldError(f"{field} holds a character that cannot be stored.", field=field)
    return value


def query_integer(field: str, *, default: int | None, minimum: int = 0, maximum: int = LARGEST_ID) -> int | None:
    """Return an integer of the query string, or `default` when it is not there."""
    raw = request.args.get(field)
    if raw is None:
        return default
    if not _DIGITS.fullmatch(raw) or not minimum <= int(raw) <= maximum:
        raise InvalidFieldError(f"{field} must be an integer from {minimum} to {maximum}.", field=field)
    return int(raw)


def query_limit(*, default: int) -> int:
    """Return how many items the caller wants: `limit`, from 1 to 100."""
    return query_integer("limit", default=default, minimum=1, maximum=100) or default


def query_choice(field: str, choices: type[Choice]) -> Choice | None:
    """Return one of `choices` from the query string, or None when it is not there."""
    raw = request.args.get(field)
    if raw is None:
        return None
    try:
        return choices(raw)
    except ValueError:
        raise InvalidFieldError(f"{field} must be one of: {', '.join(choices)}.", field=field) from None


def _is_storable(value: str) -> bool:
    """Tell whether PostgreSQL can hold `value`: no NUL, no half of a surrogate pair."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value
