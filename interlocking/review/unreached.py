"""Calls of a revision that were not reached, because an empty database led the code past them. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from interlocking.review.model import Direction, Finding, Reading

NOT_REACHED = "not-reached"
_SENDS = frozenset({"execute", "exec_driver_sql", "bulk_insert"})
_NOTHING_SENT = frozenset({"get_bind", "get_context", "f", "inline_literal", "batch_alter_table", "invoke"})
_DIRECTIONS: tuple[Direction, ...] = ("upgrade", "downgrade")


def unreached(reading: Reading) -> Iterator[Finding]:
    """Yield one finding for each operation that asks the database's answer and was passed over.

    A revision that asks nothing goes the same way everywhere; one that stopped is reported as unreadable.
    """
    stopped = {problem.direction for problem in reading.problems}
    if not reading.asked or None in stopped or reading.tree is None:
        return
    for node in reading.tree.body:
        if isinstance(node, ast.FunctionDef):
            for direction in _DIRECTIONS:
                if node.name == direction and direction not in stopped:
                    yield from _passed_over(reading, node, direction)


def _passed_over(reading: Reading, function: ast.FunctionDef, direction: Direction) -> Iterator[Finding]:
    reached = {statement.line for statement in reading.statements(direction)}
    for call in _operations(function):
        if reached.isdisjoint(range(call.lineno, (call.end_lineno or call.lineno) + 1)) and not _only_reads(call):
            yield Finding(
                id=NOT_REACHED,
                severity="warning",
                revision=reading.revision,
                direction=direction,
                file=reading.file,
                line=call.lineno,
                message=f"nobody judged this: on an empty database the code does not reach {ast.unparse(call.func)}()",
                why="what it does depends on what the database answers, and on production that is something else",
                docs=f"hazards/{NOT_REACHED}.md",
            )


def _operations(node: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that send something, but those for another kind of database."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "dialect" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.Call) and _is_operation(child.func):
            yield child
        else:
            yield from _operations(child)


def _is_operation(function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value.id if isinstance(function.value, ast.Name) else ""
    if owner == "op" or owner.startswith("batch"):
        return function.attr not in _NOTHING_SENT
    return function.attr in _SENDS


def _only_reads(call: ast.Call) -> bool:
    """Return whether a call sends a question: those are not taken down as statements."""
    text = ast.unparse(call.args[0]).lstrip("satex.(fr'\"\\n ").upper() if call.args else ""
    return text.startswith(("SELECT", "SHOW", "WITH", "EXPLAIN"))
