"""The error codes that a person can meet, read from the source of what the tasks reach."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import grimp

from tests.docs.pages import REPOSITORY

# Started by the tasks as processes of their own, or called by env.py: no import leads to them.
_ENTRIES = ("interlocking.upgrade.child.entry", "interlocking.rehearsal.child", "interlocking.upgrade.guard")
_INTERNAL = "internal-error"  # what the console makes of an exception that is none of ours
_IN_SHELL = re.compile(r"\bfail ([a-z]+-[a-z]+) ")


def met_codes() -> set[str]:
    """Return every code that a task or `bin/venv` can show."""
    literal = {code for path in _sources() for code in _codes(ast.parse(path.read_text(encoding="utf-8")))}
    return {_INTERNAL, *literal, *_IN_SHELL.findall((REPOSITORY / "bin" / "venv").read_text(encoding="utf-8"))}


def _sources() -> Iterator[Path]:
    graph = grimp.build_graph("interlocking", cache_dir=None)
    reached = {*_ENTRIES, *graph.find_descendants("interlocking.tasks")}
    for module in [*reached]:
        reached |= graph.find_upstream_modules(module)
    for module in reached:
        path = REPOSITORY.joinpath(*module.split("."))
        yield path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _codes(tree: ast.AST) -> Iterator[str]:
    """Yield what stands at `code=`, in the second place of a row `(SomeError, "code", ...)`, or of `_Failure(...)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _texts(keyword.value for keyword in node.keywords if keyword.arg == "code")
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_Failure":
            yield from _texts(node.args[1:2])
        if isinstance(node, ast.Tuple) and getattr(node.elts[0] if node.elts else None, "id", "").endswith("Error"):
            yield from _texts(node.elts[1:2])


def _texts(nodes: Iterator[ast.expr] | list[ast.expr]) -> Iterator[str]:
    return (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
