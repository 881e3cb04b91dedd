"""What is remarked instead of reported, and how both are said."""

from __future__ import annotations

import pytest

from interlocking.postgres.casts import same_but_for_casts
from interlocking.postgres.catalog import take_snapshot
from interlocking.postgres.diff import Comparison, Difference, Remark, compare, sentence
from interlocking.postgres.session import Session

CHECKED = "CREATE TABLE t (s varchar(80)); ALTER TABLE t ADD CONSTRAINT k CHECK (s IN ('a', 'b'))"
WIDENED_AND_BACK = "ALTER TABLE t ALTER s TYPE varchar(99); ALTER TABLE t ALTER s TYPE varchar(80)"


def compared(session: Session, setup: str, change: str) -> Comparison:
    """What `change` does to a database that `setup` made."""
    session.cursor().execute(setup)
    before = take_snapshot(session)
    session.cursor().execute(change)
    return compare(before, take_snapshot(session))


@pytest.mark.parametrize(
    ("setup", "change", "expected"),
    [
        pytest.param(
            "CREATE TABLE t (a int, b int)",
            "ALTER TABLE t DROP a; ALTER TABLE t ADD a int",
            "table t has its columns in another order: b, a; it was a, b",
            id="order-of-columns",
        ),
        pytest.param(
            "CREATE TYPE y AS ENUM ('a', 'b')",
            "DROP TYPE y; CREATE TYPE y AS ENUM ('b', 'a')",
            "type y has its labels in another order: b, a; it was a, b",
            id="order-of-labels",
        ),
        pytest.param(
            "CREATE TABLE t (a int); ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID",
            "ALTER TABLE t VALIDATE CONSTRAINT k",
            "constraint t.k is validated, was NOT VALID",
            id="validity-of-a-constraint",
        ),
        pytest.param(
            "CREATE DOMAIN d AS int; ALTER DOMAIN d ADD CONSTRAINT k CHECK (VALUE > 0) NOT VALID",
            "ALTER DOMAIN d VALIDATE CONSTRAINT k",
            "constraint d.k is validated, was NOT VALID",
            id="validity-of-a-domain's-constraint",
        ),
        pytest.param(
            CHECKED,
            WIDENED_AND_BACK,
            "constraint t.k was rewritten by PostgreSQL with other casts",
            id="casts-of-a-constraint",
        ),
        pytest.param(
            "CREATE TABLE t (s varchar(80)); CREATE INDEX i ON t (s) WHERE s IN ('a', 'b')",
            WIDENED_AND_BACK,
            "index i was rewritten by PostgreSQL with other casts",
            id="casts-of-an-index",
        ),
    ],
)
def test_what_nobody_could_put_back_is_a_remark(setup, change, expected, emptied):
    """No difference, never silence."""
    comparison = compared(emptied, setup, change)

    assert ((), 1) == (comparison.differences, len(comparison.remarks))
    assert f"after the downgrade, {expected}" in sentence(comparison.remarks[0], after="the downgrade")


def test_validity_of_not_null_is_a_remark(emptied):
    """PostgreSQL 18 can add NOT NULL without looking at the rows; validating it later is no difference."""
    if emptied.server_version < 180000:
        pytest.skip("PostgreSQL 18 or newer")

    comparison = compared(
        emptied,
        "CREATE TABLE t (a int); ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID",
        "ALTER TABLE t VALIDATE CONSTRAINT n",
    )

    assert Comparison((), (Remark("column", "t.a", "is validated, was NOT VALID"),)) == comparison


def test_the_name_of_not_null_does_not_count(emptied):
    """PostgreSQL 18 names a NOT NULL after the table it was made on; older ones have no name for it."""
    comparison = compared(
        emptied,
        "CREATE TABLE t (a int NOT NULL)",
        "ALTER TABLE t ALTER a DROP NOT NULL; ALTER TABLE t RENAME TO u; ALTER TABLE u ALTER a SET NOT NULL;"
        "ALTER TABLE u RENAME TO t",
    )

    assert Comparison((), ()) == comparison


