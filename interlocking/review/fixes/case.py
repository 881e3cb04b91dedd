"""One finding, with all that its recipe needs. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import libcst as cst

from interlocking.review.context import TransactionMode
from interlocking.review.fixes.calls import called
from interlocking.review.fixes.edits import Edits
from interlocking.review.fixes.result import CannotFixError
from interlocking.review.fixes.sites import Site, Source
from interlocking.review.model import Finding, Reading, Statement
from interlocking.review.reading.nodes import Node, dotted, is_a, relation_name

_LONGEST_NAME = 63
_OVERTAKING = frozenset({"AT_DropColumn", "AT_DropConstraint", "AT_AddIdentity", "AT_DropNotNull"})


@dataclass(frozen=True)
class Later:
    """Work for a revision that follows: one for each stage and table.

    Attributes:
        table: the table, as the review names it.
        stage: 1: the revision after the one that was fixed; 2: the one after that.
        title: what that revision does, for its name.
        first: code that takes long and locks nobody out; `validate` of the constraint named.
        validates: constraints that are validated after that.
        then: code that is short.
        undo: what takes back `then`, in its own order.
        imports: lines that the code needs besides `op`.
    """

    table: str
    stage: int
    title: str
    first: tuple[str, ...] = ()
    validates: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """What is known around the revision.

    Attributes:
        transaction_mode: see `Context.transaction_mode`.
        naming_convention: the models name constraints by a convention, which the review does not know.
        renames_given_names: that convention also changes names that are given.
    """

    transaction_mode: TransactionMode = "guard"
    naming_convention: bool = False
    renames_given_names: bool = False


@dataclass(frozen=True)
class Case:
    """One finding.

    Attributes:
        finding: it.
        statement: the statement that it is about.
        site: where the call of that statement stands.
        source: the file.
        reading: the revision.
        edits: takes the changes to the file.
        around: what is known around it.
    """

    finding: Finding
    statement: Statement
    site: Site
    source: Source
    reading: Reading
    edits: Edits
    around: Surroundings

    @property
    def base(self) -> str:
        """What operations hang on: `op`."""
        return self.site.base

    @property
    def command(self) -> Node:
        """The first command of an ALTER TABLE."""
        return self.statement.node.cmds[0]

    def require_outside_autocommit(self) -> None:
        """Refuse what stands in an `autocommit_block`: statements around it would change their transaction."""
        if self.site.around == "autocommit":
            raise CannotFixError("it stands in an autocommit_block already")

    def plain_sql(self) -> cst.SimpleString:
        """Return the text of an `op.execute` that runs one statement with one command.

        Raises:
            CannotFixError: it is put together, runs several statements, or does more than one thing.
        """
        call = self.edits.call(self.site)
        argument = call.args[0].value if call.args else None
        if isinstance(argument, cst.Call) and called(argument) == "text" and argument.args:
            argument = argument.args[0].value
        if not isinstance(argument, cst.SimpleString) or self.statement.parts > 1:
            raise CannotFixError("the SQL is not one plain text")
        if len(getattr(self.statement.node, "cmds", None) or (None,)) > 1:
            raise CannotFixError("the SQL does several things at once")
        return argument

    def require_last(self, table: str, names: Collection[str]) -> None:
        """Refuse when a later statement of the revision takes away, renames or builds on what is put off.

        Args:
            table: one that it has to do with.
            names: the columns and constraints of that table that it has to do with.
        """
        number = self.statement.operation.number
        for each in self.reading.upgrade:
            if each.operation.number > number and _overtakes(each.node, table, names):
                raise CannotFixError("a later operation of this revision changes what is put off")


def checked_name(name: str) -> str:
    """Return a name that PostgreSQL does not cut.

    Raises:
        CannotFixError: it is too long.
    """
    if len(name.encode()) > _LONGEST_NAME:
        raise CannotFixError(f"the name {name} would be longer than {_LONGEST_NAME} bytes: give it one")
    return name


def _overtakes(node: Node, table: str, names: Collection[str]) -> bool:
    if is_a(node, "RenameStmt"):
        here = node.relation is not None and relation_name(node.relation) == table
        return here and (not node.subname or node.subname in names)
    if is_a(node, "DropStmt"):
        return any(isinstance(each, tuple) and dotted(each) == table for each in node.objects)
    if is_a(node, "AlterTableStmt") and relation_name(node.relation) == table:
        return any(each.subtype.name in _OVERTAKING and each.name in names for each in node.cmds)
    return False
