"""A finding: one hazard at one place. Pure data, without the parser: results that were kept need no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["upgrade", "downgrade"]
Severity = Literal["error", "warning", "info"]
Phase = Literal["expand", "contract", "data", "none"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
# Why a file could not be read that a busy machine may have caused: tried again next time, so never cached.
TRANSIENT_PROBLEMS = frozenset({"deadline", "memory", "ended"})


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that a statement takes.

    Attributes:
        mode: in PostgreSQL's words, lower case: `access exclusive`, `share row exclusive`, `share`, ...
        relations: on what: table or index names.
        blocks: what waits meanwhile, in words: `reads and writes`, `writes`, `other schema changes`.
        held: for how long, in words: `while every row is read`, `briefly`, `while the index is built`.
    """

    mode: str
    relations: tuple[str, ...]
    blocks: str
    held: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One hazard at one place.

    Attributes:
        id: the hazard, kebab-case and stable.
        severity: how bad it is here.
        revision: the revision's id.
        direction: which function.
        file: the revision file, from the project's root.
        line: in that file; 0 for the whole file.
        message: what happens, one sentence without a trailing full stop.
        table: the table it happens to; empty when there is none.
        column: the column; empty when there is none.
        sql: the statement; empty when the finding is about the Python.
        lock: the lock that hurts, or None.
        why: why it matters here, at this size.
        replacement: Alembic code to put in the place of the call, with the names filled in; may be empty.
        phase: of the statement.
        suppressed: a comment on the line allows it.
        reason: what that comment says.
        source: who found it: `interlocking` or `squawk`.
        docs: the page about it, from the docs folder; may be empty.
        fixable: `db.review --fix` knows the one right answer.
        also: rules of squawk that object to the same statement.
    """

    id: str
    severity: Severity
    revision: str
    direction: Direction
    file: str
    line: int
    message: str
    table: str = ""
    column: str = ""
    sql: str = ""
    lock: Lock | None = None
    why: str = ""
    replacement: str = ""
    phase: Phase = "none"
    suppressed: bool = False
    reason: str = ""
    source: Literal["interlocking", "squawk"] = "interlocking"
    docs: str = ""
    fixable: bool = False
    also: tuple[str, ...] = ()
