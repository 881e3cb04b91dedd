"""A new column whose default differs from row to row: the default first, the old rows later, in batches. Pure."""

from __future__ import annotations

import re

from interlocking.review.fixes.calls import argument, with_keyword, without
from interlocking.review.fixes.case import Case, Later
from interlocking.review.fixes.edits import New
from interlocking.review.fixes.indexes import column_of
from interlocking.review.fixes.nullability import NotNull
from interlocking.review.fixes.result import CannotFixError
from interlocking.review.fixes.writing import operation
from interlocking.review.reading.nodes import constraint_kind, split_name, written
from interlocking.review.rules.recipes import place_of, quoted, sql_name

_BIND = re.compile(r"(?<![:\\]):(?=\w)")  # what SQLAlchemy's text() takes for a parameter
_KINDS = frozenset({"default", "notnull", "null", "generated"})


def volatile_default(case: Case) -> tuple[Later, ...]:
    """Add the column empty, then give it its default, which new rows get; fill the old rows in the next revision."""
    case.require_outside_autocommit()
    table, column = case.finding.table, case.finding.column
    case.require_last(table, {column})
    if case.statement.operation.name != "add_column":
        raise CannotFixError("it is written as SQL")
    constraints = {constraint_kind(each): each for each in case.command.def_.constraints or ()}
    if not set(constraints) <= _KINDS:
        raise CannotFixError("the column is constrained in other ways as well")
    expression = written(constraints["default"].raw_expr)
    if _BIND.search(expression):
        raise CannotFixError("a colon in the default would be taken for a parameter")
    case.edits.add(case.site, New(_set_default(case, _take_out(case)), case.base))
    return _filling(case, table, column, expression, required="notnull" in constraints)


def _take_out(case: Case) -> str:
    """Take the default and `nullable=False` out of the column; return the code of the default."""
    call, column = column_of(case)
    default = argument(column, "server_default")
    if default is None:
        raise CannotFixError("server_default does not stand in the call")
    new = without(column, default)
    if argument(new, "nullable") is not None:
        new = with_keyword(new, "nullable", "True")
    case.edits.change(case.site, call.with_deep_changes(column, args=new.args))
    return case.edits.code(default.value)


def _set_default(case: Case, default: str) -> str:
    where, schema = place_of(case.finding.table)
    column = quoted(case.finding.column)
    return operation(case.base, "alter_column", where, column, f"server_default={default}", schema.removeprefix(", "))


def _filling(case: Case, table: str, column: str, expression: str, *, required: bool) -> tuple[Later, ...]:
    """Return the revision that fills old rows; a NOT NULL column gets its CHECK then, and a third revision."""
    where, schema = place_of(table)
    condition = quoted(f"{sql_name(column)} IS NULL")
    fill = f"backfill({case.base}, {where}, set={{{quoted(column)}: {quoted(expression)}}}, where={condition}{schema})"
    recipe = NotNull(table, column, case.base) if required else None
    filling = Later(
        table,
        1,
        f"fill {split_name(table)[1]}",
        first=(fill,),
        then=(recipe.add_check,) if recipe else (),
        undo=(recipe.drop_check,) if recipe else (),
        imports=("from interlocking.upgrade import backfill",),
    )
    return (filling, recipe.later(stage=2)) if recipe else (filling,)
