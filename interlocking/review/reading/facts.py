"""What the Python of a revision does besides its operations, read from its syntax tree. Pure."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import get_args

from interlocking.review.model import Direction, Fact
from interlocking.review.reading.syntax import called, names_in
from interlocking.revisions.functions import function_of

_DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
_TAKES_SQL = frozenset({"execute", "exec_driver_sql", "text", "scalar", "scalars"})
_ORM = frozenset({"Session", "sessionmaker", "scoped_session", "declarative_base", "automap_base", "query"})
_INSPECTS = frozenset({"inspect", "from_engine", "has_table", "get_columns", "get_indexes"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_TELLING = frozenset({ast.Call, ast.Raise, ast.For, ast.While, ast.AsyncFor, ast.Import, ast.ImportFrom})
_LEAVES = frozenset({ast.Constant, ast.Name, ast.Load, ast.Store, ast.Del, str, int, type(None)})


@dataclass(frozen=True, slots=True)
class Python:
    """What a revision does besides its operations.

    Attributes:
        facts: in the order of their lines.
        interpolated: the lines of the calls that are given SQL put together at run time.
    """

    facts: tuple[Fact, ...] = ()
    interpolated: frozenset[int] = frozenset()


def read_python(tree: ast.Module, *, is_application: Callable[[str], bool]) -> Python:
    """Read what a revision does besides its operations.

    Args:
        tree: the parsed file.
        is_application: tells whether a dotted module is the project's own code.
    """
    facts = list(_functions(tree))
    lines: set[int] = set()
    for direction, node in _telling(tree):
        match node:
            case ast.Call():
                facts.extend(_calls(node, direction))
                if called(node) in _TAKES_SQL and node.args and _is_built(node.args[0], tree):
                    facts.append(Fact("interpolated-sql", node.lineno, direction, ast.unparse(node)[:200]))
                    lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            case ast.Raise() if direction == "downgrade":
                facts.append(Fact("raising-downgrade", node.lineno, direction, ast.unparse(node)))
            case ast.For() | ast.While() | ast.AsyncFor() if _sends_sql(node):
                facts.append(Fact("loop", node.lineno, direction))
            case ast.Import() | ast.ImportFrom():
                modules = [name for name in _imported(node) if is_application(name)]
                facts.extend(Fact("imports-application", node.lineno, direction, name) for name in modules)
    return Python(tuple(sorted(facts, key=lambda fact: fact.line)), frozenset(lines))


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if node.module and not node.level else []


def _functions(tree: ast.Module) -> Iterator[Fact]:
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    bound = {name.id for node in tree.body if isinstance(node, ast.Assign) for name in _names(node.targets)}
    if "downgrade" not in defined | bound:
        yield Fact("missing-downgrade", 0, "downgrade")
    for direction in _DIRECTIONS:
        node = function_of(tree, direction)
        body = [part for part in node.body if not _is_text(part)] if node else []
        if node and all(isinstance(part, ast.Pass) for part in body):
            yield Fact(f"empty-{direction}", node.lineno, direction)


def _calls(node: ast.Call, direction: Direction | None) -> Iterator[Fact]:
    name = called(node)
    if name == "get_bind":
        yield Fact("queries-bind", node.lineno, direction)
    elif name == "commit":
        yield Fact("commit", node.lineno, direction)
    elif name in _ORM:
        yield Fact("orm", node.lineno, direction, name)
    elif name in _INSPECTS:
        yield Fact("inspects", node.lineno, direction, name)


def _is_built(value: ast.expr, tree: ast.Module) -> bool:
    """Return whether a text is put together from something that is not written there."""
    match value:
        case ast.JoinedStr(values=parts):
            return any(isinstance(part, ast.FormattedValue) for part in parts)
        case ast.BinOp(op=ast.Mod() | ast.Add()):
            return _is_built_by_operator(value, tree)
        case ast.Call(func=ast.Attribute(attr="format" | "join" | "replace")):
            return True
        case ast.Call(args=[inner, *_]) if called(value) in _TAKES_SQL:
            return _is_built(inner, tree)
        case ast.Name(id=name):
            return any(_is_built(given, tree) for given in _assigned(name, tree) if name not in names_in(given))
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


def _names(targets: list[ast.expr]) -> Iterator[ast.Name]:
    yield from (target for target in targets if isinstance(target, ast.Name))


def _telling(tree: ast.Module) -> Iterator[tuple[Direction | None, ast.AST]]:
    """Yield the nodes that may be facts, with the direction whose function they stand in."""
    for part in tree.body:
        name = part.name if isinstance(part, _FUNCTIONS) else ""
        direction: Direction | None = "upgrade" if name == "upgrade" else "downgrade" if name == "downgrade" else None
        stack: list[ast.AST] = [part]
        while stack:
            node = stack.pop()
            if type(node) in _TELLING:
                yield direction, node
            for value in vars(node).values():  # by hand: ast.walk takes several times as long
                if type(value) is list:
                    stack.extend([item for item in value if type(item) not in _LEAVES])
                elif type(value) not in _LEAVES:
                    stack.append(value)


def _sends_sql(loop: ast.AST) -> bool:
    return any(isinstance(node, ast.Call) and called(node) in _TAKES_SQL for node in ast.walk(loop))


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
