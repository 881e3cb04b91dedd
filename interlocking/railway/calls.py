"""Calling the `railway` executable: a quiet environment, closed stdin, streams apart, deadlines, and another try.

The door of this room: everything that `cli` asks passes through here. Standard error is never mixed into
standard output, because notices of every kind stand there (telemetry, updates, deprecations).
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from interlocking.durations import say_duration
from interlocking.environment import child_environment
from interlocking.errors import UnavailableError
from interlocking.plan import Event, Progress
from interlocking.process import Completed, find, run
from interlocking.railway.answers import json_failure
from interlocking.railway.failures import Failure, explain

PROGRAM = "railway"
_TRIES = 5
_LONGEST_PAUSE_S = 60.0
CALL_SECONDS = 180.0  # five requests of at most 90 s each hardly ever are all slow

_INSTALL = "npm install -g @railway/cli, or brew install railway; see https://docs.railway.com/cli"


class _FailedCallError(Exception):
    """A call that failed, on its way to the decision whether to try again."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.error.message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Caller:
    """How the executable is started.

    Args:
        root: the folder it runs in: the link of a project is looked up from there.
        changes: how its environment differs from ours; None removes a variable.
        progress: told of every pause before another try.
    """

    root: Path
    changes: dict[str, str | None]
    progress: Progress

    def ask(
        self,
        arguments: Sequence[str],
        *,
        asked: str,
        input: str | None = None,
        timeout: float = CALL_SECONDS,
        repeatable: bool = True,
    ) -> Completed:
        """Call the CLI until it succeeds, fails for good, or has failed too often.

        Args:
            arguments: what stands after `railway`; never a secret, which everybody could read there.
            asked: the command in words, for errors: `deployment list`.
            input: for its standard input, which is closed otherwise.
            timeout: seconds that one try may take.
            repeatable: whether asking twice does no more than asking once; if not, only a request that the
                platform certainly did not read is repeated.

        Raises:
            InterlockingError: it failed; code, why and next say what and what to do.
        """

        def attempt() -> Completed:
            completed = self.start(arguments, input=input, timeout=timeout)
            if completed.returncode:
                raise _FailedCallError(failure_of(completed, asked=asked))
            return completed

        retrying = Retrying(
            retry=retry_if_exception(lambda error: _is_worth_another_try(error, repeatable=repeatable)),
            stop=stop_after_attempt(_TRIES),
            wait=self._pause,
            before_sleep=self._tell,
            reraise=True,
        )
        try:
            return retrying(attempt)
        except _FailedCallError as error:
            raise error.failure.error from None

    def start(self, arguments: Sequence[str], *, input: str | None = None, timeout: float = CALL_SECONDS) -> Completed:
        """Call the CLI once, whatever its exit code.

        Raises:
            UnavailableError: it is not installed, or did not end in time.
        """
        return run(
            [executable(), *arguments], cwd=self.root, env=self.environment(), input=input, timeout=timeout, check=False
        )

    def environment(self) -> dict[str, str]:
        """Return the whole environment of the child; its `python3` is ours, which has the SDK of `.railway/`."""
        env = child_environment(self.changes)
        env["PATH"] = f"{Path(sys.executable).parent}:{env.get('PATH', '')}"
        return env

    def _pause(self, state: RetryCallState) -> float:
        failure = _failure(state)
        if failure is not None and failure.pause:
            return min(failure.pause, _LONGEST_PAUSE_S) + secrets.randbelow(1000) / 1000  # nobody comes back together
        return wait_random_exponential(max=_LONGEST_PAUSE_S)(state)

    def _tell(self, state: RetryCallState) -> None:
        failure = _failure(state)
        if failure is not None:
            pause = state.next_action.sleep if state.next_action else 0.0
            self.progress(Event("note", f"{failure.error.message}; trying again in {say_duration(pause)}"))


def executable() -> str:
    """Return the path of the CLI.

    Raises:
        UnavailableError: it is not installed.
    """
    path = find(PROGRAM)
    if path is None:
        raise UnavailableError(
            "the Railway CLI is not installed",
            code="railway-missing",
            why=f"there is no {PROGRAM!r} on PATH",
            next=_INSTALL,
        )
    return path


def failure_of(completed: Completed, *, asked: str) -> Failure:
    """Say what a call's exit code other than 0 means; `up` and `postgres` tell it as JSON on stdout."""
    _code, told = json_failure(completed.stdout)
    return explain(told or completed.stderr, asked=asked, status=completed.returncode)


def _is_worth_another_try(error: BaseException, *, repeatable: bool) -> bool:
    if not isinstance(error, _FailedCallError):
        return False
    return error.failure.transient if repeatable else error.failure.refused_unread


def _failure(state: RetryCallState) -> Failure | None:
    error = state.outcome.exception() if state.outcome else None
    return error.failure if isinstance(error, _FailedCallError) else None
