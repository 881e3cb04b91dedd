"""The revisions that follow a rewritten one: written in its style, chained behind it. Pure (libcst)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from textwrap import indent

import libcst as cst

from interlocking.review.context import TransactionMode
from interlocking.review.fixes.case import Later
from interlocking.review.fixes.result import CannotFixError
from interlocking.review.fixes.writing import Style, execute, is_text
from interlocking.review.rules.recipes import sql_name
from interlocking.revisions.naming import docstring_message

_IDENTITY = ("revision", "down_revision", "branch_labels", "depends_on")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Following:
    """A revision to be written.

    Attributes:
        place: the stage and the table of the work in it.
        message: what it does.
        upgrade: its code, line by line.
        downgrade: likewise; empty when there is nothing to undo.
        imports: lines that the code needs besides what the first revision imports.
    """

    place: tuple[int, str]
    message: str
    upgrade: tuple[str, ...]
    downgrade: tuple[str, ...]
    imports: tuple[str, ...] = ()


def following(work: Iterable[Later], base: str, mode: TransactionMode) -> list[Following]:
    """Return the revisions that do the work: one for each stage and table, so that none locks two tables.

    Within one, what takes long comes first: the short locks at its end are then held for a moment. It commits before
    them, so that a lock that cannot be had is tried again without another look at all rows.

    Args:
        work: from the recipes.
        base: what operations hang on.
        mode: `guard` and `each` give each revision a transaction; elsewhere VALIDATE must not share one with the
            ADD CONSTRAINT of the revision before.
    """
    ordered = sorted(work, key=place_of_work)
    return [_following(list(group), base, mode) for _, group in groupby(ordered, key=place_of_work)]


def place_of_work(later: Later) -> tuple[int, str]:
    """Return what tells which revision does a piece of work: its stage and its table."""
    return later.stage, later.table


def _following(group: Sequence[Later], base: str, mode: TransactionMode) -> Following:
    table = sql_name(group[0].table)
    names = dict.fromkeys(name for later in group for name in later.validates)
    sql = [f"ALTER TABLE {table} VALIDATE CONSTRAINT {sql_name(name)}" for name in names]
    validations = [execute(base, each) for each in sql]
    first = dict.fromkeys(line for later in group for line in later.first)
    then = dict.fromkeys(line for later in group for line in later.then)
    if validations and (then or mode not in ("guard", "each")):
        validations = [f"with {base}.get_context().autocommit_block():\n" + indent("\n".join(validations), "    ")]
    undo = dict.fromkeys(line for later in reversed(group) for line in later.undo)
    title = min((later.title for later in group), key=_rank)
    return Following(
        place_of_work(group[0]),
        title,
        (*first, *validations, *then),
        tuple(undo),
        tuple(dict.fromkeys(line for later in group for line in later.imports)),
    )


def _rank(title: str) -> int:
    """A revision is named for the most that it does."""
    return 1 if title.startswith("validate ") else 0


def render(original: cst.Module, new: Following, *, id_: str, down: str, today: date) -> bytes:
    """Return a revision file that looks as the one before it: its imports, its variables, its signatures.

    Args:
        original: the file that it follows.
        new: what it does.
        id_: its id.
        down: the revision before it.
        today: when it is written.

    Raises:
        CannotFixError: its id and parent are not variables of their own, so that nothing can be put in their place.
    """
    if not {"revision", "down_revision"} <= {variable(each) for each in original.body}:
        raise CannotFixError("revision and down_revision are not variables with a line of their own")
    values = {"revision": f'"{id_}"', "down_revision": f'"{down}"', "branch_labels": "None", "depends_on": "None"}
    style = Style(original)
    kept = list(_kept(original, new, values, style))
    words = set(
        _WORD.findall("\n".join((original.with_changes(body=kept, header=[]).code, *new.upgrade, *new.downgrade)))
    )
    extra = [style.statement(line) for line in new.imports]
    told = {"Revision ID": id_, "Revises": down, "Create Date": today.isoformat()}
    body = [_docstring(original, new, told), *_imports(original, words), *extra, *_first_spaced(kept)]
    return original.with_changes(body=body, footer=[]).bytes


def _kept(original: cst.Module, new: Following, values: Mapping[str, str], style: Style) -> Iterator[cst.BaseStatement]:
    """Yield the variables and the two functions, with their new content."""
    code = {"upgrade": new.upgrade, "downgrade": new.downgrade}
    for each in original.body:
        if isinstance(each, cst.FunctionDef) and each.name.value in code:
            lines = [style.statement(line + "\n") for line in code[each.name.value] or ("pass",)]
            docstring = [line for line in each.body.body[:1] if isinstance(line, cst.BaseStatement) and is_text(line)]
            yield each.with_changes(body=cst.IndentedBlock(body=[*docstring, *lines]))
        elif (name := variable(each)) in values:
            yield with_value(each, style.expression(values[name]))


def variable(statement: cst.CSTNode) -> str:
    """Return which of Alembic's variables a statement sets; empty for none."""
    match statement:
        case cst.SimpleStatementLine(body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))])]):
            return name if name in _IDENTITY else ""
        case cst.SimpleStatementLine(body=[cst.AnnAssign(target=cst.Name(value=name))]):
            return name if name in _IDENTITY else ""
    return ""


