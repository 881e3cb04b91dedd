"""Constraints: added NOT VALID and validated later; unique ones made of an index. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from interlocking.review.fixes.calls import argument, called, is_true, with_keyword, without
from interlocking.review.fixes.case import Case, Later, checked_name
from interlocking.review.fixes.edits import New
from interlocking.review.fixes.indexes import built, column_of
from interlocking.review.fixes.result import CannotFixError
from interlocking.review.fixes.writing import execute, fixed_name, operation
from interlocking.review.reading.nodes import Node, columns_in, is_a, relation_name, split_name
from interlocking.review.reading.parsing import parse
from interlocking.review.rules.foreign_keys import options_of
from interlocking.review.rules.recipes import listed, place_of, sql_name

_UNIQUE_ARGUMENTS = frozenset({"constraint_name", "table_name", "columns", "schema", "deferrable", "initially"})


def not_valid(case: Case) -> Later:
    """Add a foreign key or a CHECK without looking at the rows; validate it in the next revision."""
    case.require_outside_autocommit()
    node = case.command.def_
    table = case.finding.table
    _require_last(case, node)
    if case.statement.operation.name == "add_column":
        name = _hidden_key(case, node)
    elif not node.conname:
        raise CannotFixError("the constraint has no name, and the second revision has to name it")
    else:
        name = node.conname
        _add_not_valid(case)
    return Later(table, 1, f"validate {split_name(table)[1]}", validates=(name,))


def _require_last(case: Case, node: Node) -> None:
    """A key has to do with its columns on both sides; a condition with the columns that it names."""
    columns = columns_in(node.raw_expr) if node.pktable is None else _names(node.fk_attrs)
    case.require_last(case.finding.table, {node.conname, *columns})
    if node.pktable is not None:
        case.require_last(relation_name(node.pktable), _names(node.pk_attrs))


def _names(columns: Iterable[Node] | None) -> list[str]:
    return [each.sval for each in columns or ()]


def _add_not_valid(case: Case) -> None:
    call = case.edits.call(case.site)
    if case.statement.operation.name in ("create_foreign_key", "create_check_constraint"):
        _require_name_as_given(case)
        case.edits.change(case.site, with_keyword(call, "postgresql_not_valid", "True"))
        return
    literal = case.plain_sql()
    end = len(literal.value) - len(literal.quote)
    sql = literal.value[:end].rstrip("; \n\t")
    new = f"{sql} NOT VALID{literal.value[len(sql) :]}"
    read = parse(str(literal.with_changes(value=new).evaluated_value)).node
    if not (is_a(read, "AlterTableStmt") and read.cmds[0].def_ is not None and read.cmds[0].def_.skip_validation):
        raise CannotFixError("the SQL does not end with the constraint")
    case.edits.change(case.site, call.with_deep_changes(literal, value=new))


def _require_name_as_given(case: Case) -> None:
    """A convention may make another name of the given one, but not of `op.f(...)`."""
    name = argument(case.edits.call(case.site), "constraint_name", 0)
    if case.around.renames_given_names and not (name and called(name.value) == "f"):
        raise CannotFixError(
            "the naming convention of the models changes its name: write op.f(...) around the real one"
        )


def _hidden_key(case: Case, node: Node) -> str:
    """Give the key of a `ForeignKey` in a column an operation of its own; return its name."""
    call, column = column_of(case)
    keys = [each for each in column.args if called(each.value) == "ForeignKey"]
    if len(keys) != 1:
        raise CannotFixError("there is not one ForeignKey in the column")
    name = _name_of(case, node, "fkey")
    case.edits.change(case.site, call.with_deep_changes(column, args=without(column, keys[0]).args))
    case.edits.add(case.site, New(_foreign_key(case, node, name), case.base))
    return name


def _foreign_key(case: Case, node: Node, name: str) -> str:
    table, source = place_of(case.finding.table, "source_schema")
    target, referent = place_of(relation_name(node.pktable), "referent_schema")
    return operation(
        case.base,
        "create_foreign_key",
        fixed_name(case.base, name),
        table,
        target,
        listed(_names(node.fk_attrs)),
        listed(_names(node.pk_attrs)),
        *options_of(node),
        source.removeprefix(", "),
        referent.removeprefix(", "),
        "postgresql_not_valid=True",
    )


def unique(case: Case) -> None:
    """Build a unique index CONCURRENTLY, then make it the constraint, which takes a moment."""
    case.require_outside_autocommit()
    node = case.command.def_
    name = _hidden_unique(case, node) if case.statement.operation.name == "add_column" else _plain_unique(case, node)
    table = case.finding.table
    words = " DEFERRABLE" * bool(node.deferrable) + " INITIALLY DEFERRED" * bool(node.initdeferred)
    using = f"ALTER TABLE {sql_name(table)} ADD CONSTRAINT {sql_name(name)} UNIQUE USING INDEX {sql_name(name)}{words}"
    case.edits.add(
        case.site,
        built(case, case.statement.node, _names(node.keys), name, unique=True),
        New(execute(case.base, using), case.base),
    )


def _plain_unique(case: Case, node: Node) -> str:
    call = case.edits.call(case.site)
    is_sql = case.statement.operation.name == "execute"
    if is_sql:
        case.plain_sql()
    others = {each.keyword.value for each in call.args if each.keyword} - _UNIQUE_ARGUMENTS
    if others or node.including or node.nulls_not_distinct:
        raise CannotFixError("the constraint has options that an index is given otherwise")
    if not node.conname:
        raise CannotFixError("the constraint has no name, and the index must have the same")
    if not is_sql:
        _require_name_as_given(case)
    case.edits.remove(case.site)
    return str(node.conname)


def _hidden_unique(case: Case, node: Node) -> str:
    call, column = column_of(case)
    flag = argument(column, "unique")
    if flag is None or not is_true(flag):
        raise CannotFixError("unique=True does not stand in the call")
    name = _name_of(case, node, "key")
    case.edits.change(case.site, call.with_deep_changes(column, args=without(column, flag).args))
    return name


def _name_of(case: Case, node: Node, ending: str) -> str:
    """Return the name that a constraint of a new column gets: its own, or PostgreSQL's."""
    if node.conname:
        _require_no_convention(case, renames=True)
        return str(node.conname)
    _require_no_convention(case, renames=False)
    names = node.fk_attrs if ending == "fkey" else node.keys
    return checked_name("_".join((split_name(case.finding.table)[1], *(each.sval for each in names), ending)))


def _require_no_convention(case: Case, *, renames: bool) -> None:
    if case.around.renames_given_names if renames else case.around.naming_convention:
        raise CannotFixError("the models have a naming convention, so its name is not known: give it its own operation")
