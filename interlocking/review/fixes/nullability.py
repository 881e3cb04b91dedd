"""SET NOT NULL: a CHECK that is validated first proves it, so that nobody waits for the scan. Pure."""

from __future__ import annotations

from interlocking.review.fixes.calls import argument, is_true, without
from interlocking.review.fixes.case import Case, Later, checked_name
from interlocking.review.fixes.edits import New
from interlocking.review.fixes.result import CannotFixError
from interlocking.review.fixes.writing import fixed_name, operation
from interlocking.review.model import Statement
from interlocking.review.reading.nodes import is_a, relation_name, split_name
from interlocking.review.rules.recipes import place_of, quoted, sql_name

_CHANGING = frozenset({"server_default", "new_column_name", "type_", "comment", "autoincrement"})


def set_not_null(case: Case) -> Later:
    """Put a CHECK in the place of SET NOT NULL, which follows when the CHECK is valid."""
    case.require_outside_autocommit()
    table, column = case.finding.table, case.finding.column
    case.require_last(table, {column})
    if case.command.subtype.name != "AT_SetNotNull":
        raise CannotFixError("it names the constraint, which SET NOT NULL cannot")
    if case.statement.operation.options.get("modify_name"):
        raise CannotFixError("the same call renames the column")
    recipe = NotNull(table, column, case.base)
    _take_out(case)
    case.edits.add(case.site, New(recipe.add_check, case.base))
    _undo(case, recipe)
    return recipe.later(stage=1)


def _take_out(case: Case) -> None:
    """Take `nullable=False` out of the call, and the call away when it changes nothing else."""
    if case.statement.operation.name == "execute":
        case.plain_sql()
        case.edits.remove(case.site)
        return
    call = case.edits.call(case.site)
    flag = argument(call, "nullable")
    if flag is None:
        raise CannotFixError("nullable=False does not stand in the call")
    if _changes_more(call):
        case.edits.change(case.site, without(call, flag))
    else:
        case.edits.remove(case.site)


def _changes_more(call: object) -> bool:
    names = {each.keyword.value for each in call.args if each.keyword}  # type: ignore[attr-defined]
    return bool(names & _CHANGING)


def _undo(case: Case, recipe: NotNull) -> None:
    """The downgrade takes the CHECK away where it made the column nullable; the next revision's does that now."""
    if any(each.name == "raising-downgrade" for each in case.reading.facts) and not case.reading.downgrade:
        return
    new = New(recipe.drop_check, case.base)
    found = next((each for each in case.reading.downgrade if _makes_nullable(each, recipe)), None)
    try:
        site = case.source.site("downgrade", found.line, "alter_column") if found else None
    except CannotFixError:
        site = None
    if site is None or site.around == "autocommit":
        case.edits.add_first("downgrade", new)
        return
    call = case.edits.call(site)
    flag = argument(call, "nullable")
    if flag is not None and is_true(flag) and not _changes_more(call):
        case.edits.remove(site)
    case.edits.add(site, new)


def _makes_nullable(statement: Statement, recipe: NotNull) -> bool:
    node = statement.node
    if not is_a(node, "AlterTableStmt") or relation_name(node.relation) != recipe.table:
        return False
    return any(each.subtype.name == "AT_DropNotNull" and each.name == recipe.column for each in node.cmds)


class NotNull:
    """The code that makes a column NOT NULL.

    Args:
        table: the table, as the review names it.
        column: the column.
        base: what operations hang on.
    """

    def __init__(self, table: str, column: str, base: str) -> None:
        self.table = table
        self.column = column
        # "..._not_null" is the name that PostgreSQL 18 gives the constraint that SET NOT NULL itself makes
        self.check = checked_name(f"{split_name(table)[1]}_{column}_is_not_null")
        self._base = base

    @property
    def add_check(self) -> str:
        """The CHECK, which looks at no row that is there."""
        return self._call(
            "create_check_constraint",
            fixed_name(self._base, self.check),
            place_of(self.table)[0],
            quoted(f"{sql_name(self.column)} IS NOT NULL"),
            self._schema,
            "postgresql_not_valid=True",
        )

    @property
    def drop_check(self) -> str:
        """The end of the CHECK."""
        name = fixed_name(self._base, self.check)
        return self._call("drop_constraint", name, place_of(self.table)[0], 'type_="check"', self._schema)

    def later(self, stage: int) -> Later:
        """Return what follows the revision that adds the CHECK."""
        bare = split_name(self.table)[1]
        return Later(
            self.table,
            stage,
            f"{bare} not null",
            validates=(self.check,),
            then=(self._nullable(to=False), self.drop_check),
            undo=(self.add_check, self._nullable(to=True)),
        )

    def _nullable(self, *, to: bool) -> str:
        return self._call("alter_column", place_of(self.table)[0], quoted(self.column), f"nullable={to}", self._schema)

    @property
    def _schema(self) -> str:
        return place_of(self.table)[1].removeprefix(", ")

    def _call(self, name: str, *arguments: str) -> str:
        return operation(self._base, name, *arguments)
