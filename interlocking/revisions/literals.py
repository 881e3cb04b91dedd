"""What the module-level names of a source file hold, as far as that is known without running it.

Only plain values count: text, numbers, None, tuples, lists and sets of them, text put together with `+`, and
names of other plain values. Anything else is `Dynamic`: better to admit that than to guess.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Dynamic:
    """A value that only running the file would tell.

    Attributes:
        reason: what makes it so, with the line number.
    """

    reason: str


class _NotPlainError(Exception):
    """The expression is not a plain value."""


def module_values(tree: ast.Module) -> dict[str, object]:
    """Return what each module-level name holds at the end of the file.

    Args:
        tree: the parsed file.

    Returns:
        A plain value (collections become tuples) or a `Dynamic` for each name. A star import puts a `Dynamic`
        under `*`: it may have bound anything that is not bound again later.
    """
    values: dict[str, object] = {}
    for statement in tree.body:
        values.update(_bindings(statement, values))
    return values


def _bindings(statement: ast.stmt, values: dict[str, object]) -> dict[str, object]:
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name), value=expression):
            return {} if expression is None else {name: _value(expression, values, name=name)}
        case ast.Assign(targets=targets, value=expression):
            return _assigned(targets, expression, values)
        case ast.Expr(value=ast.Constant()):
            return {}
        case ast.ImportFrom(names=[ast.alias(name="*")]):
            return {"*": Dynamic(f"`from {statement.module} import *` on line {statement.lineno}")}
        case _:
            return {name: _dynamic(name, statement) for name in _touched_names(statement)}


def _assigned(targets: list[ast.expr], expression: ast.expr, values: dict[str, object]) -> dict[str, object]:
    bound: dict[str, object] = {}
    for target in targets:
        if isinstance(target, ast.Name):
            bound[target.id] = _value(expression, values, name=target.id)
        else:
            bound.update((name, _dynamic(name, target)) for name in _touched_names(target))
    return bound


def _touched_names(node: ast.AST) -> Iterator[str]:
    """Yield the names that `node` binds or could change: a read list may be appended to."""
    if isinstance(node, _FUNCTIONS):
        yield node.name
        return
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name.partition(".")[0]


def _value(expression: ast.expr, values: dict[str, object], *, name: str) -> object:
    try:
        return _plain(expression, values)
    except _NotPlainError:
        return _dynamic(name, expression)


def _plain(expression: ast.expr, values: dict[str, object]) -> object:
    match expression:
        case ast.Constant(value=value):
            return value
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return tuple(_plain(part, values) for part in parts)
        case ast.Name(id=name) if not isinstance(values.get(name, Dynamic("")), Dynamic):
            return values[name]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _sum(_plain(left, values), _plain(right, values))
    raise _NotPlainError


def _sum(left: object, right: object) -> object:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, tuple) and isinstance(right, tuple):
        return left + right
    raise _NotPlainError


def _dynamic(name: str, node: ast.stmt | ast.expr) -> Dynamic:
    return Dynamic(f"`{name}` is not a plain value on line {node.lineno}")
