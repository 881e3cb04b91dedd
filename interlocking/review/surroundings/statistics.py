"""The file with the sizes of production's tables, for a review without a database. Pure.

One row a table, as `psql --csv` writes the query of docs/settings.md: `table`, `rows`, `bytes`; or a JSON object,
`{"users": {"rows": 40000000, "bytes": 9000000000}}`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from io import StringIO

from interlocking.errors import UsageError
from interlocking.review.context import Size


def parse_statistics(text: str, *, name: str) -> dict[str, Size]:
    """Return the size of each table.

    Args:
        text: the whole file.
        name: of the file, for messages.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        rows = _json(text) if text.lstrip().startswith("{") else _csv(text)
        return {
            table.removeprefix("public."): Size(_number(row.get("rows")), _number(row.get("bytes")))
            for table, row in rows.items()
        }
    except (ValueError, KeyError, AttributeError, TypeError, csv.Error) as error:
        raise UsageError(
            f"{name} cannot be read as statistics: {error}",
            code="bad-statistics",
            why="sizes tell a lock on 40 rows from one on 40 million",
            next="write it with the query of docs/settings.md",
        ) from error


def _json(text: str) -> Mapping[str, Mapping[str, object]]:
    found: Mapping[str, Mapping[str, object]] = json.loads(text)
    return found


def _csv(text: str) -> Mapping[str, Mapping[str, object]]:
    return {row["table"]: row for row in csv.DictReader(StringIO(text))}


def _number(raw: object) -> int | None:
    """Return a count; PostgreSQL says -1 for a table that was never analysed."""
    if raw in (None, ""):
        return None
    number = int(float(str(raw)))
    return number if number >= 0 else None
