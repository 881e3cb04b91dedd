"""How many rows a condition may touch, seen from its text. Pure."""

from __future__ import annotations

import re
from typing import Literal

from interlocking.review.reading.nodes import Node, columns_in, constant, is_a
from interlocking.review.schema.knowledge import Knowledge

Share = Literal["few", "batch", "many", "all"]
_ORDER: tuple[Share, ...] = ("few", "batch", "many", "all")
_KEY_LIKE = re.compile(
    r"(^|_)(id|uuid|guid|pk|key|code|slug|name|email|username|login|sku|iso|isbn|version|version_num|token|hash)$"
)
_RANGES = {"<", "<=", ">", ">="}
_BETWEEN = {"AEXPR_BETWEEN", "AEXPR_BETWEEN_SYM"}


def share_of(where: Node, table: str, known: Knowledge, fresh: frozenset[str] = frozenset()) -> Share:
    """Return how much of a table a WHERE may reach.

    Args:
        where: the condition; None reaches all.
        table: the table.
        known: what is known of its keys.
        fresh: columns that the release has added, so that IS NULL is true of every row.
    """
    if where is None or _always(where):
        return "all"
    if is_a(where, "BoolExpr"):
        return _of_several(where, table, known, fresh)
    if is_a(where, "NullTest") and where.nulltesttype.name == "IS_NULL":
        return "all" if columns_in(where.arg) & fresh else "many"
    return _comparison(where, table, known) if is_a(where, "A_Expr") else "many"


def _of_several(where: Node, table: str, known: Knowledge, fresh: frozenset[str]) -> Share:
    parts = [share_of(each, table, known, fresh) for each in where.args]
    if where.boolop.name == "AND_EXPR":
        return "batch" if _closed_range(where.args, table, known) else min(parts, key=_ORDER.index)
    return max(parts, key=_ORDER.index) if where.boolop.name == "OR_EXPR" else "many"


def _always(node: Node) -> bool:
    if is_a(node, "A_Const"):
        return getattr(node.val, "boolval", None) is True
    return is_a(node, "A_Expr") and constant(node.lexpr) and constant(node.rexpr)


def _comparison(node: Node, table: str, known: Knowledge) -> Share:
    column = next(iter(columns_in(node.lexpr)), "") if is_a(node.lexpr, "ColumnRef") else ""
    if not _is_key(column, table, known):
        return "many"
    kind = node.kind.name
    if kind in _BETWEEN:
        return "batch"
    values = node.rexpr if isinstance(node.rexpr, (tuple, list)) else (node.rexpr,)
    listed = kind == "AEXPR_IN" and node.name[0].sval == "=" and all(map(constant, values))
    equal = kind == "AEXPR_OP" and node.name[0].sval == "=" and constant(node.rexpr)
    several = kind == "AEXPR_OP_ANY" and node.name[0].sval == "="
    return "few" if listed or equal or several else "many"


def _is_key(column: str, table: str, known: Knowledge) -> bool:
    unique = (column,) in list(known.table(table).keys())
    return bool(column) and (unique or column == "ctid" or bool(_KEY_LIKE.search(column)))


def _closed_range(parts: tuple[Node, ...], table: str, known: Knowledge) -> bool:
    """`id > 100 AND id <= 200`."""
    sides = set()
    for each in parts:
        if is_a(each, "A_Expr") and each.kind.name == "AEXPR_OP" and each.name[0].sval in _RANGES:
            column = next(iter(columns_in(each.lexpr)), "")
            if _is_key(column, table, known):
                sides.add((column, each.name[0].sval[0]))
    return any((column, ">") in sides and (column, "<") in sides for column, _ in sides)
