"""Operations of the project's own that only its env.py registers: made known without running env.py.

Its imports are carried out, and the classes and functions that stand in it are made; nothing else of it runs. An
import that fails there is passed over: env.py may import what only a server has.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_UNKNOWN = re.compile(r"'alembic\.op'|'(?:Batch)?Operations' object|no dispatch function")
_REGISTERS = ("register_operation", "implementation_for")


def is_unknown_operation(error: BaseException) -> bool:
    """Say whether an error is that of an operation that nobody has registered."""
    return isinstance(error, AttributeError | ValueError | LookupError) and bool(_UNKNOWN.search(str(error)))


def register(env: Path) -> None:
    """Make the operations known that `env` registers, or that the modules it imports register."""
    namespace: dict[str, object] = {"__name__": "env", "__file__": str(env)}
    for node in _statements(env):
        with suppress(Exception):
            exec(compile(ast.Module([node], []), str(env), "exec"), namespace)  # noqa: S102 - the project's own code


def _statements(env: Path) -> Iterator[ast.stmt]:
    """Yield the imports and definitions at the top of a file, those in `try` too."""
    try:
        waiting: list[ast.stmt] = list(ast.parse(env.read_bytes()).body)
    except (OSError, SyntaxError, ValueError):
        return
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Try):
            waiting[:0] = node.body
        elif isinstance(node, ast.Import | ast.ImportFrom) or _is_definition(node):
            yield node


def _is_definition(node: ast.stmt) -> bool:
    """A class or function without other decorators than Alembic's, or a call that registers one."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return all(_registers(each) for each in node.decorator_list)
    return isinstance(node, ast.Expr) and _registers(node.value)


def _registers(node: ast.expr) -> bool:
    return any(name in ast.unparse(node) for name in _REGISTERS)
