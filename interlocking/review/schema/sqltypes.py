"""SQL types as data, and what a change from one to another costs. Pure.

Which changes rewrite a table was measured on PostgreSQL 15 and 18 (tests/review/test_type_changes.py does it again);
the rule behind it is ATColumnChangeRequiresRewrite in commands/tablecmds.c: a cast that only relabels the value,
or a length coercion that the planner proves to do nothing, leaves the rows alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from interlocking.review.reading.parsing import parse

Cost = Literal["nothing", "index", "rewrite"]

_ALIASES = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "decimal": "numeric",
    "serial2": "smallserial",
    "serial4": "serial",
    "serial8": "bigserial",
}
WHOLE_NUMBERS = ("integer", "bigint", "smallint", "serial", "bigserial", "smallserial")
_SERIALS = {"smallserial": "smallint", "serial": "integer", "bigserial": "bigint"}
_FRACTION = 6  # digits of a second when none are given
_GROWING = {"varchar", "varbit"}
_TIMES = {"timestamp", "timestamptz", "time", "timetz"}
_RELABELLED: dict[tuple[str, str], Cost] = {
    ("varchar", "text"): "nothing",
    ("text", "varchar"): "nothing",
    ("cidr", "inet"): "nothing",
    ("oid", "regclass"): "nothing",
    ("regclass", "oid"): "nothing",
    ("varchar", "bpchar"): "index",
    ("text", "bpchar"): "index",
    ("varchar", "citext"): "index",
    ("text", "citext"): "index",
    ("citext", "text"): "index",
    ("citext", "varchar"): "index",
    ("integer", "oid"): "index",
    ("oid", "integer"): "index",
    ("bit", "varbit"): "index",
    ("xml", "text"): "nothing",
    ("xml", "varchar"): "nothing",
}
_INTEGER_WIDTH = {"smallint": 2, "integer": 4, "bigint": 8}


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type as a column has it.

    Attributes:
        name: PostgreSQL's short word (`varchar`, `integer`, `timestamptz`), or the user's name for it.
        modifiers: what stands in the parentheses: `(20,)` for varchar(20).
        dimensions: how many pairs of brackets; 0 for no array.
        fields: the mask of `interval day to second` and its kin; None for all.
    """

    name: str
    modifiers: tuple[int, ...] = ()
    dimensions: int = 0
    fields: int | None = None

    def __str__(self) -> str:
        """As it is written in SQL."""
        inner = f"({', '.join(map(str, self.modifiers))})" if self.modifiers else ""
        return f"{self.name}{inner}{'[]' * self.dimensions}"

    @property
    def serial(self) -> bool:
        """It stands for an integer with a sequence of its own."""
        return self.name in _SERIALS

    @property
    def stored(self) -> SqlType:
        """What the column has afterwards: `integer` for `serial`."""
        return replace(self, name=_SERIALS[self.name]) if self.serial else self


def type_of(node: Any) -> SqlType:  # noqa: ANN401 - a pglast TypeName
    """Return what a TypeName of the parser says."""
    names = [part.sval for part in node.names]
    name = names[-1] if names[0] in ("pg_catalog", "public") else ".".join(names)
    modifiers = tuple(_integer(each) for each in node.typmods or ())
    fields = None
    if name == "interval":
        fields, modifiers = (modifiers[0] if modifiers else None), modifiers[1:]
        fields = None if fields == _ALL_FIELDS else fields
    return SqlType(_ALIASES.get(name, name), tuple(m for m in modifiers if m >= 0), len(node.arrayBounds or ()), fields)


def parse_type(text: str) -> SqlType | None:
    """Return the type that a text names, such as `character varying(20)`; None when it names none."""
    node = parse(f"SELECT NULL::{text}").node
    if node is None or not re.fullmatch(r"[^;]+", text):
        return None
    value = node.targetList[0].val
    return type_of(value.typeName) if type(value).__name__ == "TypeCast" else None


_ALL_FIELDS = 0x7FFF


def _integer(node: Any) -> int:  # noqa: ANN401
    return int(getattr(getattr(node, "val", None), "ival", -1) or 0)


