"""What a review is made of: statements, readings of revisions, hazards. Pure data; a rule sees nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from interlocking.review.finding import SEVERITIES, Direction, Finding, Lock, Phase, Severity
from interlocking.review.reading.parsing import Parsed, parse

if TYPE_CHECKING:
    import ast

__all__ = [
    "COPY",
    "SEVERITIES",
    "Direction",
    "Fact",
    "Finding",
    "Hazard",
    "Judgement",
    "Lock",
    "Operation",
    "Phase",
    "Problem",
    "Reading",
    "Severity",
    "Statement",
    "syntax_tree",
]

ProblemKind = Literal[
    "syntax", "import", "needs-database", "failed", "not-run", "deadline", "memory", "ended", "too-long"
]


BY_CONNECTION = "bind.execute"  # the operation of what a revision sends through its connection
COPY = "copy_expert"  # the operation of a COPY that the driver sends together with its rows


@dataclass(frozen=True, slots=True)
class Operation:
    """The Alembic operation that made a statement.

    Attributes:
        name: as typed after `op.`: `create_index`, `add_column`, `execute`, ...; `bind.execute` for SQL that went
            past the operations, through a connection or a session;
            `copy_expert` for a COPY that was sent with its rows.
        number: its number in the revision file, counted over both directions; two statements with the same number
            came from one call.
        options: the texts, numbers and switches that the operation was given: `table_name`, `schema`,
            `postgresql_concurrently`, ...; types (`existing_type`) as SQL text. Columns, constraints and expressions
            stand in the statement.
        batch: it stood in a `batch_alter_table` block.
    """

    name: str
    number: int
    options: Mapping[str, Any] = field(default_factory=dict)
    batch: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement of one revision.

    Attributes:
        sql: its text, without a trailing semicolon; bound values are `$1`, `$2`, ...
        revision: the id of the revision.
        direction: which of its functions made it.
        file: the revision file, from the project's root, with forward slashes.
        line: where in that file the `op.` call stands that made it; of a call made by a helper elsewhere, the line
            that called the helper; 0 when unknown.
        operation: what made it.
        transaction: statements of one revision and direction with the same number share a transaction.
        autocommit: it ran outside any transaction, in an `autocommit_block`.
        interpolated: its text was put together at run time (f-string, `%`, `format`, `+` with a name).
        implicit: Alembic added it by itself: the index of `index=True`, the key of `ForeignKey`, the type of an Enum.
        parameters: the bound values, as Python would print them; of a bulk insert those of the first rows.
        rows: how many rows were sent: more than 1 for a bulk insert, the lines of the file for a COPY.
        part: its place among the statements of one text, from 0.
        parts: how many statements that text had; they are sent together, so none may be outside a transaction.
    """

    sql: str
    revision: str
    direction: Direction
    file: str
    line: int
    operation: Operation
    transaction: int = 0
    autocommit: bool = False
    interpolated: bool = False
    implicit: bool = False
    parameters: tuple[str, ...] = ()
    rows: int = 1
    part: int = 0
    parts: int = 1

    @property
    def parsed(self) -> Parsed:
        """The statement as PostgreSQL's own grammar reads it; parsed when first asked for."""
        return parse(self.sql)

    @property
    def node(self) -> Any:  # noqa: ANN401 - a pglast node
        """The pglast node (`IndexStmt`, `AlterTableStmt`, ...); None when the text cannot be parsed."""
        return self.parsed.node


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a revision, or one direction of it, could not be read to its end.

    Attributes:
        kind: what went wrong.
        message: what was said, on one line.
        direction: which function; None when the file itself could not be loaded.
        line: in the revision file; 0 when unknown.
    """

    kind: ProblemKind
    message: str
    direction: Direction | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the Python of a revision does, found in its syntax tree.

    Attributes:
        name: `imports-application`, `interpolated-sql`, `empty-downgrade`, `raising-downgrade`, `missing-downgrade`,
            `orm`, `queries-bind`, `loop`, `commit`, `inspects`, `empty-upgrade`.
        line: where.
        direction: in which function; None at module level or in a helper.
        detail: the name or text that shows it.
    """

    name: str
    line: int
    direction: Direction | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One revision, read in both directions.

    Attributes:
        revision: its id.
        file: from the project's root, with forward slashes.
        source: the text of the file.
        upgrade: the statements, in order.
        downgrade: the same of the other direction.
        problems: what could not be read; statements before it are there.
        facts: what the Python does besides.
        asked: questions that it put to the database while it was read, answered as an empty database would.
        message: the first line of the docstring.
    """

    revision: str
    file: str
    source: str = ""
    upgrade: tuple[Statement, ...] = ()
    downgrade: tuple[Statement, ...] = ()
    problems: tuple[Problem, ...] = ()
    facts: tuple[Fact, ...] = ()
    asked: tuple[str, ...] = ()
    message: str = ""

    def statements(self, direction: Direction) -> tuple[Statement, ...]:
        """Return the statements of one direction."""
        return self.upgrade if direction == "upgrade" else self.downgrade

    @property
    def tree(self) -> ast.Module | None:
        """The syntax tree of the file; None when it is no Python."""
        return syntax_tree(self.source)


@dataclass(frozen=True, slots=True)
class Hazard:
    """A known way to hurt a running application.

    Attributes:
        id: kebab-case and stable.
        severity: its usual one; a rule may give less for a small table.
        title: what it is, in a few words.
        rows: which rows of the catalogue of hazards it covers (docs/hazards).
        docs: its page, from the docs folder.
        fixable: `db.review --fix` knows the one right answer.
    """

    id: str
    severity: Severity
    title: str
    rows: tuple[int, ...] = ()
    docs: str = ""
    fixable: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say about the revisions under review.

    Attributes:
        findings: in the order of the statements.
        phases: for each revision and direction, one phase a statement.
    """

    findings: tuple[Finding, ...] = ()
    phases: Mapping[tuple[str, Direction], tuple[Phase, ...]] = field(default_factory=dict)


def syntax_tree(source: str) -> ast.Module | None:
    """Return the syntax tree of a file's text; None when it is no Python."""
    from interlocking.revisions.source import tree_of  # noqa: PLC0415 - kept results need no syntax trees

    return tree_of(source.encode(errors="surrogatepass"))
