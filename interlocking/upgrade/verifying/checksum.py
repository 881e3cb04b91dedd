"""The checksum of a revision file: the same for the same program, however it is laid out. Pure.

Python's own parser decides what belongs to the program, so all that a formatter may touch is left out by
construction: whitespace, line endings, comments, quotes, parentheses, trailing commas, the way a string is split
over lines. The tree is written down in a form of our own, from the few facts that every Python since 3.8 agrees
on, because `ast.dump` prints what each release adds, and production's Python may be another.
"""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections.abc import Iterable, Iterator

VERSION = "v1"
_NO_MEANING = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
_DOCUMENTED = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def checksum(source: str | bytes) -> str:
    """Return the checksum of a revision file's text, prefixed with the version of the rule: `v1:3f9c...`.

    Args:
        source: the file as text, or as bytes in the encoding that it declares (PEP 263).

    Raises:
        ValueError: it is not Python.
    """
    words = "".join([f"{_length(word)}:{word}" for word in _words(_parsed(source))])
    return f"{VERSION}:{hashlib.sha256(_encoded(words)).hexdigest()}"


def is_comparable(recorded: str | None) -> bool:
    """Return whether a recorded checksum was made by this rule; another one says nothing about an edit."""
    return bool(recorded) and str(recorded).startswith(f"{VERSION}:")


def _length(word: str) -> int:
    return len(word) if word.isascii() else len(_encoded(word))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _parsed(source: str | bytes) -> ast.Module:
    with warnings.catch_warnings(action="ignore"):  # a doubtful escape in a string is not ours to remark on
        try:
            return ast.parse(source)
        except SyntaxError as error:
            raise ValueError(f"line {error.lineno}: {error.msg}") from error
        except RecursionError:
            raise ValueError("an expression is nested too deeply") from None


def _words(tree: ast.AST) -> Iterator[str]:
    """Yield the program as words, parents before children.

    A stack instead of recursion: a long chain of `+` is nested as deeply as it is long.
    """
    todo: list[object] = [tree]
    while todo:
        item = todo.pop()
        if isinstance(item, ast.AST):
            todo.extend(reversed([f"({type(item).__name__}", *_parts(item), ")"]))
        elif isinstance(item, list):
            todo.extend(reversed(["[", *item, "]"]))
        else:
            yield str(item)


def _parts(node: ast.AST) -> Iterator[object]:
    """Yield what a node is made of: names of fields, and nodes, lists or words.

    A field that is empty is left out: a later Python may add it to nodes that never had it.
    """
    if isinstance(node, ast.Constant):
        yield _literal(node.value)
        return
    for name in sorted(node._fields):
        value = getattr(node, name, None)
        if name in _NO_MEANING or value is None or value == []:
            continue
        yield f".{name}"
        yield _special(node, name, value)


def _special(node: ast.AST, name: str, value: object) -> object:
    if isinstance(node, ast.JoinedStr) and isinstance(value, list):
        return list(_merged(value))
    if isinstance(node, _DOCUMENTED) and name == "body" and isinstance(value, list):
        return _with_plain_docstring(value)
    return value if isinstance(value, (ast.AST, list)) else str(value)


def _merged(parts: Iterable[ast.expr]) -> Iterator[object]:
    """Yield the parts of an f-string with neighbouring texts as one: versions cut them differently."""
    text = ""
    for part in parts:
        if isinstance(part, ast.Constant):
            text += str(part.value)
            continue
        if text:
            yield _literal(text)
        text = ""
        yield part
    if text:
        yield _literal(text)


def _with_plain_docstring(body: list[ast.stmt]) -> list[object]:
    """Return a body whose docstring is without its layout, which formatters change."""
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return [f"docstring {' '.join(first.value.value.split())}", *body[1:]]
    return list(body)


def _literal(value: object) -> str:
    """Return a constant with its type: `1`, `1.0`, `True` and `"1"` are four programs."""
    if isinstance(value, str):
        return f"str {value}"  # its repr would ask this Python's Unicode tables what is printable
    if isinstance(value, int) and not isinstance(value, bool):
        return f"int {value:x}"  # in decimal, Python refuses very long ones
    return f"{type(value).__name__} {value!r}"
