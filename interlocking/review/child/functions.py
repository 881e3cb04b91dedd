"""The two functions of a revision that Alembic calls: are they there, and does calling them do anything?"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from interlocking.review.reading.syntax import names_in


class NotRunError(Exception):
    """Alembic would stop at the function, or call it without running a line of it.

    Args:
        message: one sentence.
        line: where the function is made; 0 when that is unknown.
    """

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def find_function(module: ModuleType, direction: str, path: str) -> Callable[[], Any] | None:
    """Return the function for a direction; None for a missing downgrade, which is a finding of its own.

    Raises:
        NotRunError: it cannot be called as Alembic does, or its body would not run.
    """
    function = getattr(module, direction, None)
    if function is None and not hasattr(module, direction):
        if direction == "downgrade":
            return None
        raise NotRunError("there is no function upgrade: Alembic stops at this revision", 0)
    said = _what_is_wrong(function, direction)
    if said:
        raise NotRunError(said, _line_of(direction, path))
    return function


def _what_is_wrong(function: Any, name: str) -> str:  # noqa: ANN401 - whatever the file calls so
    if not callable(function):
        return f"{name} is no function but {type(function).__name__}: Alembic stops at this revision"
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return f"{name} is an async function: Alembic calls it and awaits nothing, so not a line of it runs"
    if inspect.isgeneratorfunction(function):
        return f"{name} has a yield in it: Alembic makes a generator of it and takes nothing from it, so no line runs"
    wanted = _wanted(function)
    if wanted:
        return (
            f"{name}({', '.join(wanted)}) wants what only an env.py with run_migrations({wanted[0]}=...) gives, "
            "as for several databases; the review gives nothing"
        )
    return ""


def _wanted(function: Callable[..., Any]) -> list[str]:
    """Return the arguments without which the function cannot be called."""
    try:
        parameters = inspect.signature(function, follow_wrapped=False).parameters.values()
    except (TypeError, ValueError):  # a callable that says nothing about itself
        return []
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [each.name for each in parameters if each.default is each.empty and each.kind not in several]


def require_done(result: Any, direction: str, path: str) -> None:  # noqa: ANN401 - whatever a function returns
    """Check what a function returned.

    Raises:
        NotRunError: it is work that nobody will do: a coroutine or a generator.
    """
    if inspect.iscoroutine(result) or inspect.isgenerator(result) or inspect.isasyncgen(result):
        if inspect.iscoroutine(result):
            result.close()
        kind = type(result).__name__
        raise NotRunError(f"{direction} returns a {kind} that Alembic does nothing with", _line_of(direction, path))


def _line_of(name: str, path: str) -> int:
    """Return the last line of the file that gives something this name; 0 when none does."""
    if not path.endswith(".py"):
        return 0
    lines = [node.lineno for node in ast.parse(Path(path).read_bytes()).body if name in _given(node)]
    return lines[-1] if lines else 0


def _given(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {each.asname or each.name for each in node.names}
    targets = node.targets if isinstance(node, ast.Assign) else ()
    return names_in(*targets)
