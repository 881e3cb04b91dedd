"""`invoke test`: the commands of the setting `test`, one after the other, with a summary."""

from __future__ import annotations

import shlex
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from interlocking.console.report import VERDICT_STYLES, Line, Span, Verdict, columns, line
from interlocking.environment import Project, child_environment
from interlocking.errors import CheckFailedError, StoppedError, UsageError
from interlocking.process import find, hand_over
from interlocking.tasks.edge import Suite
from interlocking.tasks.frontend import missing_node, prepare_frontend


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one command ended.

    Args:
        command: as it stands in the settings.
        verdict: `skip` when what it needs is not installed.
        seconds: how long it took.
        reason: why it was skipped.
    """

    command: str
    verdict: Verdict
    seconds: float = 0.0
    reason: str = ""


def run_all(suite: Suite) -> None:
    """Run every command of the setting `test`.

    Raises:
        UsageError: there is none.
        CheckFailedError: at least one failed.
        StoppedError: Ctrl-C ended one of them; the rest is not started.
    """
    project = suite.project
    if not project.settings.test:
        raise UsageError(
            "there is nothing to run: the setting `test` is empty",
            code="no-test-commands",
            next='list the commands in pyproject.toml: [tool.interlocking] test = ["pytest"]',
        )
    prepare_frontend(project, suite.console.progress)
    outcomes = [_run_one(suite, command) for command in project.settings.test]
    suite.console.story("", *_summary(outcomes))
    failed = [outcome.command for outcome in outcomes if outcome.verdict == "fail"]
    if failed:
        raise CheckFailedError(f"failed: {', '.join(failed)}", code="tests-failed", next=f"run it alone: {failed[0]}")


def _run_one(suite: Suite, command: str) -> Outcome:
    suite.console.story("", line(Span(f"== {command}", "bold")))
    argv = shlex.split(command)
    if argv[0] in ("npm", "npx", "node") and (reason := missing_node(suite.project)):
        suite.console.story(f"skipped: {reason}")
        return Outcome(command, "skip", reason=reason)
    began = time.monotonic()
    status = hand_over(_in_this_environment(argv), cwd=suite.project.root, env=_environment(suite.project))
    if status in (-signal.SIGINT, 128 + signal.SIGINT):
        raise StoppedError(signal.SIGINT, f"{argv[0]} was interrupted")
    return Outcome(command, "ok" if status == 0 else "fail", time.monotonic() - began)


def _in_this_environment(argv: list[str]) -> list[str]:
    """Prefer the program installed beside this Python, so that the task works without an activated `.venv`."""
    beside = Path(sys.executable).parent / argv[0]
    return [str(beside) if beside.exists() else find(argv[0]) or argv[0], *argv[1:]]


def _environment(project: Project) -> dict[str, str]:
    return child_environment({"PYTHONPATH": str(project.root)})


def _summary(outcomes: list[Outcome]) -> list[Line]:
    return columns(
        (Span(each.verdict, VERDICT_STYLES[each.verdict]), each.command, each.reason or f"{each.seconds:.1f} s")
        for each in outcomes
    )
