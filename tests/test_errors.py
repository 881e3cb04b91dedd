"""One family of errors, one table of exit codes, and errors that survive a process border."""

from __future__ import annotations

import pickle
import signal

import pytest

from interlocking.errors import (
    CheckFailedError,
    IncompleteError,
    InterlockingError,
    RefusedError,
    StoppedError,
    UnavailableError,
    UsageError,
    exit_code,
)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CheckFailedError("x", code="c"), 1),
        (UsageError("x", code="c"), 2),
        (RefusedError("x", code="c"), 3),
        (UnavailableError("x", code="c"), 4),
        (IncompleteError("x", code="c"), 5),
        (StoppedError(signal.SIGINT), 130),
        (StoppedError(signal.SIGTERM), 143),
        (KeyboardInterrupt(), 130),
        (ValueError("ours"), 1),
    ],
)
def test_each_kind_has_its_exit_code(error: BaseException, code: int) -> None:
    """The table of DESIGN.md."""
    assert code == exit_code(error)


@pytest.mark.parametrize(
    "error", [UsageError("m", code="c", why="w", next="n"), StoppedError(2, "m", why="w", next="n")]
)
def test_an_error_crosses_a_process_whole(error: InterlockingError) -> None:
    """Kind, code and all three parts arrive."""
    arrived = pickle.loads(pickle.dumps(error))

    assert (type(error), error.message, error.code, error.why, error.next) == (
        type(arrived),
        arrived.message,
        arrived.code,
        arrived.why,
        arrived.next,
    )