def cost_of_change(old: SqlType, new: SqlType, *, utc: bool = False) -> Cost:
    """Return what changing a column from one type to the other costs, without a USING clause.

    Args:
        old: the type of the column now.
        new: what it shall be.
        utc: the session's time zone is UTC, which makes `timestamp` and `timestamptz` the same bytes.

    Returns:
        `nothing`: the catalogue changes and no more; `index`: the rows stay, its indexes are built again;
        `rewrite`: every row is written again.
    """
    old, new = old.stored, new.stored
    if old == new:
        return "nothing"
    if old.dimensions or new.dimensions:
        plain = old.name == new.name and old.dimensions and new.dimensions and not new.modifiers
        return "nothing" if plain else "rewrite"
    if old.name == new.name:
        return "nothing" if _only_grows(old, new) else "rewrite"
    return _between(old, new, utc=utc)


def _between(old: SqlType, new: SqlType, *, utc: bool) -> Cost:
    if {old.name, new.name} == {"timestamp", "timestamptz"}:
        return "index" if utc and _precision(new) >= _precision(old) else "rewrite"
    if new.modifiers:
        return "rewrite"
    return _RELABELLED.get((old.name, new.name), "rewrite")


def _only_grows(old: SqlType, new: SqlType) -> bool:
    if old.name in _TIMES or old.name == "interval":
        return _precision(new) >= _precision(old) and _covers(old.fields, new.fields)
    if old.name == "numeric":
        return _numeric_grows(old.modifiers, new.modifiers)
    if old.name in _GROWING:
        return not new.modifiers or bool(old.modifiers and new.modifiers[0] >= old.modifiers[0])
    return not old.modifiers and not new.modifiers


def _covers(old: int | None, new: int | None) -> bool:
    """Say whether no field of an interval is cut off."""
    return new is None or (old is not None and old | new == new) or (old is None and bool(new & _SECOND))


_SECOND = 1 << 12


def _numeric_grows(old: tuple[int, ...], new: tuple[int, ...]) -> bool:
    if not new:
        return True
    if not old:
        return False
    scale_of_old, scale_of_new = (*old, 0)[1], (*new, 0)[1]
    return scale_of_old == scale_of_new and new[0] >= old[0]


def _precision(kind: SqlType) -> int:
    return kind.modifiers[0] if kind.modifiers else _FRACTION


def can_lose(old: SqlType, new: SqlType) -> bool:
    """Say whether values of the old type may not fit the new one, so that they are cut, rounded, or an error."""
    old, new = old.stored, new.stored
    if old.name in _INTEGER_WIDTH and new.name in _INTEGER_WIDTH:
        return _INTEGER_WIDTH[new.name] < _INTEGER_WIDTH[old.name]
    if old.name == new.name:
        return _bpchar_shrinks(old, new) if old.name == "bpchar" else not _only_grows(old, new)
    if new.name in ("text", "varchar") and not new.modifiers:
        return False
    if new.name in _TEXTS:
        width = _WRITTEN.get(old.name, old.modifiers[0] if old.name in _TEXTS and old.modifiers else None)
        return width is None or (new.modifiers or (1,))[0] < width
    return (old.name, new.name) not in _LOSSLESS


def _bpchar_shrinks(old: SqlType, new: SqlType) -> bool:
    return (new.modifiers or (1,))[0] < (old.modifiers or (1,))[0]


_TEXTS = {"varchar", "bpchar"}
# The characters that the longest value of a type takes as text.
_WRITTEN = {"boolean": 5, "smallint": 6, "integer": 11, "bigint": 20, "uuid": 36, "date": 13}
_LOSSLESS = {
    ("smallint", "numeric"),
    ("integer", "numeric"),
    ("bigint", "numeric"),
    ("smallint", "double precision"),
    ("integer", "double precision"),
    ("real", "double precision"),
    ("date", "timestamp"),
    ("date", "timestamptz"),
    ("timestamp", "timestamptz"),
    ("timestamptz", "timestamp"),
    ("json", "jsonb"),
    ("jsonb", "json"),
    ("cidr", "inet"),
    ("text", "citext"),
    ("varchar", "citext"),
    ("bit", "varbit"),
}
