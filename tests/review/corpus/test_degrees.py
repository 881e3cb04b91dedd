"""How loud a hazard is depends on what surrounds it: the same statement, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interlocking.review.context import Context
from interlocking.review.rules import judge
from tests.review.corpus.case import Case
from tests.review.corpus.judging import Judged, judge_all
from tests.review.projects import History

_BLOCK = "with op.get_context().autocommit_block():\n    "
_INDEX = 'op.create_index("ix_email", "users", ["email"], postgresql_concurrently=True)'
_UNIQUE = 'op.create_index("uq_email", "users", ["email"], unique=True, postgresql_concurrently=True)'
_COLUMN = 'op.add_column("users", sa.Column("city", sa.Text))\n'
_TWO = 'op.create_index("a", "users", ["email"], postgresql_concurrently=True)\n    ' + _INDEX
_HALF = "half-applied"
_TABLES = ("users", "orders", "teams")
_DEGREES = (
    # what is committed and cannot be run again, and what may fail after it
    (Case("index after a column", _COLUMN + _BLOCK + _INDEX), _HALF, "info"),
    (Case("two indexes", _BLOCK + _TWO), _HALF, "info"),
    (Case("column after an index", _BLOCK + _INDEX + "\n" + _COLUMN), _HALF, "info"),
    (Case("unique index after a column", _COLUMN + _BLOCK + _UNIQUE), _HALF, "warning"),
    (
        Case("check after an index", f'{_BLOCK}{_INDEX}\nop.create_check_constraint("c", "users", "age > 0")'),
        _HALF,
        "warning",
    ),
    (Case("unique index on a new column", _COLUMN + _BLOCK + _UNIQUE.replace('["email"]', '["city"]')), _HALF, "info"),
    (Case("columns around an index", _COLUMN + _BLOCK + _INDEX + '\nop.drop_column("orders", "ip")'), _HALF, "warning"),
    (
        Case(
            "unique constraint by its index",
            f'{_BLOCK}{_UNIQUE}\nop.execute("ALTER TABLE users ADD UNIQUE USING INDEX uq_email")',
        ),
        _HALF,
        "info",
    ),
    (
        Case("update, then an index", "op.execute(\"UPDATE teams SET title = 'x' WHERE id = 3\")\n" + _BLOCK + _UNIQUE),
        _HALF,
        None,
    ),
    (Case("one index", _BLOCK + _INDEX), _HALF, None),
    (Case("unique index alone", _BLOCK + _UNIQUE), _HALF, None),
    (Case("one transaction", _COLUMN + 'op.add_column("users", sa.Column("zip", sa.Text))'), _HALF, None),
    (
        Case(
            "column if not there",
            f'op.execute("ALTER TABLE users ADD COLUMN IF NOT EXISTS city text")\n{_BLOCK}{_UNIQUE}',
        ),
        _HALF,
        None,
    ),
    (
        Case(
            "update after an enum value",
            f"{_BLOCK}op.execute(\"ALTER TYPE m ADD VALUE IF NOT EXISTS 'x'\")\nop.execute(\"UPDATE teams SET title = 'x' WHERE id = 3\")",
        ),
        _HALF,
        None,
    ),
    # what may have left an INVALID index
    (Case("unique", _BLOCK + _UNIQUE), "unique-over-duplicates", "info"),
    (Case("if not there", _BLOCK + _INDEX.replace(")", ", if_not_exists=True)")), "invalid-index-kept", "info"),
    (
        Case("unique if not there", _BLOCK + _UNIQUE.replace(")", ", if_not_exists=True)")),
        "invalid-index-kept",
        "warning",
    ),
    # where the copied rows go
    (
        Case("copied to an old table", 'op.execute("INSERT INTO teams (id) SELECT id FROM users")'),
        "whole-table-copy",
        "warning",
    ),
    (
        Case("copied to a new table", 'op.execute("CREATE TABLE kept AS SELECT id FROM users")'),
        "whole-table-copy",
        "info",
    ),
    (
        Case(
            "copied to a twin",
            'op.execute("CREATE TABLE kept (LIKE users)")\nop.execute("INSERT INTO kept SELECT * FROM users")',
        ),
        "whole-table-copy",
        "warning",
    ),
    # said once a transaction, and not once a table
    (
        Case("three tables", "\n".join(f'op.add_column("{each}", sa.Column("x", sa.Text))' for each in _TABLES)),
        "several-tables-locked",
        "warning",
    ),
    # what a rule stands on
    (Case("rule switched off", 'op.execute("ALTER TABLE users DISABLE RULE r")'), "rewrite-rule", "info"),
    (Case("rule dropped", 'op.execute("DROP RULE r ON users")'), "rewrite-rule", "info"),
)


@pytest.mark.parametrize(
    ("around", "expected"),
    [({}, "rolled back"), ({"env_commits": True}, "no longer one"), ({"transaction_mode": "guard"}, "no longer one")],
)
def test_what_a_commit_of_the_connection_loses(tmp_path: Path, around: dict[str, Any], expected: str) -> None:
    """All that follows, where Alembic has to end the transaction that it began."""
    reading = History.begin(tmp_path).read_one("op.get_bind().commit()")

    found = judge([], [reading], Context(judged=(reading.revision,), **around)).findings

    assert [expected in each.message for each in found if each.id == "transaction-control"] == [True]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judged]:
    """Every case as it is, and as our guard runs it; one process reads them all."""
    cases = [case for case, _, _ in _DEGREES]
    guarded = [replace(each, name=f"{each.name}, guarded", mode="guard") for each in cases]
    return judge_all(tmp_path_factory.mktemp("degrees"), (*cases, *guarded))


@pytest.mark.parametrize(("case", "hazard", "severity"), _DEGREES, ids=lambda each: getattr(each, "name", None))
def test_degree(judged: dict[str, Judged], case: Case, hazard: str, severity: str | None) -> None:
    """As stock Alembic runs it."""
    assert ([severity] if severity else []) == _severities(judged[case.name], hazard)


@pytest.mark.parametrize("case", [case for case, hazard, _ in _DEGREES if hazard == _HALF], ids=lambda each: each.name)
def test_the_guard_goes_on_after_what_has_committed(judged: dict[str, Judged], case: Case) -> None:
    """So half of a revision is nothing to speak of."""
    assert [] == _severities(judged[f"{case.name}, guarded"], _HALF)


def _severities(result: Judged, hazard: str) -> list[str]:
    assert not result.reading.problems
    return [each.severity for each in result.judgement.findings if each.id == hazard]
