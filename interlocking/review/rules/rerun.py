"""A revision of several transactions: what stays of it when a later one fails, and whether it can then run again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from interlocking.review.model import Reading, Statement
from interlocking.review.reading.nodes import Node, constraint_kind, dropped_names, is_a, relation_name
from interlocking.review.rules.steps import names_dropped, names_made
from interlocking.review.schema.knowledge import Knowledge

_ONCE = (
    *("CreateStmt", "CreateTableAsStmt", "CreateEnumStmt", "CreateDomainStmt", "CreateSeqStmt", "CreateSchemaStmt"),
    *("CreateTrigStmt", "CreatePolicyStmt", "RuleStmt", "ViewStmt", "IndexStmt", "InsertStmt", "RenameStmt"),
    *("CreateFunctionStmt", "CreateExtensionStmt", "DropStmt"),
)
_ONCE_COMMANDS = ("AT_AddColumn", "AT_DropColumn", "AT_AddConstraint", "AT_DropConstraint")
_FORGIVING = ("if_not_exists", "missing_ok", "replace", "onConflictClause", "skipIfNewValExists")


@dataclass(frozen=True)
class Half:
    """What a failure leaves of a revision.

    Attributes:
        stays: the first statement that has committed by then, and cannot be run again.
        fails: one after it that the rows of an old table can make fail, or that begins a third transaction; None when
            nothing in particular speaks for a failure.
    """

    stays: Statement
    fails: Statement | None


def runs_again(reading: Reading) -> bool:
    """Say whether the upgrade can run a second time: nothing of it insists that something is, or is not, there."""
    dropped: set[str] = set()
    made = {name for each in reading.upgrade if each.node for name in names_made(each.node)}
    for statement in reading.upgrade:
        node = statement.node
        if node is None:
            return False
        if is_a(node, "DropStmt") and (node.missing_ok or made.issuperset(dropped_names(node))):
            dropped |= set(dropped_names(node))
        elif is_a(node, "AlterTableStmt") and all(each.missing_ok for each in node.cmds):
            dropped |= names_dropped(node)
        elif _runs_once(node) and not dropped.intersection(names_made(node)):
            return False
    return True


def half_of(reading: Reading, known: Knowledge) -> Half | None:
    """Return what a failure can leave of the upgrade; None when it is one transaction, or can be run again.

    Args:
        reading: the revision; what Alembic adds by itself belongs to the operation before it.
        known: what is known after it.
    """
    chosen = [each for each in reading.upgrade if not each.implicit]
    stays = waiting = fails = None
    apart = False
    for statement, begins in zip(chosen, _begins(chosen), strict=False):
        stays = stays or (waiting if begins else None)
        once = _runs_once(statement.node)
        if stays and fails is None:
            third = apart and once and not (statement.autocommit or stays.autocommit or _ends_block(statement.node))
            fails = statement if third or _checks_rows(statement.node, known, reading.revision) else None
        apart = apart or bool(stays and statement.autocommit)
        waiting = waiting or (statement if once else None)
    return Half(stays, fails) if stays else None


def _begins(statements: Sequence[Statement]) -> Iterator[bool]:
    """Say of each statement whether something has committed right before it."""
    yield False
    yield from (
        now.autocommit or before.autocommit or now.transaction != before.transaction
        for before, now in pairwise(statements)
    )


def _runs_once(node: Node) -> bool:
    """Say whether a statement fails, or does something else, when it is run a second time."""
    if is_a(node, "AlterTableStmt"):
        return any(each.subtype.name in _ONCE_COMMANDS and not each.missing_ok for each in node.cmds)
    if is_a(node, "CopyStmt"):
        return bool(node.is_from)
    if is_a(node, "AlterEnumStmt"):
        return not node.skipIfNewValExists
    return is_a(node, *_ONCE) and not any(getattr(node, name, None) for name in _FORGIVING)


def _ends_block(node: Node) -> bool:
    """ADD CONSTRAINT USING INDEX belongs to the build of the index: the safe way ends with it."""
    return is_a(node, "AlterTableStmt") and all(getattr(each.def_, "indexname", None) for each in node.cmds)


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
