"""From the statuses that were seen to a verdict; the clock is a number."""

from __future__ import annotations

import pytest

from interlocking.errors import CheckFailedError, IncompleteError
from interlocking.railway.results import LogLine
from interlocking.railway.verdicts import Outcome, Verdict, Watch


def watched(*looks: tuple[str | None, float]) -> Outcome | None:
    """Return what the last of several looks says; none before it may have decided."""
    watch = Watch(deadline=100.0, settle=10.0)
    said = [watch.observe(status, elapsed) for status, elapsed in looks]
    assert [None] * (len(said) - 1) == said[:-1]
    return said[-1]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("FAILED", "failed"),
        ("CRASHED", "crashed"),
        ("SKIPPED", "skipped"),
        ("REMOVED", "superseded"),
        ("REMOVING", "superseded"),
    ],
)
def test_an_end_is_a_verdict_at_once(status: str, outcome: Outcome) -> None:
    """Nothing has to settle."""
    assert outcome == watched(("BUILDING", 1.0), (status, 2.0))


def test_gotcha_05_a_success_counts_when_it_lasts() -> None:
    """It can turn into a crash seconds later."""
    assert watched(("SUCCESS", 5.0), ("SUCCESS", 14.9)) is None
    assert "success" == watched(("SUCCESS", 5.0), ("SUCCESS", 15.0))
    assert "success" == watched(("SUCCESS", 5.0), ("SLEEPING", 15.0))
    assert "crashed" == watched(("SUCCESS", 5.0), ("CRASHED", 9.0))


def test_a_success_that_was_taken_back_begins_to_last_anew() -> None:
    """A restart passes through DEPLOYING."""
    assert watched(("SUCCESS", 5.0), ("DEPLOYING", 8.0), ("SUCCESS", 16.0)) is None


@pytest.mark.parametrize("status", ["QUEUED", "WAITING", "INITIALIZING", "THAWING", None])
def test_gotcha_02_everything_else_is_waited_for_until_the_deadline(status: str | None) -> None:
    """Also a status that is new, and a deployment that is not listed yet."""
    assert watched((status, 99.0)) is None
    assert "timeout" == watched((status, 100.0))


def test_an_approval_that_never_came_is_said() -> None:
    """It is somebody's turn, and not the platform's."""
    assert watched(("NEEDS_APPROVAL", 1.0)) is None
    assert "needs-approval" == watched(("NEEDS_APPROVAL", 100.0))


def test_gotcha_04_a_deployment_that_left_the_list_was_replaced() -> None:
    """Deleted ones are not listed."""
    assert "superseded" == watched(("BUILDING", 1.0), (None, 2.0))


def test_no_pause_passes_the_moment_that_decides() -> None:
    """Neither the deadline nor the end of settling."""
    watch = Watch(deadline=100.0, settle=10.0)
    assert 6.0 == watch.pause(6.0, 1.0)
    assert 3.0 == watch.pause(6.0, 97.0)
    watch.observe("SUCCESS", 50.0)
    assert 4.0 == watch.pause(6.0, 56.0)


def test_gotcha_41_a_failure_without_logs_is_said_to_be_a_rejection() -> None:
    """An empty block would say nothing."""
    assert "rejected it before any container ran" in Verdict("failed", "d-9", "FAILED", 3.0).why


def test_a_failure_shows_the_end_of_both_logs_and_what_serves() -> None:
    """Nobody knows in which of them a pre-deploy command writes."""
    logs = {"build_log": (LogLine("", "built"),), "deploy_log": (LogLine("", "no such column"),)}
    why = Verdict("failed", "d-9", "FAILED", 3.0, serving="d-8", **logs).why

    assert "deployment d-8 still serves" in why
    assert "built\nno such column" in why


def test_a_verdict_that_is_no_success_stops_a_sequence() -> None:
    """With the exit code that says whether something changed."""
    Verdict("success", "d-9", "SUCCESS", 3.0).require_success()
    with pytest.raises(CheckFailedError):
        Verdict("failed", "d-9", "FAILED", 3.0).require_success()
    with pytest.raises(IncompleteError):
        Verdict("crashed", "d-9", "CRASHED", 3.0).require_success()
