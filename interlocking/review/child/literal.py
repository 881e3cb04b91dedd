"""Bound values written into the text of their statement, as Alembic's `--sql` writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

_PLACE = re.compile(r"\$(\d+)\b")
_LONGEST = 100_000


def with_values(sql: str, parameters: Sequence[Any]) -> tuple[str, Sequence[Any]]:
    """Write `parameters` into `sql`.

    Returns:
        The text and the values that are still bound: all of them when one has no literal or there are too many.
    """
    if not parameters:
        return sql, parameters
    literals = [literal(value) for value in parameters]
    if None in literals or sum(len(text or "") for text in literals) > _LONGEST:
        return sql, parameters

    def value(found: re.Match[str]) -> str:
        number = int(found[1])
        text = literals[number - 1] if 0 < number <= len(literals) else None
        return text if text is not None else found[0]

    return _PLACE.sub(value, sql), ()


def literal(value: Any) -> str | None:  # noqa: ANN401 - any bound value
    """Return a value as PostgreSQL writes it; None when it has no simple form."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, str | UUID | date | datetime | time):
        return "'" + str(value).replace("'", "''") + "'"
    return None
