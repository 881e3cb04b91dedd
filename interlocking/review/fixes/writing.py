"""New code: calls of operations, one argument a line where one line would be too long. Pure."""

from __future__ import annotations

from textwrap import indent

from interlocking.review.rules.recipes import quoted

_LONGEST_LINE = 80  # and eight columns of indentation: 88, the limit of most formatters


def operation(base: str, name: str, *arguments: str) -> str:
    """Return a call of an operation.

    Args:
        base: what operations hang on: `op`.
        name: the operation.
        arguments: as code; empty ones are left out.
    """
    given = [each for each in arguments if each]
    line = f"{base}.{name}({', '.join(given)})"
    if len(line) <= _LONGEST_LINE or "\n" in line:  # never indent what may stand inside a long text
        return line
    return f"{base}.{name}(\n{indent(''.join(f'{each},{chr(10)}' for each in given), '    ')})"


def execute(base: str, sql: str) -> str:
    """Return the call that runs a statement."""
    return f"{base}.execute({quoted(sql)})"


def fixed_name(base: str, name: str) -> str:
    """Return a name that no naming convention changes."""
    return f"{base}.f({quoted(name)})"
