"""`--since` and `--until` of `logs`. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from interlocking.railway.local.cli.errors import CliError

_RELATIVE = re.compile(r"(\d+)([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(text: str, now: datetime) -> datetime:
    """Return the moment that is meant: `30s 5m 2h 1d 1w` before now, RFC 3339, or local ISO.

    Raises:
        CliError: none of them.
    """
    if found := _RELATIVE.fullmatch(text):
        return now - timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise CliError(
            f"Invalid time format: '{text}'. Use relative time (e.g., 30m, 2h, 1d) or ISO 8601 "
            "(e.g., 2024-01-15T10:30:00Z)"
        ) from error
    return given.astimezone(UTC)
