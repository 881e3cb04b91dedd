"""A revision of several transactions: what stays of it when a later one fails, and whether it can then run again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from interlocking.review.knowledge import Knowledge
from interlocking.review.model import Reading, Statement
from interlocking.review.nodes import Node, constraint_kind, is_a, relation_name

_ONCE = (
    *("CreateStmt", "CreateTableAsStmt", "CreateEnumStmt", "CreateDomainStmt", "CreateSeqStmt", "CreateSchemaStmt"),
    *("CreateTrigStmt", "CreatePolicyStmt", "RuleStmt", "ViewStmt", "IndexStmt", "InsertStmt", "RenameStmt"),
    "DropStmt",
)
_ONCE_COMMANDS = ("AT_AddColumn", "AT_DropColumn", "AT_AddConstraint", "AT_DropConstraint")
_FORGIVING = ("if_not_exists", "missing_ok", "replace", "onConflictClause", "skipIfNewValExists")


def what_stays(reading: Reading) -> Sequence[Statement]:
    """Return the statements of the upgrade that have committed before its last transaction; what repeats is left out.

    What Alembic adds by itself (`implicit`) belongs to the operation before it.
    """
    chosen = [each for each in reading.upgrade if not each.implicit]
    last = next((place for place, each in reversed(list(enumerate(_begins(chosen)))) if each), 0)
    return [each for each in chosen[:last] if _runs_once(each.node)]


def _begins(statements: Sequence[Statement]) -> Iterator[bool]:
    """Say of each statement whether something has committed right before it."""
    yield False
    yield from (
        now.autocommit or before.autocommit or now.transaction != before.transaction
        for before, now in pairwise(statements)
    )


def fails_on_rows(reading: Reading, known: Knowledge) -> Statement | None:
    """Return the first statement after a commit that the rows of an old table can make fail."""
    chosen = [each for each in reading.upgrade if not each.implicit]
    committed = False
    for statement, begins in zip(chosen, _begins(chosen), strict=False):
        committed = committed or begins
        if committed and _checks_rows(statement.node, known, reading.revision):
            return statement
    return None


def _runs_once(node: Node) -> bool:
    """Say whether a statement fails, or does something else, when it is run a second time."""
    if is_a(node, "AlterTableStmt"):
        return any(each.subtype.name in _ONCE_COMMANDS and not each.missing_ok for each in node.cmds)
    return is_a(node, *_ONCE) and not any(getattr(node, name, None) for name in _FORGIVING)


def _checks_rows(node: Node, known: Knowledge, revision: str) -> bool:
    if is_a(node, "IndexStmt") and node.unique:
        names = [each.name for each in node.indexParams or ()]
        return not _is_empty(known, relation_name(node.relation), names, revision)
    if is_a(node, "AlterTableStmt"):
        table = relation_name(node.relation)
        return any(_command_checks(each) and not _is_empty(known, table, [each.name], revision) for each in node.cmds)
    return False


def _command_checks(command: Node) -> bool:
    """VALIDATE and SET NOT NULL come last in the safe way of doing it, so they are not counted."""
    if command.subtype.name == "AT_AddConstraint":
        new = command.def_
        return constraint_kind(new) != "notnull" and not (new.skip_validation or new.indexname)
    return bool(command.subtype.name == "AT_AlterColumnType")


def _is_empty(known: Knowledge, table: str, columns: Sequence[str | None], revision: str) -> bool:
    """Say whether the revision itself made the table, or one of the columns, so that it holds nothing yet."""
    found = known.table(table)
    return found.made_by == revision or any(
        each in found.columns and found.columns[each].made_by == revision for each in columns if each
    )
