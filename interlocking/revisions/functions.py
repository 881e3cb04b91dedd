"""The function of a revision file that Alembic calls, found in its syntax tree. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

_BLOCKS = (ast.If, ast.Try, ast.TryStar, ast.With, ast.For, ast.While, ast.Match)


def function_of(tree: ast.Module | None, name: str) -> ast.FunctionDef | None:
    """Return the function that Alembic calls by a name.

    The last one to get the name has it, as in Python; `upgrade = other` gives it to the function `other` of the file.

    Args:
        tree: the file; None for one that is no Python.
        name: `upgrade` or `downgrade`.

    Returns:
        None when there is none, when the file does not say which it is (imported, made by a call, chosen by an `if`),
        and for an async one, of which Alembic runs no line.
    """
    return _last_of(tree.body if tree else (), name)


def _last_of(body: Sequence[ast.stmt], name: str) -> ast.FunctionDef | None:
    for place in reversed(range(len(body))):
        node = body[place]
        if name in _names_given(node):
            if isinstance(node, ast.FunctionDef):
                return node
            value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            return _last_of(body[:place], value.id) if isinstance(value, ast.Name) else None
    return None


def _names_given(node: ast.stmt) -> Iterator[str]:
    """Yield the names that get a value; in a block, by any of its statements."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from (each.asname or each.name for each in names)
        case ast.Assign() | ast.AnnAssign(value=ast.expr()):
            yield from (each.id for each in ast.walk(node) if isinstance(each, ast.Name) and _is_stored(each))
        case _ if isinstance(node, _BLOCKS):
            parts = (each for each in ast.walk(node) if each is not node and isinstance(each, ast.stmt))
            yield from (name for each in parts for name in _names_given(each))


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)
