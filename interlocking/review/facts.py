"""What the Python of a revision does besides its operations, read from its syntax tree. Pure."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import get_args

from interlocking.review.model import Direction, Fact

_DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
_TAKES_SQL = frozenset({"execute", "exec_driver_sql", "text", "scalar", "scalars"})
_ORM = frozenset({"Session", "sessionmaker", "scoped_session", "declarative_base", "automap_base", "query"})
_INSPECTS = frozenset({"inspect", "from_engine", "has_table", "get_columns", "get_indexes"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def find_facts(tree: ast.Module, *, is_application: Callable[[str], bool]) -> tuple[Fact, ...]:
    """Return what a revision does besides its operations.

    Args:
        tree: the parsed file.
        is_application: tells whether a dotted module is the project's own code.
    """
    found = [*_imports(tree, is_application), *_functions(tree)]
    for direction, node in _walk(tree):
        if isinstance(node, ast.Raise) and direction == "downgrade":
            found.append(Fact("raising-downgrade", node.lineno, direction, ast.unparse(node)))
        elif isinstance(node, ast.Call):
            found.extend(_calls(node, direction, tree))
        elif isinstance(node, ast.For | ast.While | ast.AsyncFor) and _sends_sql(node):
            found.append(Fact("loop", node.lineno, direction))
    return tuple(sorted(found, key=lambda fact: fact.line))


def interpolated_lines(tree: ast.Module) -> frozenset[int]:
    """Return the lines of the calls that are given SQL put together at run time."""
    return frozenset(
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _is_interpolated(node, tree)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    )


def _imports(tree: ast.Module, is_application: Callable[[str], bool]) -> Iterator[Fact]:
    for direction, node in _walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level and is_application(node.module):
            yield Fact("imports-application", node.lineno, direction, node.module)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if is_application(alias.name):
                    yield Fact("imports-application", node.lineno, direction, alias.name)


def _functions(tree: ast.Module) -> Iterator[Fact]:
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    bound = {name.id for node in tree.body if isinstance(node, ast.Assign) for name in _names(node.targets)}
    if "downgrade" not in functions and "downgrade" not in bound:
        yield Fact("missing-downgrade", 0, "downgrade")
    for direction in _DIRECTIONS:
        node = functions.get(direction)
        body = [part for part in node.body if not _is_text(part)] if node else []
        if node and all(isinstance(part, ast.Pass) for part in body):
            yield Fact(f"empty-{direction}", node.lineno, direction)


def _calls(node: ast.Call, direction: Direction | None, tree: ast.Module) -> Iterator[Fact]:
    name = _called(node)
    if name == "get_bind":
        yield Fact("queries-bind", node.lineno, direction)
    elif name == "commit":
        yield Fact("commit", node.lineno, direction)
    elif name in _ORM:
        yield Fact("orm", node.lineno, direction, name)
    elif name in _INSPECTS:
        yield Fact("inspects", node.lineno, direction, name)
    elif _is_interpolated(node, tree):
        yield Fact("interpolated-sql", node.lineno, direction, ast.unparse(node)[:200])


def _is_interpolated(node: ast.Call, tree: ast.Module) -> bool:
    return _called(node) in _TAKES_SQL and bool(node.args) and _is_built(node.args[0], tree)


def _is_built(value: ast.expr, tree: ast.Module) -> bool:
    """Return whether a text is put together from something that is not written there."""
    match value:
        case ast.JoinedStr(values=parts):
            return any(isinstance(part, ast.FormattedValue) for part in parts)
        case ast.BinOp(op=ast.Mod() | ast.Add()):
            return _is_built_by_operator(value, tree)
        case ast.Call(func=ast.Attribute(attr="format" | "join" | "replace")):
            return True
        case ast.Call(args=[inner, *_]) if _called(value) in _TAKES_SQL:
            return _is_built(inner, tree)
        case ast.Name(id=name):
            return any(_is_built(given, tree) for given in _assigned(name, tree) if not _mentions(given, name))
    return False


def _is_built_by_operator(value: ast.BinOp, tree: ast.Module) -> bool:
    if isinstance(value.op, ast.Mod):
        return isinstance(value.left, ast.Constant | ast.JoinedStr | ast.Name)
    sides = (value.left, value.right)
    return any(_is_built(side, tree) or not isinstance(side, ast.Constant | ast.BinOp) for side in sides)


def _assigned(name: str, tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(target.id == name for target in _names(node.targets)):
            yield node.value


def _mentions(value: ast.expr, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(value))


def _names(targets: list[ast.expr]) -> Iterator[ast.Name]:
    yield from (target for target in targets if isinstance(target, ast.Name))


def _walk(tree: ast.Module) -> Iterator[tuple[Direction | None, ast.AST]]:
    """Yield every node with the direction whose function it stands in."""
    for part in tree.body:
        name = part.name if isinstance(part, _FUNCTIONS) else ""
        direction: Direction | None = "upgrade" if name == "upgrade" else "downgrade" if name == "downgrade" else None
        for node in ast.walk(part):
            yield direction, node


def _sends_sql(loop: ast.AST) -> bool:
    return any(isinstance(node, ast.Call) and _called(node) in _TAKES_SQL for node in ast.walk(loop))


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
