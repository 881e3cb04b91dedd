"""Where an empty database led the code of a revision: past which calls, and by which conditions. Pure."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence

from interlocking.review.model import Direction, Finding, Reading, Severity
from interlocking.review.reading.branches import (
    decided_by_database,
    decided_outside,
    functions_of,
    looks_outside,
    names_that_depend,
)

NOT_REACHED = "not-reached"
DEPENDS = "depends-on-database"
_SEVERITIES: Mapping[str, Severity] = {NOT_REACHED: "warning", DEPENDS: "info"}
_LONGEST = 80
_SENDS = frozenset({"execute", "exec_driver_sql", "bulk_insert"})
_NOTHING_SENT = frozenset({"get_bind", "get_context", "f", "inline_literal", "batch_alter_table", "invoke"})
_BY_DATABASE = (
    "on an empty database",
    "what it does depends on what the database answers, and on production that is something else",
)
_BY_OTHERS = (
    "as it was run here",
    "an argument, the environment or the application decides whether production runs it",
)
_DIRECTIONS: tuple[Direction, ...] = ("upgrade", "downgrade")


def unreached(reading: Reading) -> Iterator[Finding]:
    """Yield what depends on what only production knows: what its database, its environment or its operator answers.

    One finding for each operation that was passed over, and one for each question to the database whose other answer
    would pass over others. A revision that asks nothing goes the same way everywhere; one that stopped is reported as
    unreadable.
    """
    stopped = {problem.direction for problem in reading.problems}
    asks = bool(reading.asked)
    tree = reading.tree if (asks or looks_outside(reading.source)) and None not in stopped else None
    if tree is None:
        return
    names = names_that_depend(tree)
    for direction in _DIRECTIONS:
        functions = functions_of(tree, direction)
        if direction in stopped or not (asks or decided_outside(tree, functions)):
            continue
        passed = list(_passed_over(reading, functions, direction))
        yield from passed
        if asks:
            yield from _decided(reading, functions, direction, names=names, said={each.line for each in passed})


def _passed_over(reading: Reading, functions: Sequence[ast.FunctionDef], direction: Direction) -> Iterator[Finding]:
    reached = {statement.line for statement in reading.statements(direction)}
    here, why = _BY_DATABASE if reading.asked else _BY_OTHERS
    for call in (each for function in functions for each in _operations(function)):
        if reached.isdisjoint(range(call.lineno, (call.end_lineno or call.lineno) + 1)) and not _only_reads(call):
            yield _found(
                reading,
                direction,
                call.lineno,
                NOT_REACHED,
                message=f"nobody judged this: {here} the code does not reach {ast.unparse(call.func)}()",
                why=why,
            )


def _decided(
    reading: Reading,
    functions: Sequence[ast.FunctionDef],
    direction: Direction,
    *,
    names: frozenset[str],
    said: Collection[int],
) -> Iterator[Finding]:
    """Yield the conditions that lead to operations, or past those that follow, unless these were named already."""
    sending = {function.name for function in functions if any(_operations(function))}
    for branch in decided_by_database(functions, names):
        lines = range(branch.lineno, (branch.end_lineno or branch.lineno) + 1)
        if _leads_somewhere(branch, sending) and not any(line in lines for line in said):
            yield _found(
                reading,
                direction,
                branch.lineno,
                DEPENDS,
                message=f"the database decides what runs here: {_short(branch.test)} was asked of an empty one",
                why="where the answer is another, other statements run, which nobody judged; "
                "a database at hand is not asked either, because the revisions before this one are still to change it",
            )


def _leads_somewhere(branch: ast.If | ast.While, sending: Collection[str]) -> bool:
    parts = [each for part in (*branch.body, *branch.orelse) for each in ast.walk(part)]
    leaves = any(isinstance(each, ast.Return | ast.Raise) for each in parts)
    calls = {each.func.id for each in parts if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)}
    return leaves or any(_operations(branch)) or not calls.isdisjoint(sending)


def _short(test: ast.expr) -> str:
    text = ast.unparse(test)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _found(reading: Reading, direction: Direction, line: int, id_: str, *, message: str, why: str) -> Finding:
    return Finding(
        id=id_,
        severity=_SEVERITIES[id_],
        revision=reading.revision,
        direction=direction,
        file=reading.file,
        line=line,
        message=message,
        why=why,
        docs=f"hazards/{NOT_REACHED}.md",
    )


def _operations(node: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that send something, but those for another kind of database."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "dialect" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.Call) and _is_operation(child.func):
            yield child
        else:
            yield from _operations(child)


def _is_operation(function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value.id if isinstance(function.value, ast.Name) else ""
    if owner == "op" or owner.startswith("batch"):
        return function.attr not in _NOTHING_SENT
    return function.attr in _SENDS


def _only_reads(call: ast.Call) -> bool:
    """Return whether a call sends a question: those are not taken down as statements."""
    text = ast.unparse(call.args[0]).lstrip("satex.(fr'\"\\n ").upper() if call.args else ""
    return text.startswith(("SELECT", "SHOW", "WITH", "EXPLAIN"))
