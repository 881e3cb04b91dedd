"""The names that PostgreSQL gives what has none. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from interlocking.review.reading.nodes import split_name

_LONGEST_NAME = 63


def usual_name(table: str, columns: Iterable[str], ending: str) -> str:
    """Return the name that PostgreSQL gives a constraint without one, cut as its `makeObjectName` does.

    SQLAlchemy refuses a name that is too long.

    Args:
        table: with or without its schema.
        columns: what it is on; none for a primary key.
        ending: such as `fkey`.
    """
    first, second = split_name(table)[1], "_".join(columns)
    room = _LONGEST_NAME - len(f"_{ending}") - bool(second)
    while len(first.encode()) + len(second.encode()) > room:
        longer_first = len(first.encode()) > len(second.encode())
        first, second = (first[:-1], second) if longer_first else (first, second[:-1])
    return "_".join(part for part in (first, second, ending) if part)
