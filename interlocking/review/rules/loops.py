"""Loops in Python that change the rows they read: without a database they run no round, so the code is looked at."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from interlocking.review.model import Reading
from interlocking.review.reading.syntax import names_in
from interlocking.revisions.functions import function_of

_WRITES = ("UPDATE ", "DELETE ")


def silent_loops(reading: Reading) -> Iterator[int]:
    """Yield the line of each loop of `upgrade()` that writes row by row in one transaction and was not seen to run."""
    tree = reading.tree if "for " in reading.source or "while " in reading.source else None
    function = function_of(tree, "upgrade")
    if function:
        ran = {each.line for each in reading.upgrade}
        loops = [loop for loop in _loops(function) if not _ran(loop, ran)]
        sessions = _sessions(function) if loops else frozenset()
        yield from (loop.lineno for loop in loops if _writes(loop, sessions))


def _loops(node: ast.AST) -> Iterator[ast.For | ast.While]:
    """Yield the outermost loops outside `autocommit_block`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.With) and any(
            "autocommit_block" in ast.unparse(each.context_expr) for each in child.items
        ):
            continue
        if isinstance(child, ast.For | ast.While):
            yield child
        else:
            yield from _loops(child)


def _sessions(function: ast.FunctionDef) -> frozenset[str]:
    """Return the names of ORM sessions: inside the transaction of a migration their commit() ends nothing.

    SQLAlchemy's `join_transaction_mode` leaves the end to whoever began.
    """
    found = {"session"}
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=made):
                pass
            case ast.withitem(context_expr=made, optional_vars=ast.Name(id=name)):
                pass
            case _:
                continue
        found |= {name} if "session" in ast.unparse(made).lower() else set()
    return frozenset(found)


def _commits(node: ast.AST, sessions: frozenset[str]) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="commit", value=ast.Name(id=name) | ast.Attribute(attr=name))):
            return name not in sessions
        case ast.Call(func=ast.Attribute(attr="commit")):
            return True
    return False


def _writes(loop: ast.For | ast.While, sessions: frozenset[str]) -> bool:
    names = names_in(loop.target) if isinstance(loop, ast.For) else set()
    inside = [each for part in loop.body for each in ast.walk(part)]
    if any(_commits(each, sessions) for each in inside):
        return False
    return any(_sends_write(each) or _sets_attribute(each, names) for each in inside)


def _sends_write(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") not in ("execute", "exec_driver_sql"):
        return False
    return any(_is_write(each) for argument in node.args for each in ast.walk(argument))


def _is_write(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.lstrip().upper().startswith(_WRITES)
    return isinstance(node, ast.Attribute) and node.attr in ("update", "delete")


def _sets_attribute(node: ast.AST, names: set[str]) -> bool:
    """`for user in session.query(User): user.name = ...`."""
    targets = node.targets if isinstance(node, ast.Assign) else ()
    return any(isinstance(each, ast.Attribute) and getattr(each.value, "id", None) in names for each in targets)


def _ran(loop: ast.For | ast.While, lines: set[int]) -> bool:
    return any(loop.lineno <= line <= (loop.end_lineno or loop.lineno) for line in lines)
