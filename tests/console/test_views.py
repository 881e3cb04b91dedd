"""The views: what a result says to a person, and its exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlocking.checks import Check
from interlocking.console.doctor import doctor_report
from interlocking.console.report import Line, Report, Span, columns
from interlocking.console.roundtrip import roundtrip_report
from interlocking.console.standing import current_report, heads_report, history_report
from interlocking.console.written import drift_report, moved_report, written_report
from interlocking.errors import CheckFailedError
from interlocking.rehearsal.results import RevisionTrip, RoundTrip, StepDifference
from interlocking.revisions.graph import Graph, build_graph
from interlocking.revisions.model import History, Revision
from interlocking.revisions.position import locate_database
from interlocking.upgrade.results import Drift, Moved, Operation, Written

ADD = Operation("add column shop.city (TEXT)", ("ALTER TABLE shop ADD COLUMN city TEXT",))


def text(report: Report) -> str:
    return "\n".join(plain(each) for each in report.lines)


def plain(parts: Line) -> str:
    return "".join(span.text for span in parts).rstrip()


def graph(*lines: str) -> Graph:
    """A graph from `child parent parent` lines."""
    words = [each.split() for each in lines]
    return build_graph(History(tuple(Revision(id_, Path(f"{id_}.py"), tuple(down)) for id_, *down in words)))


def test_columns_are_aligned_and_never_cut() -> None:
    """Rows may differ in length; the last cell is not padded."""
    rows = columns([["a", "bb", "c"], ["long", Span("b", "bold")], ["x"]], indent=1)

    assert [" a     bb  c", " long  b", " x"] == ["".join(span.text for span in row) for row in rows]


def test_the_current_revision_says_whether_it_is_the_head_or_unknown() -> None:
    """Also when the files do not know it."""
    history = graph("one", "two one")

    assert "two (head)" == text(current_report(locate_database(history, ("two",))))
    assert "one" == text(current_report(locate_database(history, ("one",))))
    assert "gone (unknown to the files)" == text(current_report(locate_database(history, ("gone",))))
    assert "no revision is applied" == text(current_report(locate_database(history, ())))


def test_the_history_marks_head_current_pending_and_merge() -> None:
    """In words: colour is not needed to read it."""
    history = graph("one", "left one", "right one", "both left right")

    shown = text(history_report(list(history.revisions.values()), history, locate_database(history, ("left",))))

    marks = {each.split()[0]: each.split(maxsplit=1)[1:] for each in shown.splitlines()}
    assert {"both": ["head, pending, merge"], "right": ["pending"], "left": ["current"], "one": []} == marks


def test_two_heads_name_the_way_out() -> None:
    """One does not."""
    assert "invoke db.merge" == heads_report(graph("one", "left one", "right one")).next
    assert "" == heads_report(graph("one")).next


def test_a_move_prints_its_undo_only_when_something_moved() -> None:
    """And where the database is now."""
    moved = moved_report(Moved((), ("one",), ()), undo="invoke db.downgrade -r base")
    stayed = moved_report(Moved(("one",), ("one",), ()), undo="invoke db.upgrade")

    assert "ok    the database is at one\nundo: invoke db.downgrade -r base" == text(moved)
    assert "undo" not in text(stayed)


def test_drift_is_exit_1_with_words_and_sql() -> None:
    """Agreement is exit 0."""
    drifted = drift_report(Drift((ADD,)))

    assert 1 == drifted.exit_code
    assert "  add column shop.city (TEXT)\n      ALTER TABLE shop ADD COLUMN city TEXT;" in text(drifted)
    assert 0 == drift_report(Drift(())).exit_code


def test_what_was_written_is_shown_from_the_projects_root() -> None:
    """Both directions, then what to do with it."""
    report = written_report(
        Written("x", Path("/shop/migrations/versions/x.py"), (ADD,), (ADD,)), Path("/shop"), dry_run=False
    )

    assert "wrote migrations/versions/x.py" in text(report)
    assert "invoke db.test-rollback" in report.next


@pytest.mark.parametrize(
    ("trip", "word", "code"),
    [
        (RevisionTrip("one", ok=True, seconds_up=0.1, seconds_down=0.2), "ok", 0),
        (RevisionTrip("one", ok=True, irreversible=True), "note", 0),
        (RevisionTrip("one", ok=False, error="it failed"), "fail", 1),
        (RevisionTrip("one", ok=False, blocked_by="zero"), "skip", 1),
    ],
)
def test_each_verdict_of_a_round_trip_has_its_word(trip: RevisionTrip, word: str, code: int) -> None:
    """The word carries the meaning."""
    report = roundtrip_report(RoundTrip((trip,)))

    assert text(report).startswith(word)
    assert code == report.exit_code


def test_differences_and_remarks_are_sentences_beneath_their_revision() -> None:
    """A difference fails; a remark does not."""
    left = StepDifference("down", "type", "mood", "left-behind", "after the downgrade of one, type mood is left behind")

    report = roundtrip_report(RoundTrip((RevisionTrip("one", ok=False, differences=(left,), remarks=("by the way",)),)))

    assert f"        - {left.sentence}" in text(report).splitlines()
    assert "        remark: by the way" in text(report).splitlines()


def test_the_doctors_remedies_stand_beneath_what_failed() -> None:
    """Exit 1 for a failure; a warning alone is exit 0."""
    failed = doctor_report([Check("Python", "ok", "3.11"), Check("server", "fail", "is down", "invoke db.start")])

    assert 1 == failed.exit_code
    assert ["ok    Python  3.11", "fail  server  is down"] == text(failed).splitlines()[:2]
    assert "remedy: invoke db.start" in text(failed).splitlines()[2]
    assert 0 == doctor_report([Check("git", "warn", "no repository", "git init")]).exit_code


def test_a_step_of_a_sequence_that_says_no_stops_it() -> None:
    """Onboarding shows the report first, then this."""
    Report({}).require_success("invoke db.check")
    with pytest.raises(CheckFailedError, match=r"invoke db\.check"):
        Report({}, exit_code=1).require_success("invoke db.check")
