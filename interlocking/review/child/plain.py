"""What an Alembic operation was given, as plain values that can be written as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alembic.operations.ops import MigrateOperation
from sqlalchemy import Column, Constraint, ForeignKey, TableClause
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import Computed, DefaultClause, FetchedValue, Identity, Sequence
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_LONGEST_TEXT = 2_000
_SKIPPED = frozenset({"dialect_kwargs", "info", "rows"})
Plain = Any


def options(operation: MigrateOperation) -> dict[str, Plain]:
    """Return what an operation was given; `False` for "not given" is left out."""
    given = dict(vars(operation))
    extra = given.pop("kw", {})
    found = {**given, **(extra if isinstance(extra, Mapping) else {})}
    return {
        name: plain(value)
        for name, value in found.items()
        if not (name in _SKIPPED or name.startswith("_") or value is None or _is_unchanged(name, value))
    }


def _is_unchanged(name: str, value: object) -> bool:
    return name.startswith(("modify_", "existing_")) and value is False and name != "existing_nullable"


def plain(value: Any) -> Plain:  # noqa: ANN401, PLR0911 - one case a kind of value
    """Return a value without any SQLAlchemy in it."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return str(value)[:_LONGEST_TEXT]
    if isinstance(value, Column):
        return _column(value)
    if isinstance(value, TableClause):
        return value.fullname
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return _sql(value)


def _column(column: Column[Any]) -> dict[str, Plain]:
    return {
        "name": column.name,
        "type": plain(column.type),
        "nullable": column.nullable,
        "server_default": plain(column.server_default),
        "default": column.default is not None,
        "index": bool(column.index),
        "unique": bool(column.unique),
        "primary_key": column.primary_key,
        "autoincrement": column.autoincrement if isinstance(column.autoincrement, bool) else "auto",
        "foreign_keys": [plain(key) for key in column.foreign_keys],
        "identity": column.identity is not None,
        "computed": column.computed is not None,
        "constraints": [plain(constraint) for constraint in column.constraints],
    }


def _sql(value: Any) -> Plain:  # noqa: ANN401, PLR0911 - one case a kind of value
    if isinstance(value, ForeignKey):
        return value._get_colspec()  # noqa: SLF001 - resolves nothing, unlike target_fullname
    if isinstance(value, Constraint):
        return {"kind": type(value).__name__, "name": None if value.name is None else str(value.name)}
    if isinstance(value, Identity | Computed | Sequence):
        return type(value).__name__
    if isinstance(value, DefaultClause):
        return plain(value.arg)
    if isinstance(value, FetchedValue):
        return "FetchedValue"
    if isinstance(value, TypeEngine):
        return _compiled(lambda: value.compile(dialect=_DIALECT), value)
    if isinstance(value, ClauseElement):
        return _compiled(lambda: str(value.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True})), value)
    return repr(value)[:_LONGEST_TEXT]


def _compiled(compile_: Any, value: Any) -> str:  # noqa: ANN401
    try:
        return str(compile_())[:_LONGEST_TEXT]
    except Exception:  # noqa: BLE001 - a project's own type may raise anything; its name will do
        return repr(value)[:_LONGEST_TEXT]
