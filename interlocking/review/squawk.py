"""The door to squawk, which gives a second opinion on the joined SQL (https://squawkhq.com/docs/rules)."""

from __future__ import annotations

import json
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path

from interlocking.errors import InterlockingError
from interlocking.process import find, run
from interlocking.review.lint_settings import LintSettings
from interlocking.review.model import Statement
from interlocking.review.opinions import Opinion

_PATIENCE = 60.0
_LONGEST = 100_000
_NAME = "migration.sql"


class SquawkMissingError(Exception):
    """Squawk is not installed or did not answer."""


def ask_squawk(statements: Sequence[Statement], settings: LintSettings, *, server_version: int) -> tuple[Opinion, ...]:
    """Ask squawk about statements, all in one text: split files would tear their transactions.

    Args:
        statements: in the order in which they run.
        settings: rules that are named in `squawk_severities` are asked for, also where squawk leaves them out.
        server_version: PostgreSQL's major version.

    Raises:
        SquawkMissingError: it is not installed or did not answer.
    """
    program = _program()
    if not statements:
        return ()
    text, starts = _joined(statements)
    wanted = [rule for rule, level in settings.squawk_severities.items() if level != "off"]
    argv = [program, "--reporter", "json", "--stdin-filepath", _NAME, "--pg-version", f"{server_version}.0"]
    argv += [f"--include={rule}" for rule in wanted]
    try:
        answer = run(argv, input=text, timeout=_PATIENCE, check=False).stdout
        said = json.loads(answer)
    except (InterlockingError, ValueError) as error:
        raise SquawkMissingError(str(error)) from error
    return tuple(
        Opinion(bisect_right(starts, entry["line"]) - 1, entry["rule_name"], entry["message"], entry.get("help") or "")
        for entry in said
    )


def _program() -> str:
    beside = Path(sys.executable).parent / "squawk"
    program = str(beside) if beside.is_file() else find("squawk")
    if not program:
        raise SquawkMissingError("squawk is not installed")
    return program


def _joined(statements: Sequence[Statement]) -> tuple[str, list[int]]:
    """Return one text with transactions as they will be, and the line at which each statement begins."""
    lines: list[str] = []
    starts: list[int] = []
    for statement, begins, ends in _framed(statements):
        starts.append(len(lines))
        if begins:
            lines.append("BEGIN;")
        sql = statement.sql if len(statement.sql) <= _LONGEST else "SELECT 1"
        lines.extend(f"{sql};".split("\n"))
        if ends:
            lines.append("COMMIT;")
    return "\n".join(lines) + "\n", starts


def _framed(statements: Sequence[Statement]) -> Iterator[tuple[Statement, bool, bool]]:
    """Yield each statement, whether it begins a transaction, and whether it ends one."""
    keys = [None if each.autocommit else (each.revision, each.direction, each.transaction) for each in statements]
    for at, (statement, key) in enumerate(zip(statements, keys, strict=True)):
        begins = key is not None and (at == 0 or keys[at - 1] != key)
        ends = key is not None and (at + 1 == len(keys) or keys[at + 1] != key)
        yield statement, begins, ends
