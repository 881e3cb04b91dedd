"""Where the operations of a revision stand in its source. Pure (libcst)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from interlocking.review.fixes.calls import argument, called
from interlocking.review.fixes.result import CannotFixError
from interlocking.review.model import Direction

Around = Literal["nothing", "batch", "autocommit"]


@dataclass(frozen=True, eq=False)
class Site:
    """One call of an operation that is a statement of its own, directly in `upgrade` or `downgrade`.

    Attributes:
        statement: the line that holds the call and nothing else.
        call: the call.
        base: what operations hang on outside a batch: `op`, or whatever the file calls it.
        around: the block that it stands in.
        block: that block.
        batch_name: what operations hang on inside the batch; empty elsewhere.
        lines: the first and the last line.
    """

    statement: cst.SimpleStatementLine
    call: cst.Call
    base: str
    around: Around
    block: cst.With | None
    batch_name: str
    lines: CodeRange

    def holds(self, line: int, name: str) -> bool:
        """Say whether this is the call of the operation `name` that stands on a line."""
        return self.lines.start.line <= line <= self.lines.end.line and called(self.call) == name


@dataclass(frozen=True)
class Source:
    """A revision file with the places of its operations.

    Attributes:
        module: the file.
        sites: by direction, in order.
    """

    module: cst.Module
    sites: dict[Direction, tuple[Site, ...]]

    def site(self, direction: Direction, line: int, name: str) -> Site:
        """Return the call of an operation.

        Raises:
            CannotFixError: it does not stand by itself in the function.
        """
        found = [each for each in self.sites[direction] if each.holds(line, name)]
        if len(found) != 1:
            raise CannotFixError(f"it is not a call of op on a line of its own, directly in {direction}()")
        return found[0]


def read_source(data: bytes) -> Source:
    """Read a revision file.

    Raises:
        CannotFixError: it is no Python that libcst can read.
    """
    try:
        wrapper = MetadataWrapper(cst.parse_module(data), unsafe_skip_copy=True)
        positions = wrapper.resolve(PositionProvider)
    except (cst.ParserSyntaxError, UnicodeDecodeError, LookupError, RecursionError) as error:
        raise CannotFixError("the file cannot be parsed") from error
    sites: dict[Direction, tuple[Site, ...]] = {}
    for direction in ("upgrade", "downgrade"):
        body = function(wrapper.module, direction).body
        sites[direction] = tuple(_sites(body, positions)) if isinstance(body, cst.IndentedBlock) else ()
    return Source(wrapper.module, sites)


def function(module: cst.Module, name: str) -> cst.FunctionDef:
    """Return one function of the file.

    Raises:
        CannotFixError: there is none, or more than one.
    """
    found = [each for each in module.body if isinstance(each, cst.FunctionDef) and each.name.value == name]
    if len(found) != 1:
        raise CannotFixError(f"the file has no plain function {name}()")
    return found[0]


def _sites(block: cst.IndentedBlock, positions: object) -> Iterator[Site]:
    for statement in block.body:
        if isinstance(statement, cst.SimpleStatementLine):
            yield from _site(statement, positions)
        elif isinstance(statement, cst.With) and len(statement.items) == 1:
            yield from _in_block(statement, positions)


def _in_block(block: cst.With, positions: object) -> Iterator[Site]:
    item, body = block.items[0], block.body
    name = called(item.item)
    known: dict[str, Around] = {"batch_alter_table": "batch", "autocommit_block": "autocommit"}
    if name not in known or not isinstance(body, cst.IndentedBlock) or not isinstance(item.item, cst.Call):
        return
    alias = item.asname.name.value if item.asname and isinstance(item.asname.name, cst.Name) else ""
    if name == "batch_alter_table" and (not alias or argument(item.item, "recreate") is not None):
        return
    base = _base(item.item)
    for statement in body.body:
        if isinstance(statement, cst.SimpleStatementLine):
            yield from _site(statement, positions, around=known[name], block=block, base=base, batch_name=alias)


def _site(
    statement: cst.SimpleStatementLine,
    positions: object,
    *,
    around: Around = "nothing",
    block: cst.With | None = None,
    base: str = "",
    batch_name: str = "",
) -> Iterator[Site]:
    match statement.body:
        case [cst.Expr(value=cst.Call(func=cst.Attribute()) as call)]:
            where: CodeRange = positions[statement]  # type: ignore[index]
            yield Site(statement, call, base or _base(call), around, block, batch_name, where)


def _base(call: cst.Call) -> str:
    """Return what stands before the first call's last dot: `op` of `op.get_context().autocommit_block()`."""
    assert isinstance(call.func, cst.Attribute)  # noqa: S101 - as matched by the callers
    value = call.func.value
    while isinstance(value, cst.Call) and isinstance(value.func, cst.Attribute):
        value = value.func.value
    return cst.Module([]).code_for_node(value)
