"""What an Alembic operation was given, as plain values that can be written as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alembic.operations.ops import MigrateOperation
from sqlalchemy import DefaultClause, TextClause
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_LONGEST_TEXT = 2_000
Plain = str | int | float


def options(operation: MigrateOperation) -> dict[str, Plain]:
    """Return the texts, numbers and switches that an operation was given, and its types as SQL text.

    `False` for "not given" is left out, and so is what its statements say: columns, constraints, expressions.
    """
    given = dict(vars(operation))
    extra = given.pop("kw", {})
    found = {**given, **(extra if isinstance(extra, Mapping) else {})}
    return {name: _plain(value) for name, value in found.items() if _is_told(name, value)}


def _is_told(name: str, value: object) -> bool:
    if name == "existing_server_default":
        return value not in (None, False)
    if not isinstance(value, str | int | float | TypeEngine) or name.startswith("_"):
        return False
    unchanged = value is False and name.startswith(("modify_", "existing_")) and name != "existing_nullable"
    return not unchanged


def _plain(value: object) -> Plain:
    if isinstance(value, DefaultClause | TextClause):
        value = str(getattr(value, "arg", value))
    if isinstance(value, str):
        return str(value)[:_LONGEST_TEXT]  # a quoted_name is a str that JSON would not take for one
    if isinstance(value, TypeEngine):
        return _type(value)
    return value if isinstance(value, int | float) else repr(value)[:_LONGEST_TEXT]


def _type(value: TypeEngine[Any]) -> str:
    try:
        return str(value.compile(dialect=_DIALECT))[:_LONGEST_TEXT]
    except Exception:  # noqa: BLE001 - a project's own type may raise anything; its name will do
        return repr(value)[:_LONGEST_TEXT]
