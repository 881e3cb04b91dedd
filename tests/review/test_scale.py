"""Thousands of statements in one revision: judging them takes as many steps as there are, not their square."""

from __future__ import annotations

import sys
from types import FrameType

import pytest

from interlocking.review.context import Context
from interlocking.review.lint_settings import LintSettings
from interlocking.review.model import Direction, Operation, Reading, Statement
from interlocking.review.reviewing import review
from interlocking.review.rules import judge
from tests.review.projects import History

_SETUP = (
    "CREATE TABLE users (id bigint PRIMARY KEY, email text, age int)",
    "CREATE TABLE teams (id bigint PRIMARY KEY, title text)",
    "CREATE TABLE events (at int) PARTITION BY RANGE (at)",
    "CREATE TYPE mood AS ENUM ('a')",
)
_MANY = (
    "ALTER TABLE users ADD COLUMN c{n} int",
    "ALTER TABLE t{n} ADD COLUMN c int",
    "ALTER TABLE t{n} ALTER c SET NOT NULL",
    "ALTER TABLE users DROP COLUMN c{n}",
    "ALTER TABLE users ALTER c{n} TYPE bigint",
    "ALTER TABLE users RENAME COLUMN c{n} TO d{n}",
    "ALTER TABLE users ADD CONSTRAINT c{n} CHECK (age > {n}) NOT VALID",
    "ALTER TABLE users VALIDATE CONSTRAINT c{n}",
    "ALTER TABLE t{n} ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES users (id) NOT VALID",
    "ALTER TABLE events ATTACH PARTITION t{n} FOR VALUES FROM ({n}) TO ({n}1)",
    "ALTER TABLE t{n} RENAME TO s{n}",
    "ALTER TYPE mood ADD VALUE 'v{n}'",
    "CREATE TABLE n{n} (id bigint PRIMARY KEY, x int REFERENCES users)",
    "CREATE INDEX i{n} ON t{n} (email)",
    "CREATE VIEW v{n} AS SELECT id FROM users",
    "CREATE TRIGGER x{n} BEFORE UPDATE ON t{n} FOR EACH ROW EXECUTE FUNCTION f()",
    "DROP INDEX i{n}",
    "DROP TABLE t{n}",
    "DROP VIEW v{n}",
    "INSERT INTO teams VALUES ({n}, 'x')",
    "INSERT INTO teams SELECT id FROM users WHERE id = {n}",
    "UPDATE teams SET title = 'x' WHERE id = {n}",
    "DO $$ BEGIN UPDATE teams SET title = 'x' WHERE id = {n}; END $$",
)
_FEW, _TIMES = 60, 5
_SLACK = 1.2


@pytest.mark.parametrize("sql", _MANY)
def test_as_many_calls_as_statements(sql: str) -> None:
    """Five times the statements take about five times the calls of functions: the square would be 25 times."""
    _calls(sql, 2)  # what is looked up once is looked up before

    few, many = _calls(sql, _FEW), _calls(sql, _FEW * _TIMES)

    assert many < few * _TIMES * _SLACK


def _calls(sql: str, count: int) -> int:
    """Return how many functions are called, or go on, while so many statements are judged."""
    base = Reading("base", "base.py", upgrade=_statements("base", "upgrade", *_SETUP))
    texts = [sql.format(n=number) for number in range(count)]
    reading = Reading("many", "many.py", upgrade=_statements("many", "upgrade", *texts))
    assert all(each.node is not None for each in reading.upgrade)  # to parse is another matter
    calls = 0

    def count_calls(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count_calls)
    try:
        judge([base], [reading], Context(judged=("many",), transaction_mode="each"))
    finally:
        sys.setprofile(None)
    return calls


def _statements(revision: str, direction: Direction, *texts: str) -> tuple[Statement, ...]:
    return tuple(
        Statement(text, revision, direction, f"{revision}.py", line, Operation("execute", line))
        for line, text in enumerate(texts, 1)
    )


def test_a_loop_is_said_once(history: History) -> None:
    """Not once a round: what is said of each differs in nothing but a value."""
    history.write("one", "for n in range(1000):\n    op.execute(f'ALTER TABLE t ADD COLUMN c{n} int NOT NULL')")

    found = review(history.project, history.graph, ["one"]).findings

    assert len([each for each in found if each.id == "column-required"]) == 1000
    assert [10] == [each.line for each in found if each.id == "opaque-sql"]


def test_the_twenty_thousandth_statement_is_the_last(history: History) -> None:
    """A loop that never ends is stopped there, and said to be."""
    history.write("one", "while True:\n    op.get_bind().exec_driver_sql('ANALYZE')")

    (reading,) = history.read(LintSettings(deadline=600)).values()

    assert len(reading.upgrade) == 20_000
    assert [("failed", 10)] == [(each.kind, each.line) for each in reading.problems]
    assert "more than 20,000 statements" in reading.problems[0].message


def test_five_megabytes_of_sql_are_not_parsed(history: History) -> None:
    """Nor taken for safe."""
    history.write("one", "op.execute('ANALYZE;' * 700_000)")

    found = review(history.project, history.graph, ["one"]).findings

    (unparsed,) = [each for each in found if each.id == "unparsed-sql"]
    assert unparsed.line == 9
    assert "too long to parse" in unparsed.message
