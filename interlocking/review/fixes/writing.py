"""New code in the style of its file: calls of operations, one argument a line where one would be too long. Pure."""

from __future__ import annotations

from textwrap import indent

import libcst as cst
from libcst import matchers

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


class Style(cst.CSTTransformer):
    """Makes new code look as its file does: its quotes, its indentation inside brackets.

    Args:
        module: the file.
    """

    def __init__(self, module: cst.Module) -> None:
        super().__init__()
        self._module = module
        self._indent = module.default_indent
        self._quote = _usual_quote(module)

    def statement(self, code: str) -> cst.SimpleStatementLine | cst.BaseCompoundStatement:
        """Return code as a statement."""
        made = cst.parse_statement(code, config=self._module.config_for_parsing).visit(self)
        assert isinstance(made, cst.SimpleStatementLine | cst.BaseCompoundStatement)  # noqa: S101 - nothing is removed
        return made

    def expression(self, code: str) -> cst.BaseExpression:
        """Return code as an expression."""
        made = cst.parse_expression(code).visit(self)
        assert isinstance(made, cst.BaseExpression)  # noqa: S101 - nothing is removed
        return made

    def leave_SimpleString(self, _before: cst.SimpleString, after: cst.SimpleString) -> cst.BaseExpression:  # noqa: N802
        """Put a text into the usual quotes, unless it holds any, or what they would change."""
        inner = after.raw_value
        if len(after.quote) > 1 or any(each in inner for each in "'\"\\"):
            return after
        return after.with_changes(value=f"{after.prefix}{self._quote}{inner}{self._quote}")

    def leave_ParenthesizedWhitespace(  # noqa: N802
        self, _before: cst.ParenthesizedWhitespace, after: cst.ParenthesizedWhitespace
    ) -> cst.ParenthesizedWhitespace:
        """Indent as the file does."""
        deeper = cst.SimpleWhitespace(self._indent) if after.last_line.value else after.last_line
        return after.with_changes(last_line=deeper)


def _usual_quote(module: cst.Module) -> str:
    """Return the quotes of most texts in a file."""
    texts = matchers.findall(module, matchers.SimpleString())
    quotes = [each.quote for each in texts if isinstance(each, cst.SimpleString)]
    return "'" if quotes.count("'") > quotes.count('"') else '"'
