"""Lengths of time as people write them: `20ms`, `1.5s`, `15min`. Pure."""

from __future__ import annotations

import re

_UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|min|h|d)")


def parse_duration(text: str) -> float:
    """Return a duration in seconds.

    Args:
        text: a number and one of PostgreSQL's units (ms, s, min, h, d); `0` needs none.

    Raises:
        ValueError: it is none; the text says what is expected.
    """
    stripped = text.strip()
    if stripped == "0":
        return 0.0
    found = _DURATION.fullmatch(stripped)
    if found is None:
        raise ValueError(f"{text!r} is not a duration; write a number with ms, s, min, h or d, such as 20ms or 15min")
    return float(found["number"]) * _UNITS[found["unit"]]


def say_duration(seconds: float) -> str:
    """Return a duration for a person: `20 ms`, `4.2 s`, `3 min 5 s`, `2 h 4 min`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def milliseconds(seconds: float) -> str:
    """Return a duration as a PostgreSQL setting; anything above zero stays above it, because 0 means for ever."""
    return f"{max(1, round(seconds * 1000)) if seconds else 0}ms"
