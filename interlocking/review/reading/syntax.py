"""Small questions to Python's syntax trees. Pure."""

from __future__ import annotations

import ast


def names_in(*nodes: ast.AST) -> set[str]:
    """Return every name that stands in nodes or below them."""
    return {part.id for node in nodes for part in ast.walk(node) if isinstance(part, ast.Name)}


def called(call: ast.Call) -> str:
    """Return the last part of the name that a call calls; empty when it has none."""
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""
