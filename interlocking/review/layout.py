"""Lays out code that is shown and pasted: long calls over several lines, as formatters do. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_WIDTH = 88
_SPACES = "    "
_TOKEN = re.compile(
    r"""(?P<quote>"{3}|'{3}|["'])(?:\\.|(?!(?P=quote)).)*(?P=quote)|\#.*|(?P<operator>[()\[\]{},])|(?P<unended>["'])"""
)
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


def laid_out(code: str, width: int = _WIDTH) -> str:
    """Return code whose lines have at most `width` characters, as far as calls can be broken at their commas.

    Args:
        code: a logical line a line, as the recipes write it.
        width: characters; texts and comments may still be longer.
    """
    if all(len(line) <= width for line in code.splitlines()):
        return code
    return "\n".join(part for line in code.splitlines() for part in _broken(line, width))


@dataclass(frozen=True, slots=True)
class _Bracket:
    """The places in a line where a bracket opens and closes, and those of its own commas."""

    first: int
    last: int
    commas: tuple[int, ...]


def _broken(line: str, width: int) -> Iterator[str]:
    indent = line[: len(line) - len(line.lstrip())]
    bracket = None if len(line) <= width or line.lstrip().startswith("#") else _widest(line)
    if bracket is None:
        yield line
        return
    inside = line[bracket.first + 1 : bracket.last]
    yield line[: bracket.first + 1]
    together = f"{indent}{_SPACES}{inside}"
    if len(together) <= width or not bracket.commas:
        yield from _broken(together, width)
    else:
        for argument in _arguments(line, bracket):
            yield from _broken(f"{indent}{_SPACES}{argument},", width)
    yield f"{indent}{line[bracket.last :]}"


def _arguments(line: str, bracket: _Bracket) -> Iterator[str]:
    starts = [bracket.first, *bracket.commas]
    ends = [*bracket.commas, bracket.last]
    return (line[start + 1 : end].strip() for start, end in zip(starts, ends, strict=True))


def _widest(line: str) -> _Bracket | None:
    """Return the outermost bracket that holds most of a line; None when there is none, or the line is no whole one."""
    brackets = _outermost(line)
    return max(brackets, key=lambda each: each.last - each.first, default=None)


def _outermost(line: str) -> Sequence[_Bracket]:
    found: list[_Bracket] = []
    commas: list[int] = []
    depth = first = 0
    for text, at in _operators(line):
        if text in _OPENING:
            depth += 1
            first, commas = (at, []) if depth == 1 else (first, commas)
        elif text in _CLOSING:
            depth -= 1
            if not depth and at > first + 1:
                found.append(_Bracket(first, at, tuple(commas)))
        elif text == "," and depth == 1:
            commas.append(at)
    return () if depth else found


def _operators(line: str) -> Iterator[tuple[str, int]]:
    """Yield brackets and commas with their places, but those in texts and comments.

    By hand: the standard library's tokenizer takes many times as long, for hundreds of findings.
    """
    for found in _TOKEN.finditer(line):
        if found["unended"]:
            return
        if found["operator"]:
            yield found[0], found.start()
