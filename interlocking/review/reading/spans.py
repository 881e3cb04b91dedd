"""Where in a file the code behind a finding begins and ends. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from interlocking.review.model import syntax_tree


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text; all numbers from 1, columns in characters.

    Attributes:
        line: the first line.
        column: its first character.
        last_line: the last line.
        end: the column behind its last character.
    """

    line: int
    column: int
    last_line: int
    end: int


def span_of(source: str, line: int) -> Span:
    """Return where the statement at a line stands: of a block its head, of what is no Python the line.

    Args:
        source: the text of the file.
        line: from 1; 0 for the whole file, whose first line is taken.
    """
    lines = source.split("\n")
    at = min(max(line, 1), len(lines))
    tree = syntax_tree(source) if line else None
    around = [each for each in _statements(tree, lines) if each.line <= at <= each.last_line] if tree else []
    return min(around, key=lambda each: each.last_line - each.line, default=_whole(lines, at))


def _statements(tree: ast.Module, lines: Sequence[str]) -> Iterator[Span]:
    """Yield the places of the simple statements; what is said about a block is about its head, a line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            last, end = node.end_lineno or node.lineno, node.end_col_offset or 0
            begins, ends = _characters(lines, node.lineno, node.col_offset), _characters(lines, last, end)
            yield Span(node.lineno, begins + 1, last, ends + 1)


def _characters(lines: Sequence[str], line: int, offset: int) -> int:
    """Return an offset in characters; a syntax tree counts bytes."""
    return len(lines[line - 1].encode(errors="surrogatepass")[:offset].decode(errors="ignore"))


def _whole(lines: Sequence[str], at: int) -> Span:
    text = lines[at - 1].rstrip()
    return Span(at, len(text) - len(text.lstrip()) + 1, at, len(text) + 1)
