"""Whether a CHECK proves that every row of a table fits into a partition's bounds, so that ATTACH looks at none. Pure.

PostgreSQL proves it by predicate_implied_by; tests/review/test_locks.py and the corpus hold what was measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from interlocking.review.reading.nodes import Node, columns_in, is_a
from interlocking.review.reading.parsing import parse
from interlocking.review.schema.objects import Table

Value = Decimal | str
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)[ T]00:00:00(\.0+)?([+-]00(:?00)?)?")


@dataclass(frozen=True)
class _Comparison:
    """One comparison of a CHECK: the operator, and the value or values on its right."""

    operator: str
    values: tuple[Value | None, ...]


def check_proves_partition(part: Table, parent: Table, bound: Node) -> bool:
    """Say whether validated CHECKs and NOT NULL let ATTACH skip its scan.

    Args:
        part: the table that is attached.
        parent: the partitioned table; what nobody knows of it is taken to be right.
        bound: the PartitionBoundSpec.
    """
    checks = [each for each in part.constraints.values() if each.kind == "check" and each.validated]
    if len(parent.partition_key) != 1:
        return any(parent.partition_key & set(each.columns) or not parent.partition_key for each in checks)
    column = next(iter(parent.partition_key))
    nullable = part.columns[column].not_null is False if column in part.columns else False
    if nullable and not part.proves_not_null(column):
        return False
    said = [each for check in checks for each in _comparisons(check.condition, column)]
    return _in_list(said, bound) if bound.listdatums else _in_range(said, bound)


def _in_range(said: list[_Comparison], bound: Node) -> bool:
    if not (bound.lowerdatums and bound.upperdatums):
        return False
    low, high = bound.lowerdatums[0], bound.upperdatums[0]
    above = is_a(low, "ColumnRef") or any(_above(each, _value(low)) for each in said)
    below = is_a(high, "ColumnRef") or any(_below(each, _value(high)) for each in said)
    return above and below


def _above(said: _Comparison, low: Value | None) -> bool:
    return said.operator in (">", ">=", "=") and all(_ordered(low, each) for each in said.values)


def _below(said: _Comparison, high: Value | None) -> bool:
    if said.operator == "<":
        return all(_ordered(each, high) for each in said.values)
    return said.operator in ("<=", "=") and all(_ordered(each, high) and each != high for each in said.values)


def _ordered(first: Value | None, second: Value | None) -> bool:
    if isinstance(first, str) and isinstance(second, str):
        return first <= second
    return isinstance(first, Decimal) and isinstance(second, Decimal) and first <= second


def _in_list(said: list[_Comparison], bound: Node) -> bool:
    wanted = {_value(each) for each in bound.listdatums}
    return any(each.operator == "=" and set(each.values) <= wanted for each in said)


def _comparisons(condition: str, column: str) -> Iterator[_Comparison]:
    """Yield what a condition says of a column, in each of the parts that AND joins."""
    node = parse(f"SELECT 1 WHERE {condition}").node
    waiting = [node.whereClause] if node is not None else []
    while waiting:
        each = waiting.pop()
        if is_a(each, "BoolExpr") and each.boolop.name == "AND_EXPR":
            waiting.extend(each.args)
        elif is_a(each, "A_Expr") and columns_in(each.lexpr) == {column}:
            yield from _said(each)


def _said(node: Node) -> Iterator[_Comparison]:
    kind, operator, right = node.kind.name, node.name[0].sval, node.rexpr
    if kind == "AEXPR_BETWEEN":
        yield _Comparison(">=", (_value(right[0]),))
        yield _Comparison("<=", (_value(right[1]),))
    elif kind == "AEXPR_IN" and operator == "=":
        yield _Comparison("=", tuple(map(_value, right)))
    elif kind == "AEXPR_OP_ANY" and operator == "=" and is_a(right, "A_ArrayExpr"):
        yield _Comparison("=", tuple(map(_value, right.elements)))
    elif kind == "AEXPR_OP":
        yield _Comparison(operator, (_value(right),))


def _value(node: Node) -> Value | None:
    """Return a constant so that it can be compared; None for what is computed."""
    while is_a(node, "TypeCast"):
        node = node.arg
    constant = getattr(node, "val", None)
    text = getattr(constant, "sval", None)
    if text is not None:
        return _MIDNIGHT.sub(r"\1", text)
    number = getattr(constant, "fval", None) or getattr(constant, "ival", None)
    try:
        return None if number is None else Decimal(str(number))
    except InvalidOperation:
        return None
