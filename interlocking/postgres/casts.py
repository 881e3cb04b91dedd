"""Are two SQL expressions the same but for casts?

When the type of a column changes, PostgreSQL reads the column's CHECK constraints and indexes again from
its own rendering of them, and renders the result with other casts. So a `varchar` that is widened and
narrowed again, as a faithful downgrade does, has its `status IN ('a', 'b')` changed from the first of these
to the second (seen on PostgreSQL 15 and 18), and nothing but making the constraint again changes it back:

    (status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])
    (status)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])
"""

from __future__ import annotations

import re

# Casts that lose nothing. One with a modifier, such as `::numeric(4,1)`, does.
_CAST = re.compile(r"::(?:text|character varying|numeric|double precision|bigint)(?!\w|\()(?:\[\])?")
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_INNERMOST_PARENTHESES = re.compile(r"(\w?)\(([^()]*)\)")
_OPEN, _CLOSE = "\x01", "\x02"


def same_but_for_casts(one: str, other: str) -> bool:
    """Say whether two definitions, as PostgreSQL writes them, differ in lossless casts alone."""
    return _without_casts(one) == _without_casts(other)


def _without_casts(definition: str) -> tuple[str, tuple[str, ...]]:
    """Return the definition without casts and needless parentheses, and the quoted texts taken out of it."""
    quoted = tuple(_QUOTED.findall(definition))
    text = _CAST.sub("", _QUOTED.sub("'", definition)).replace(", ", ",")
    while "(" in text:
        shorter = _INNERMOST_PARENTHESES.sub(_needed, text)
        if shorter == text:
            break
        text = shorter
    return text, quoted


def _needed(group: re.Match[str]) -> str:
    """Return a group without its parentheses if it holds one thing, else with marks in their place."""
    caller, content = group.groups()
    if caller or (" " in content and not re.fullmatch(f"{_OPEN}[^{_OPEN}{_CLOSE}]*{_CLOSE}", content)):
        return f"{caller}{_OPEN}{content}{_CLOSE}"
    return content
