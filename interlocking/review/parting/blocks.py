"""The blocks of an `upgrade`: what can be moved to another revision as one. Pure."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from interlocking.review.model import Reading
from interlocking.review.reading.syntax import names_in
from interlocking.revisions.functions import function_of

_NOT_NULL = re.compile(r"\bnullable\s*=\s*False\b")
_COLUMN_PARTS = 2


@dataclass(frozen=True, slots=True)
class Block:
    """A statement of Python at the top of the function, or at the top of a `with` there.

    Attributes:
        node: it.
        source: the text of the whole file.
        wrapper: the line that opens the `with` it stands in; empty when it stands in none.
    """

    node: ast.stmt
    source: str
    wrapper: str = ""

    @property
    def line(self) -> int:
        """Where it begins."""
        return self.node.lineno

    @property
    def code(self) -> str:
        """Its text, without the margin."""
        lines = self.source.splitlines()[self.node.lineno - 1 : self.node.end_lineno]
        return textwrap.dedent("\n".join(lines))

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it gives, when it does nothing else."""
        if not isinstance(self.node, ast.Assign):
            return ()
        return tuple(sorted(names_in(*self.node.targets)))

    @property
    def is_call(self) -> bool:
        """It is a mere call, or nothing."""
        return isinstance(self.node, ast.Expr | ast.Pass)


@dataclass(frozen=True, slots=True)
class RequiredColumn:
    """A new column that must have a value, in two steps.

    Attributes:
        empty: code that adds it as one that may be empty.
        full: code that forbids that.
    """

    empty: str
    full: str


def blocks_of(reading: Reading) -> Iterator[Block]:
    """Yield the blocks of the upgrade, in their order."""
    function = function_of(reading.tree, "upgrade")
    for node in function.body if function else ():
        if isinstance(node, ast.With) and node.body[0].lineno > node.lineno:
            lines = reading.source.splitlines()[node.lineno - 1 : node.body[0].lineno - 1]
            wrapper = textwrap.dedent("\n".join(line for line in lines if not line.lstrip().startswith("#")))
            yield from (Block(inner, reading.source, wrapper) for inner in node.body)
        else:
            yield Block(node, reading.source)


def within(block: Block, line: int) -> bool:
    """Say whether a line belongs to a block."""
    return block.node.lineno <= line <= (block.node.end_lineno or block.node.lineno)


def required_column(block: Block) -> RequiredColumn | None:
    """Return the two steps of an `add_column` that says `nullable=False`; None for any other block."""
    call = block.node.value if isinstance(block.node, ast.Expr) else None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "add_column"):
        return None
    column = call.args[-1] if call.args else None
    if not (isinstance(column, ast.Call) and len(column.args) >= _COLUMN_PARTS and _is_not_null(column)):
        return None
    name, kind = (_text(block, each) for each in column.args[:_COLUMN_PARTS])
    before = [_text(block, each) for each in call.args[:-1]]
    after = [f"{each.arg}={_text(block, each.value)}" for each in call.keywords if each.arg in ("schema", "table_name")]
    arguments = ", ".join([*before, name, f"existing_type={kind}", "nullable=False", *after])
    written = _text(block, column)
    return RequiredColumn(
        empty=block.code.replace(written, _NOT_NULL.sub("nullable=True", written), 1),
        full=f"{_text(block, call.func.value)}.alter_column({arguments})",
    )


def _is_not_null(column: ast.Call) -> bool:
    given = {each.arg: each.value for each in column.keywords}
    value = given.get("nullable")
    return isinstance(value, ast.Constant) and value.value is False and "server_default" not in given


def _text(block: Block, node: ast.expr) -> str:
    return ast.get_source_segment(block.source, node) or ""
