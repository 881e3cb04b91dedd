"""What an env.py says about transactions and lock timeouts, read from its syntax tree. Pure."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from interlocking.review.context import TransactionMode
from interlocking.review.model import syntax_tree

_GUARD_MODULE = "interlocking.upgrade"
_LOCK_TIMEOUT = re.compile(r"\block_timeout\b")


@dataclass(frozen=True, slots=True)
class Environment:
    """What an env.py says.

    Attributes:
        transaction_mode: see `Context.transaction_mode`.
        has_lock_timeout: something in it limits how long a statement waits for a lock.
        commits: it ends the transaction itself, which was there before Alembic looked.
        autocommit: each statement commits by itself: the engine or connection has that isolation level.
    """

    transaction_mode: TransactionMode = "unknown"
    has_lock_timeout: bool = False
    commits: bool = False
    autocommit: bool = False


def read_environment(source: str) -> Environment:
    """Read the text of an env.py.

    Args:
        source: the whole file; empty when there is none.
    """
    tree = syntax_tree(source) if source.strip() else None
    if tree is None:
        return Environment()
    if any(_is_guard(node) for node in ast.walk(tree)):
        return Environment("guard", has_lock_timeout=True)
    each = any(_sets_transaction_each(node) for node in ast.walk(tree))
    return Environment(
        "each" if each else "one",
        has_lock_timeout=any(map(_sets_timeout, ast.walk(tree))),
        commits=any(map(_commits, ast.walk(tree))),
        autocommit=any(map(_sets_autocommit, ast.walk(tree))),
    )


def _is_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_GUARD_MODULE)


def _sets_transaction_each(node: ast.AST) -> bool:
    match node:
        case ast.keyword(arg="transaction_per_migration", value=ast.Constant(value=value)):
            return bool(value)
        case ast.Dict(keys=keys, values=values):
            return any(
                isinstance(key, ast.Constant)
                and key.value == "transaction_per_migration"
                and isinstance(value, ast.Constant)
                and bool(value.value)
                for key, value in zip(keys, values, strict=True)
            )
    return False


def _sets_autocommit(node: ast.AST) -> bool:
    match node:
        case ast.keyword(arg="isolation_level", value=ast.Constant(value=str(level))):
            return level.upper() == "AUTOCOMMIT"
    return False


def _commits(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"


def _sets_timeout(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_LOCK_TIMEOUT.search(node.value))
