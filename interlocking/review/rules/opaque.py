"""SQL that hides what it does: DO blocks, interpolated texts, procedures, names that are cut."""

from __future__ import annotations

import ast as python
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pglast.parser import scan

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, dotted, is_a
from interlocking.review.reading.parsing import parse
from interlocking.review.reading.syntax import names_in
from interlocking.review.rules.place import Place, Rule
from interlocking.review.schema.burdens import STEADY
from interlocking.review.schema.knowledge import Knowledge

_LIMIT = 63
_MAYBE_LONG = re.compile(rf'\w{{{_LIMIT // 4}}}|"[^"]{{{_LIMIT // 4}}}')  # a character has at most four bytes
_DEFINING = ("CreateStmt", "IndexStmt", "AlterTableStmt", "RenameStmt", "CreateEnumStmt", "ViewStmt", "CreateTrigStmt")


def do_block(place: Place, _node: Node) -> Iterator[Finding]:
    """DO: what stands in it is judged as far as it can be read."""
    body = read_block(place.statement.sql)
    if body is None or body.dynamic or body.loops:
        reads = "loops over rows" if body else "cannot be read"
        what = "runs SQL that it puts together itself" if body and body.dynamic else reads
        yield place.found(
            "opaque-sql",
            f"the DO block {what}: nobody can see from here what it locks",
            why="a review, a rehearsal and the round trip see only what it happens to do on their data",
            replacement="# write the statements out, one op.execute() each",
        )
    else:
        yield place.found(
            "opaque-sql",
            "what the DO block does depends on its conditions; its statements were judged as if all of them ran",
            severity="info",
        )


class Block:
    """What stands in a PL/pgSQL block."""

    def __init__(self, tree: Any) -> None:  # noqa: ANN401 - JSON of libpg_query
        self.statements: list[str] = []
        self.dynamic = False
        self.loops = False
        self._read(tree, looping=False)

    def _read(self, value: Any, *, looping: bool) -> None:  # noqa: ANN401
        if isinstance(value, list):
            for each in value:
                self._read(each, looping=looping)
        elif isinstance(value, dict):
            for name, each in value.items():
                self._meet(name, each, looping=looping)

    def _meet(self, name: str, value: Any, *, looping: bool) -> None:  # noqa: ANN401
        if name == "PLpgSQL_stmt_execsql":
            self.statements.append(value["sqlstmt"]["PLpgSQL_expr"]["query"])
            self.loops = self.loops or (looping and _changes_rows(self.statements[-1]))
        elif name == "PLpgSQL_stmt_dynexecute":
            self._execute(value)
        elif name == "PLpgSQL_stmt_perform":
            self.statements.append(value["expr"]["PLpgSQL_expr"]["query"])
        elif name == "PLpgSQL_stmt_assign":
            self.statements.append(f"SELECT {value['expr']['PLpgSQL_expr']['query'].partition(':=')[2]}")
        else:
            self._read(value, looping=looping or name in _LOOPS)

    def _execute(self, value: Any) -> None:  # noqa: ANN401
        text = _literal(value["query"]["PLpgSQL_expr"]["query"])
        if text is None:
            self.dynamic = True
        else:
            self.statements.append(text)


_LOOPS = {"PLpgSQL_stmt_loop", "PLpgSQL_stmt_while", "PLpgSQL_stmt_fors", "PLpgSQL_stmt_fori", "PLpgSQL_stmt_forc"}


def _changes_rows(sql: str) -> bool:
    return type(parse(sql).node).__name__ in ("UpdateStmt", "DeleteStmt", "InsertStmt")


def _literal(expression: str) -> str | None:
    """Return the text that an EXECUTE is given, when that is one constant."""
    node = parse(f"SELECT {expression}").node
    value = node.targetList[0].val if node is not None and node.targetList else None
    return getattr(getattr(value, "val", None), "sval", None)


@lru_cache(maxsize=64)
def read_block(sql: str) -> Block | None:
    """Return what a DO statement holds; None when that is wrong, or in another language, which stands for no action.

    Its own rule asks, and whoever judges what stands in it.
    """
    from pglast import parse_plpgsql  # noqa: PLC0415 - one caller
    from pglast.parser import ParseError  # noqa: PLC0415

    try:
        tree = parse_plpgsql(sql)
        return Block(tree) if any("action" in each["PLpgSQL_function"] for each in tree) else None
    except (ParseError, ValueError, KeyError, RecursionError):
        return None


def call_procedure(place: Place, _node: Node) -> Iterator[Finding]:
    """CALL."""
    yield place.found("opaque-sql", "what the procedure does cannot be seen from here")


def call_function(place: Place, node: Node) -> Iterator[Finding]:
    """SELECT of a function of the project, or of an extension, that is asked for nothing but what it does."""
    for name in _hidden(node, place.known):
        yield place.found(
            "opaque-sql",
            f"what the function {name} does cannot be seen from here",
            why="a review, a rehearsal and the round trip see only what it happens to do on their data",
        )


