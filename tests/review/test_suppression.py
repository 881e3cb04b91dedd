"""Comments that allow a hazard: where they hold, and what is wrong with them."""

from __future__ import annotations

import textwrap

import pytest

from interlocking.review.lint_settings import LintSettings
from interlocking.review.model import Finding, Problem, Reading
from interlocking.review.reading.suppression import find_allowances
from interlocking.review.rules import HAZARDS
from interlocking.review.verdict import conclude

REASON = "it has four rows"


def allowed(source: str, line: int, id: str = "set-not-null") -> str:
    """The reason that the comments of a file give for a finding; empty when none speaks for it."""
    found = [each.reason for each in find_allowances(textwrap.dedent(source)) if each.allows(id, line)]
    return found[0] if found else ""


def test_a_comment_speaks_for_the_statement_that_it_stands_on() -> None:
    source = f"""\
def upgrade():
    op.alter_column("t", "c", nullable=False)  # interlocking: allow set-not-null: {REASON}
    op.alter_column("t", "d", nullable=False)
"""
    assert allowed(source, 2) == REASON
    assert allowed(source, 3) == ""


@pytest.mark.parametrize("line", [2, 3, 4, 5])
def test_any_line_of_a_long_call_will_do(line: int) -> None:
    source = f"""\
def upgrade():
    op.alter_column(
        "t",
        "c",  # interlocking: allow set-not-null: {REASON}
    )
"""
    assert allowed(source, line) == REASON


def test_a_line_of_its_own_speaks_for_the_statement_below() -> None:
    source = f"""\
def upgrade():
    # interlocking: allow set-not-null, drop-column: {REASON}
    # because of all that
    op.alter_column("t", "c", nullable=False)
    op.drop_column("t", "c")
"""
    assert allowed(source, 4) == REASON
    assert allowed(source, 4, "drop-column") == REASON
    assert allowed(source, 5, "drop-column") == ""


def test_above_everything_it_speaks_for_the_file() -> None:
    source = f"# interlocking: allow missing-downgrade: {REASON}\nrevision = 'a'\n"
    assert allowed(source, 0, "missing-downgrade") == REASON
    assert allowed(source, 0) == ""


def test_a_text_that_looks_like_a_comment_is_none() -> None:
    assert find_allowances('x = "# interlocking: allow set-not-null: no"\n') == ()


def concluded(source: str, *findings: Finding, settings: LintSettings | None = None) -> tuple[Finding, ...]:
    reading = Reading("one", "one.py", source=source)
    return conclude([reading], findings, settings or LintSettings(), HAZARDS)[0]


def finding(id: str = "set-not-null", line: int = 1) -> Finding:
    return Finding(id, "error", "one", "upgrade", "one.py", line, "it reads the whole table")


@pytest.mark.parametrize(
    ("comment", "id"),
    [
        ("# interlocking: allow set-not-null", "suppression-without-reason"),
        ("# interlocking: allow set-not-null:  ", "suppression-without-reason"),
        ("# interlocking: allow no-such-thing: because", "suppression-unknown"),
        ("# interlocking: allow", "suppression-unknown"),
        ("# interlocking: ignore set-not-null: because", "suppression-unknown"),
        ("# interlocking allow set-not-null: because", "suppression-unknown"),
        ("#interlocking:allow set-not-null (because)", "suppression-unknown"),
        ("# Interlocking: noqa", "suppression-unknown"),
    ],
)
def test_a_comment_that_allows_nothing_is_a_finding_itself(comment: str, id: str) -> None:
    found = concluded(f"op.alter_column()  {comment}\n", finding())
    assert {each.id: each.suppressed for each in found} == {"set-not-null": False, id: False}
    assert {each.severity for each in found} == {"error"}


def test_a_misspelled_id_is_corrected_with_the_reason_that_was_given() -> None:
    (found,) = concluded("f()  # interlocking: allow drop-colum, set-not-null: nobody reads it\n")
    assert found.message == "it allows drop-colum, which is no hazard"
    assert found.replacement == "# interlocking: allow drop-column, set-not-null: nobody reads it"


def test_a_comment_about_the_project_is_no_finding() -> None:
    assert concluded("f()  # interlocking: the machine in the signal box\n") == ()


def test_what_is_allowed_stays_visible_with_its_reason() -> None:
    (found,) = concluded(f"op.alter_column()  # interlocking: allow set-not-null: {REASON}\n", finding())
    assert (found.suppressed, found.reason) == (True, REASON)


@pytest.mark.parametrize("level", ["warning", "info", "off"])
def test_severities_are_configured(level: str) -> None:
    found = concluded("", finding(), settings=LintSettings(severities={"set-not-null": level}))  # type: ignore[dict-item]
    assert [each.severity for each in found] == ([] if level == "off" else [level])


def test_what_cannot_be_read_may_be_allowed_too() -> None:
    source = f"def upgrade():\n    broken()  # interlocking: allow unreadable: {REASON}\n"
    reading = Reading("one", "one.py", source=source, problems=(Problem("failed", "no", "upgrade", 2),))
    _, (unread,) = conclude([reading], [], LintSettings(), HAZARDS)
    assert (unread.suppressed, unread.reason) == (True, REASON)
