"""Indexes: built and dropped CONCURRENTLY, in both directions. Pure."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

import libcst as cst

from interlocking.review.fixes.calls import Renaming, argument, called, is_true, with_argument_at, with_keyword, without
from interlocking.review.fixes.case import Case
from interlocking.review.fixes.edits import New
from interlocking.review.fixes.result import CannotFixError
from interlocking.review.fixes.sites import Site
from interlocking.review.fixes.writing import fixed_name, operation
from interlocking.review.model import Statement
from interlocking.review.reading.nodes import Node, dotted, is_a, relation_name, split_name
from interlocking.review.rules.recipes import listed, place_of, quoted

_RAW = re.compile(r"(?P<head>\s*(?:CREATE\s+(?:UNIQUE\s+)?|DROP\s+)INDEX\s+)(?!CONCURRENTLY\b)", re.IGNORECASE)


def concurrently(case: Case) -> None:
    """Build or drop an index CONCURRENTLY, and do the same with its mirror in the downgrade."""
    if case.statement.operation.name == "add_column":
        hidden_index(case)
        return
    _make_concurrent(case)
    mirror = _mirror(case)
    with suppress(CannotFixError):  # the way back works as it did
        if mirror:
            site = case.source.site("downgrade", mirror.line, mirror.operation.name)
            _make_concurrent(replace(case, statement=mirror, site=site))


def _require_valid_after(case: Case) -> None:
    """IF NOT EXISTS would pass over an INVALID index that a failed build left; only the guard removes those."""
    keeps = getattr(case.statement.node, "if_not_exists", False)
    if keeps and case.around.transaction_mode != "guard":
        raise CannotFixError("with IF NOT EXISTS a failed concurrent build would be kept: take if_not_exists out first")


def _make_concurrent(case: Case) -> None:
    _require_valid_after(case)
    site, call = case.site, case.edits.call(case.site)
    if case.statement.operation.name == "execute":
        _raw(case)
    elif site.around == "batch":
        moved = with_keyword(_out_of_batch(call, site, case.statement), "postgresql_concurrently", "True")
        case.edits.remove(site)
        case.edits.add(site, New(case.edits.code(moved), site.base, autocommit=True))
    else:
        case.edits.change(site, with_keyword(call, "postgresql_concurrently", "True"))
        case.edits.wrap(site)


def _out_of_batch(call: cst.Call, site: Site, statement: Statement) -> cst.Call:
    """Return a batch's call as one of `op`, which has to name the table."""
    base = cst.parse_expression(site.base)
    options = statement.operation.options
    table, schema = quoted(str(options["table_name"])), options.get("schema")
    place = 1 if called(call) == "create_index" else len(call.args)
    moved = with_argument_at(call, place, "table_name", table)
    if schema:
        moved = with_keyword(moved, "schema", quoted(str(schema)))
    renamed = moved.visit(Renaming(site.batch_name, base))
    assert isinstance(renamed, cst.Call)  # noqa: S101 - only what hangs on a name is replaced
    return renamed


def _mirror(case: Case) -> Statement | None:
    """Return the statement of the downgrade that undoes this one under a lock, where there is one."""
    verb, name = _verb_and_name(case.statement.node)
    undoing = ("drop" if verb == "create" else "create", name)
    return next(
        (
            each
            for each in case.reading.downgrade
            if _verb_and_name(each.node) == undoing and not each.autocommit and not each.node.concurrent
        ),
        None,
    )


def _verb_and_name(node: Node) -> tuple[str, str]:
    """Return what a statement does to which index; empty for anything else."""
    if is_a(node, "IndexStmt"):
        return "create", node.idxname or ""
    if is_a(node, "DropStmt") and node.removeType.name == "OBJECT_INDEX" and len(node.objects) == 1:
        return "drop", split_name(dotted(node.objects[0]))[1]
    return "", ""


def _raw(case: Case) -> None:
    """Put the word into SQL that stands there as a plain text."""
    case.require_outside_autocommit()
    call, literal = case.edits.call(case.site), case.plain_sql()
    found = _RAW.match(str(literal.evaluated_value))
    text = literal.value
    if found is None or text.count(found["head"]) != 1:
        raise CannotFixError("the SQL does not begin with CREATE INDEX or DROP INDEX")
    word = "concurrently" if found["head"].islower() else "CONCURRENTLY"
    new = text.replace(found["head"], f"{found['head']}{word} ")
    case.edits.change(case.site, call.with_deep_changes(literal, value=new))
    case.edits.wrap(case.site)


def hidden_index(case: Case) -> None:
    """Give the index of `index=True` an operation of its own."""
    case.require_outside_autocommit()
    _require_plain_names(case)
    node = case.statement.node
    call, column = column_of(case)
    flags = [argument(column, "index"), *([argument(column, "unique")] if node.unique else [])]
    if not all(is_true(each) for each in flags):
        raise CannotFixError("index=True does not stand in the call")
    new = column
    for each in flags:
        assert each is not None  # noqa: S101 - is_true
        new = without(new, each)
    case.edits.change(case.site, call.with_deep_changes(column, args=new.args))
    case.edits.add(case.site, built(case, node, [each.name for each in node.indexParams], node.idxname))


def built(case: Case, node: Node, columns: list[str], name: str, *, unique: bool | None = None) -> New:
    """Return the statement that builds an index on columns.

    Args:
        case: the finding.
        node: an IndexStmt, or an ALTER TABLE.
        columns: their names.
        name: the index.
        unique: whether it is; None: as the node says.
    """
    table, schema = place_of(relation_name(node.relation))
    code = operation(
        case.base,
        "create_index",
        fixed_name(case.base, name),
        table,
        listed(columns),
        "unique=True" if (node.unique if unique is None else unique) else "",
        schema.removeprefix(", "),
        "postgresql_concurrently=True",
    )
    return New(code, case.base, autocommit=True)


def column_of(case: Case) -> tuple[cst.Call, cst.Call]:
    """Return the call of add_column and the `Column(...)` in it.

    Raises:
        CannotFixError: the column is made elsewhere.
    """
    call = case.edits.call(case.site)
    found = argument(call, "column", 0 if case.site.around == "batch" else 1)
    if found is None or not isinstance(found.value, cst.Call) or called(found.value) != "Column":
        raise CannotFixError("the column is not written in the call")
    return call, found.value


def _require_plain_names(case: Case) -> None:
    if case.around.naming_convention:
        raise CannotFixError("the models have a naming convention, so its name is not known: give it its own operation")
