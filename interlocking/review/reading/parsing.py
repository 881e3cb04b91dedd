"""SQL text as PostgreSQL's own grammar reads it (pglast). Pure; a text that cannot be parsed is data, not an error."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

_LONGEST = 200_000
_DEEPEST = 400
_OPENING = re.compile(r"[()\[\]]")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text after parsing.

    Attributes:
        node: the pglast node of its one statement; None when there is none, or several, or an error.
        error: why it could not be parsed; empty when it could.
    """

    node: Any = None
    error: str = ""


@lru_cache(maxsize=8192)
def parse(sql: str) -> Parsed:
    """Parse one statement."""
    problem = _unparsable(sql)
    if problem:
        return Parsed(error=problem)
    from pglast.parser import ParseError  # noqa: PLC0415

    try:
        found = _parser()(sql)
    except (ParseError, RecursionError, MemoryError, UnicodeError, ValueError) as error:
        return Parsed(error=str(error.args[0] if error.args else error))
    return Parsed(node=found[0].stmt) if len(found) == 1 else Parsed()


@cache
def _parser() -> Callable[[str], Any]:
    """Return the parser; its nodes are taken as it makes them: to check each attribute takes six times as long."""
    from pglast import ast, parse_sql  # noqa: PLC0415 - 60 ms, and a warm run parses nothing

    ast.Node.__setattr__ = object.__setattr__  # type: ignore[method-assign, assignment]
    return parse_sql


def split(sql: str) -> tuple[str, ...]:
    """Return the statements of a text; the text itself when it has one, or cannot be split."""
    text = sql.strip().rstrip(";").rstrip()
    if ";" not in text or _unparsable(text):
        return (text,)
    from pglast import split as split_sql  # noqa: PLC0415
    from pglast.parser import ParseError  # noqa: PLC0415

    for with_parser in (True, False):  # only the parser knows BEGIN ATOMIC bodies; only the scanner bears errors
        try:
            return tuple(split_sql(text, with_parser=with_parser)) or (text,)
        except (ParseError, UnicodeError, ValueError):
            continue
    return (text,)


def _unparsable(sql: str) -> str:
    """Return why a text had better not be given to the parser: it must not take the process down."""
    if len(sql) > _LONGEST:
        return f"it is {len(sql):,} characters long: too long to parse"
    depth = deepest = 0
    for mark in _OPENING.findall(sql):
        depth += 1 if mark in "([" else -1
        deepest = max(deepest, depth)
    return f"it is nested {deepest} deep: too deep to parse" if deepest > _DEEPEST else ""