def with_value(statement: cst.BaseStatement, value: cst.BaseExpression) -> cst.BaseStatement:
    """Return an assignment of another value."""
    assert isinstance(statement, cst.SimpleStatementLine)  # noqa: S101 - as `variable` saw it
    return statement.with_changes(body=[statement.body[0].with_changes(value=value)])


def _is_import(statement: cst.CSTNode) -> bool:
    match statement:
        case cst.SimpleStatementLine(body=[cst.Import() | cst.ImportFrom()]):
            return True
    return False


def _is_of_future(statement: cst.CSTNode) -> bool:
    match statement:
        case cst.SimpleStatementLine(body=[cst.ImportFrom(module=cst.Name(value="__future__"))]):
            return True
    return False


def _bound(statement: cst.CSTNode) -> set[str]:
    """Return the names that an import binds."""
    assert isinstance(statement, cst.SimpleStatementLine)  # noqa: S101 - as `_is_import` saw it
    line = statement.body[0]
    assert isinstance(line, cst.Import | cst.ImportFrom)  # noqa: S101 - likewise
    if isinstance(line.names, cst.ImportStar):
        return set()
    return {_last_name(each) for each in line.names}


def _last_name(alias: cst.ImportAlias) -> str:
    if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
        return alias.asname.name.value
    return cst.Module([]).code_for_node(alias.name).partition(".")[0]


def _docstring(original: cst.Module, new: Following, told: Mapping[str, str]) -> cst.BaseStatement:
    """Return the docstring, with the lines that the first revision's has too."""
    model, end = original.get_docstring(clean=False) or "", original.default_newline
    lines = [f"{name}: {value}{end}" for name, value in told.items() if f"{name}:" in model]
    closing = end * model.endswith("\n\n")
    text = docstring_message(new.message) + (f"{end}{end}{''.join(lines)}{closing}" if lines else "")
    return cst.parse_statement(f'"""{text}"""', config=original.config_for_parsing)


def _imports(original: cst.Module, words: set[str]) -> Iterator[cst.BaseStatement]:
    """Yield the imports that are used, in their groups."""
    gap = True
    for each in original.body:
        if not _is_import(each):
            continue
        lines: Sequence[cst.EmptyLine] = each.leading_lines
        gap = gap or any(line.comment is None for line in lines)
        if _bound(each) & words or _is_of_future(each):
            above = [cst.EmptyLine(indent=False)] * gap + [line for line in lines if line.comment]
            yield each.with_changes(leading_lines=above)
            gap = False


def _first_spaced(statements: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement]:
    """Return variables and functions, the first below an empty line."""
    first = statements[0]
    lines = list(first.leading_lines)  # type: ignore[attr-defined]
    if not lines or lines[0].comment:
        lines.insert(0, cst.EmptyLine(indent=False))
    return [first.with_changes(leading_lines=lines), *statements[1:]]


def re_pointed(data: bytes, old: str, new: str) -> bytes:
    """Return a revision file whose `down_revision` names another revision.

    Raises:
        CannotFixError: it is not a plain text there.
    """
    module = cst.parse_module(data)
    body = [_pointing(each, old, new) if variable(each) == "down_revision" else each for each in module.body]
    changed = module.with_changes(body=body)
    if changed.code == module.code:
        raise CannotFixError("the down_revision of a revision behind it is not a plain text")
    docstring = module.get_docstring(clean=False) or ""
    says = re.compile(rf"^(Revises: .*)\b{re.escape(old)}\b", re.MULTILINE)
    if not says.search(docstring):
        return changed.bytes
    told = says.sub(lambda found: found[0].removesuffix(old) + new, docstring, count=1)
    return changed.bytes.replace(docstring.encode(), told.encode(), 1)


def _pointing(statement: cst.BaseStatement, old: str, new: str) -> cst.BaseStatement:
    replaced = statement.visit(_Text(old, new))
    assert isinstance(replaced, cst.BaseStatement)  # noqa: S101 - nothing is removed
    return replaced


class _Text(cst.CSTTransformer):
    """Puts one plain text in the place of another, in its quotes."""

    def __init__(self, old: str, new: str) -> None:
        super().__init__()
        self._old = old
        self._new = new

    def leave_SimpleString(self, _before: cst.SimpleString, after: cst.SimpleString) -> cst.BaseExpression:  # noqa: N802
        """Replace the text."""
        if after.evaluated_value != self._old:
            return after
        return after.with_changes(value=f"{after.prefix}{after.quote}{self._new}{after.quote}")