def _hidden(query: Node, known: Knowledge) -> list[str]:
    """Return the functions of a SELECT that may do anything."""
    called = sorted(functions_called(query))
    return [each for each in called if each in known.own_functions or not (each in STEADY or _HARMLESS.match(each))]


def hides(node: Node, sql: str, known: Knowledge) -> bool:
    """Say whether nobody can see what a statement does to the tables that others name; None is one without a tree."""
    if is_a(node, "DoStmt"):
        body = read_block(sql)
        return body is None or body.dynamic
    if is_a(node, "VariableSetStmt"):
        return bool(node.name == "search_path")
    return node is None or is_a(node, "CallStmt") or (is_a(node, "SelectStmt") and bool(_hidden(node, known)))


def functions_called(query: Node) -> set[str]:
    """Return the functions that a SELECT asks for a value or for rows: what else it reads, nobody looks at."""
    calls = [each.val for each in query.targetList or ()]
    for each in query.fromClause or ():
        calls.extend(part for group in getattr(each, "functions", None) or () for part in group)
    return {dotted(each.funcname) for each in calls if is_a(each, "FuncCall")}


_HARMLESS = re.compile(
    r"(?:pg_catalog\.)?(?:pg_\w+|set_config|setval|nextval|currval|lastval|current_\w+|version|now|\w+_timestamp|"
    r"max|min|sum|avg|bool_\w+|every|string_agg|row_number|rank|unnest|generate_series|"
    r"to_\w+|count|coalesce|format|has_\w+_privilege|array_\w+|json\w*|gen_random_uuid|uuid_\w+)$"
)


def interpolated(place: Place, node: Node) -> Iterator[Finding]:
    """A text put together at run time: judged as it came out, but it may come out differently elsewhere."""
    statement = place.statement
    if not statement.interpolated or statement.part:
        return
    fixed = _only_constants(place.reading.tree, statement.line)
    yield place.found(
        "opaque-sql",
        "the SQL is put together from literals of this file; it was judged as it came out"
        if fixed
        else "the SQL is put together at run time: it was judged as it came out here, and may be another one elsewhere",
        severity="info" if fixed or type(node).__name__ in _ROWS else None,
        why="" if fixed else "names and values that come from a database, a variable or a module change what this does",
        replacement="# write the statement out, or bind the values: op.execute(sa.text(...).bindparams(...))",
    )


_ROWS = ("InsertStmt", "UpdateStmt", "DeleteStmt", "SelectStmt")  # judged by their tables and conditions


@lru_cache(maxsize=64)
def _only_constants(tree: python.Module | None, line: int) -> bool:
    """Say whether every name in the f-strings around a line is a literal of the file.

    A loop sends thousands of statements from one line.
    """
    if tree is None:
        return False
    known = _literals(tree)
    for node in python.walk(tree):
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0) or 0
        if isinstance(node, python.Call) and first <= line <= last and _used(node) - known:
            return False
    return True


def _used(call: python.Call) -> set[str]:
    names: set[str] = set()
    for part in python.walk(call):
        if isinstance(part, python.FormattedValue | python.BinOp) or getattr(part, "attr", "") in ("format", "join"):
            around = call if isinstance(part, python.Attribute) else part
            names |= names_in(around)
            names |= {"()" for each in python.walk(around) if isinstance(each, python.Call)}
    return names


def _literals(tree: python.Module) -> set[str]:
    found: set[str] = set()
    for node in python.walk(tree):
        if isinstance(node, python.Assign) and _is_literal(node.value):
            found |= names_in(*node.targets)
        elif isinstance(node, python.For) and (_is_literal(node.iter) or getattr(node.iter, "id", None) in found):
            found |= names_in(node.target)
    return found


def _is_literal(node: python.expr) -> bool:
    try:
        python.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def long_names(place: Place, node: Node) -> Iterator[Finding]:
    """Identifiers that PostgreSQL cuts without a word."""
    sql = place.statement.sql
    if type(node).__name__ not in _DEFINING or not _MAYBE_LONG.search(sql):
        return
    for token in scan(sql):
        name = sql[token.start : token.end + 1].strip('"').replace('""', '"')
        if token.name == "IDENT" and len(name.encode()) > _LIMIT:
            kept = name.encode()[:_LIMIT].decode(errors="ignore")
            yield place.found(
                "name-too-long",
                f"{name} has {len(name.encode())} bytes: PostgreSQL makes it {kept}",
                why="PostgreSQL cuts it everywhere in silence, but Alembic's comparison and other tools do not",
            )


RULES: dict[str, tuple[Rule, ...]] = {
    "DoStmt": (do_block,),
    "CallStmt": (call_procedure,),
    "SelectStmt": (call_function,),
    "*": (interpolated, long_names),
}