def test_a_removed_column_is_no_other_order(emptied):
    """What is missing is said once: the columns that stayed stand as they stood."""
    comparison = compared(emptied, "CREATE TABLE t (a int, b int, c int)", "ALTER TABLE t DROP b")

    assert Comparison((Difference("column", "t.b", "missing"),), ()) == comparison


def test_an_altered_column_says_what_it_is_and_was(emptied):
    """The change is told in the words of the schema, `public` left out."""
    comparison = compared(
        emptied,
        "CREATE TABLE users (email varchar(80)); CREATE TYPE mood AS ENUM ('x')",
        "ALTER TABLE users ALTER email TYPE mood USING 'x', ALTER email SET NOT NULL",
    )

    expected = "column users.email: type is mood, was character varying(80); nullability is not null, was nullable"
    assert [f"after the upgrade, {expected}"] == [
        sentence(each, after="the upgrade") for each in comparison.differences
    ]


@pytest.mark.parametrize(
    ("setup", "change", "expected"),
    [
        ("CREATE TYPE y AS ENUM ('a', 'b')", "ALTER TYPE y RENAME VALUE 'b' TO 'c'", "labels gained c and lost b"),
        ("CREATE TABLE y ()", "REVOKE ALL ON y FROM CURRENT_USER", "privileges are none, were the default"),
        ("CREATE TABLE y ()", "ALTER TABLE y ENABLE ROW LEVEL SECURITY", "row security is yes, was no"),
        ("CREATE TABLE y ()", "COMMENT ON TABLE y IS 'x'", "comment is x, was none"),
        ("CREATE SEQUENCE y", "ALTER SEQUENCE y CACHE 5", "cache is 5, was 1"),
    ],
)
def test_a_change_is_told_in_words(setup, change, expected, emptied):
    """A set says what it gained and lost, a switch yes or no, an unset value none."""
    assert ((expected,),) == tuple(each.detail for each in compared(emptied, setup, change).differences)


def test_a_function_body_is_never_shown(emptied):
    """A definition is no news for a terminal, and may hold what nobody should read there."""
    body = "CREATE OR REPLACE FUNCTION f() RETURNS text LANGUAGE sql AS $$SELECT '{}'$$"
    comparison = compared(emptied, body.format("hunter1"), body.format("hunter2"))

    assert (Difference("function", "f()", "altered", ("definition differs",)),) == comparison.differences


def test_a_setting_of_the_database_is_never_shown(emptied):
    """A setting may be a key: that it is another is all there is to say."""
    set_key = "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET app.key = ''{}''', current_database()); END$$"
    comparison = compared(emptied, set_key.format("hunter1"), set_key.format("hunter2"))

    assert (Difference("database setting", "app.key", "altered", ("value differs",)),) == comparison.differences


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (Difference("type", "goal_status", "left-behind"), "after X, type goal_status is left behind"),
        (Difference("table", "audit.log", "missing"), "after X, table audit.log is missing"),
        (Remark("table", "t", "has its columns in another order"), "after X, table t has its columns in another order"),
    ],
)
def test_a_finding_is_a_sentence(finding, expected):
    """The reader learns after which step, what, and what is wrong with it."""
    assert expected == sentence(finding, after="X")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CHECK ((a OR b) AND c)", "CHECK (a OR (b AND c))"),
        ("CHECK (s = 'a::text')", "CHECK (s = 'a')"),
        ("CHECK (s = 'a')", "CHECK (s = 'b')"),
        ("CHECK (n > 0::numeric(4,1))", "CHECK (n > 0)"),
        ("CHECK (d > now()::date)", "CHECK (d > now())"),
        ("CHECK (lower(s) = s)", "CHECK (s = s)"),
    ],
)
def test_what_means_something_else_is_not_a_matter_of_casts(one, other):
    """Grouping, texts, calls, and casts that lose something all count."""
    assert not same_but_for_casts(one, other)
