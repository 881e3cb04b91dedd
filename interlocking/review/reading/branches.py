"""Where the answer of a database decides what a revision does, seen from its syntax tree. Pure."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from interlocking.review.reading.syntax import called, names_in
from interlocking.revisions.functions import function_of

Function = ast.FunctionDef
_Depends = Callable[[ast.expr, AbstractSet[str]], bool]

_ASKS = frozenset(
    (
        *("inspect", "from_engine", "has_table", "has_index", "has_schema", "has_sequence", "get_table_names"),
        *("get_view_names", "get_schema_names", "get_columns", "get_indexes", "get_foreign_keys", "get_enums"),
        *("get_unique_constraints", "get_check_constraints", "get_pk_constraint", "get_table_comment", "reflect"),
        *("execute", "exec_driver_sql", "scalar", "scalars", "query", "fetchone", "fetchall", "fetchmany"),
    )
)
_SAID_OUTSIDE = frozenset({"get_x_argument", "getenv", "environ", "current_app"})
_KNOWN_TO_ASK_NOTHING = frozenset({"alembic", "sqlalchemy", "interlocking"}) | sys.stdlib_module_names
_NAMING = (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For, ast.comprehension, ast.With)


def functions_of(tree: ast.Module, name: str) -> tuple[Function, ...]:
    """Return the function that Alembic calls by a name and all others of the file that it uses, directly or not."""
    known = {node.name: node for node in tree.body if isinstance(node, Function)}
    found: dict[str, Function] = {}
    first = function_of(tree, name)
    waiting = [first.name] if first else []
    while waiting:
        each = waiting.pop()
        if each in known and each not in found:
            found[each] = known[each]
            waiting += names_in(known[each])
    return tuple(found.values())


def decided_by_database(functions: Sequence[Function], names: frozenset[str]) -> Iterator[ast.If | ast.While]:
    """Yield the conditions that depend on what a database says.

    Args:
        functions: where they stand.
        names: what `names_that_depend` says of their file.
    """
    for function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.If | ast.While) and _depends(node.test, names):
                yield node


def looks_outside(source: str) -> bool:
    """Say whether the text of a file names the command line, the environment or the application at all."""
    return any(word in source for word in _SAID_OUTSIDE)


def decided_outside(tree: ast.Module, functions: Sequence[Function]) -> bool:
    """Say whether the command line, the environment or the application decides what runs.

    Args:
        tree: the syntax tree of a file.
        functions: where the conditions stand.
    """
    names = _grown(tree, set(_SAID_OUTSIDE), _mentions)
    tests = (node.test for each in functions for node in ast.walk(each) if isinstance(node, ast.If))
    return any(_mentions(test, names) for test in tests)


def names_that_depend(tree: ast.Module) -> frozenset[str]:
    """Return the variables and functions whose value comes from a database, and what is imported and may ask one."""
    return _grown(tree, {alias.asname or alias.name for alias in _imported(tree)}, _depends)


def _grown(tree: ast.Module, names: set[str], depends: _Depends) -> frozenset[str]:
    """Return `names`, and those of the variables and functions whose value depends on them."""
    given = [_given(node) for node in ast.walk(tree) if isinstance(node, _NAMING)]
    answers = {
        node.name: [part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value]
        for node in tree.body
        if isinstance(node, Function)
    }
    grown = True
    while grown:
        targets = (target for to, of in given if any(depends(each, names) for each in of) for target in to)
        more = names_in(*targets)
        more |= {name for name, values in answers.items() if any(depends(each, names) for each in values)}
        grown, names = not more <= names, names | more
    return frozenset(names)


def _given(node: ast.AST) -> tuple[list[ast.expr], list[ast.expr]]:
    """Return what is given a value, and the values."""
    match node:
        case ast.Assign(targets=targets, value=value):
            return targets, [value]
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
            return [target], [value]
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            return [target], [value]
        case ast.With(items=items):
            return [each.optional_vars for each in items if each.optional_vars], [each.context_expr for each in items]
    return [], []


def _imported(tree: ast.Module) -> Iterator[ast.alias]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] not in _KNOWN_TO_ASK_NOTHING:
            yield from node.names


def _mentions(value: ast.expr, names: AbstractSet[str]) -> bool:
    """Say whether one of the names stands in a value, by itself or behind a dot."""
    words = (getattr(each, "attr", None) or getattr(each, "id", None) for each in ast.walk(value))
    return any(word in names for word in words)


def _depends(value: ast.expr, names: AbstractSet[str]) -> bool:
    """Say whether a value comes from a database; what kind of database it is does not count."""
    parts = list(ast.walk(value))
    if any(isinstance(each, ast.Attribute) and each.attr == "dialect" for each in parts):
        return False
    asks = any(isinstance(each, ast.Call) and called(each) in _ASKS for each in parts)
    return asks or not names_in(value).isdisjoint(names)
