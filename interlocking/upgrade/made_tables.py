"""Which tables revisions make, read from their files without running them.

Only what is certain counts: a call or a statement that runs on every upgrade and would fail if the table existed.
What stands under an `if` or says IF NOT EXISTS has an answer of its own to that.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from interlocking.postgres.identifiers import fold
from interlocking.revisions.functions import function_of
from interlocking.revisions.source import tree_of

_NAME = r'(?:"(?:[^"]|"")+"|\w+)'
_QUALIFIED = rf"(?:(?P<schema>{_NAME})\.)?(?P<name>{_NAME})"
_CREATE = re.compile(rf"\bCREATE\s+(?:UNLOGGED\s+)?TABLE\s+(?!IF\s+NOT\s+EXISTS){_QUALIFIED}", re.IGNORECASE)
_DROP = re.compile(rf"\bDROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?{_QUALIFIED}", re.IGNORECASE)
_RENAME = re.compile(
    rf"\bALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?{_QUALIFIED}\s+(?:RENAME\s+TO|SET\s+SCHEMA)\b", re.IGNORECASE
)
_PROGRAM = re.compile(r"\$\w*\$")  # DO and CREATE FUNCTION: what they run is not known
_FREES = ("drop_table", "rename_table")


@dataclass(frozen=True, slots=True)
class MadeTable:
    """A table that an upgrade would make.

    Args:
        revision: the id of the first revision that does.
        schema: as the file says; None is the first of the search path.
        name: as the catalog spells it.
    """

    revision: str
    schema: str | None
    name: str

    @property
    def shown(self) -> str:
        """The name for a reader."""
        return f"{self.schema}.{self.name}" if self.schema else self.name


def made_tables(files: Iterable[tuple[str, Path]]) -> list[MadeTable]:
    """Return the tables that running some revisions one after the other makes, in that order.

    Args:
        files: id and file of each revision in the order in which they run. A file that cannot be read says nothing.

    Returns:
        Each table once; none whose name an earlier revision has freed by dropping or renaming it.
    """
    made: dict[tuple[str | None, str], MadeTable] = {}
    freed: set[tuple[str | None, str]] = set()
    for revision, path in files:
        for makes, schema, name in _touched(path):
            if not makes:
                freed.add((schema, name))
            elif (schema, name) not in freed:
                made.setdefault((schema, name), MadeTable(revision, schema, name))
    return list(made.values())


def _touched(path: Path) -> Iterator[tuple[bool, str | None, str]]:
    """Yield, in order, whether a table is made (else: its name becomes free), its schema and its name."""
    try:
        source = path.read_bytes()
    except OSError:
        return
    function = function_of(tree_of(source), "upgrade")
    for call in _calls(function.body) if function else ():
        yield from _of_call(call)


def _calls(body: list[ast.stmt]) -> Iterator[ast.Call]:
    """Yield the calls `op.something(...)` that stand for themselves and always run."""
    for statement in body:
        if isinstance(statement, ast.With):
            yield from _calls(statement.body)
        elif isinstance(statement, ast.Expr | ast.Assign) and isinstance(statement.value, ast.Call):
            yield statement.value


def _of_call(call: ast.Call) -> Iterator[tuple[bool, str | None, str]]:
    match call.func:
        case ast.Attribute(value=ast.Name(id="op"), attr="execute"):
            yield from _of_sql(_text(call.args[0]) if call.args else "")
        case ast.Attribute(value=ast.Name(id="op"), attr=verb) if verb == "create_table" or verb in _FREES:
            named = {keyword.arg: keyword.value for keyword in call.keywords}
            name = _text(call.args[0]) if call.args else ""
            if name and "if_not_exists" not in named:
                yield verb == "create_table", _text(named["schema"]) or None if "schema" in named else None, name


def _of_sql(sql: str) -> Iterator[tuple[bool, str | None, str]]:
    if _PROGRAM.search(sql):
        return
    found = [(each.start(), makes, each) for makes, pattern in _PATTERNS for each in pattern.finditer(sql)]
    for _place, makes, each in sorted(found, key=lambda one: one[0]):
        yield makes, fold(each["schema"]) if each["schema"] else None, fold(each["name"])


def _text(node: ast.expr) -> str:
    """Return a literal text, also inside `sa.text(...)`; empty for anything else."""
    if isinstance(node, ast.Call) and len(node.args) == 1:
        return _text(node.args[0])
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


_PATTERNS = ((True, _CREATE), (False, _DROP), (False, _RENAME))
