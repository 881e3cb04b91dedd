"""New code in the style of its file: calls of operations, one argument a line where one would be too long. Pure."""

from __future__ import annotations

from textwrap import indent

import libcst as cst
from libcst import matchers

from interlocking.review.rules.recipes import quoted

_LONGEST_LINE = 88  # the limit of most formatters
_INDENTED = 8


def operation(base: str, name: str, *arguments: str) -> str:
    """Return a call of an operation.

    Args:
        base: what operations hang on: `op`.
        name: the operation.
        arguments: as code; empty ones are left out.
    """
    given = [each for each in arguments if each]
    line = f"{base}.{name}({', '.join(given)})"
    if len(line) <= _LONGEST_LINE - _INDENTED or "\n" in line:  # never indent what may stand inside a long text
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
        self._longest = max(_LONGEST_LINE, *map(len, module.code.splitlines()))
        self._quote = _usual_quote(module)

    def statement(self, code: str) -> cst.SimpleStatementLine | cst.BaseCompoundStatement:
        """Return code as a statement."""
        made = cst.parse_statement(code, config=self._module.config_for_parsing).visit(self)
        assert isinstance(made, cst.SimpleStatementLine | cst.BaseCompoundStatement)  # noqa: S101 - nothing is removed
        return made

    def line(self, code: str) -> cst.SimpleStatementLine:
        """Return code as a line."""
        return cst.ensure_type(self.statement(code), cst.SimpleStatementLine)

    def fitted(self, line: cst.SimpleStatementLine, *, depth: int) -> cst.SimpleStatementLine:
        """Return a line with one call; where it would be the longest of the file, each argument gets a line.

        Args:
            line: holds nothing else.
            depth: how many blocks it stands in.
        """
        expression = cst.ensure_type(line.body[0], cst.Expr)
        code, call = self._module.code_for_node(expression), cst.ensure_type(expression.value, cst.Call)
        fits = depth * len(self._indent) + len(code) <= self._longest
        if fits or "\n" in code or len(call.args) == 1:
            return line
        return line.with_changes(body=[expression.with_changes(value=self._on_lines(call))])

    def _on_lines(self, call: cst.Call) -> cst.Call:
        before, last = (
            cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace(deeper))
            for deeper in (self._indent, "")
        )
        args = [each.with_changes(comma=cst.Comma(whitespace_after=before)) for each in call.args]
        args[-1] = args[-1].with_changes(comma=cst.Comma(whitespace_after=last))
        return call.with_changes(whitespace_before_args=before, args=args)

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


def is_text(statement: cst.CSTNode) -> bool:
    """Say whether a statement is a text by itself: a docstring."""
    match statement:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString())]):
            return True
    return False


def _usual_quote(module: cst.Module) -> str:
    """Return the quotes of most texts in a file."""
    texts = matchers.findall(module, matchers.SimpleString())
    quotes = [each.quote for each in texts if isinstance(each, cst.SimpleString)]
    return "'" if quotes.count("'") > quotes.count('"') else '"'
