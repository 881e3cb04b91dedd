"""One run of a task: the project, the console, the exit code. Nothing here needs Invoke."""
# ruff: noqa: PLC0415 - what only a running task needs is imported then, so that listing the tasks stays fast

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from interlocking.console.report import Report
from interlocking.errors import InterlockingError, StoppedError, exit_code

if TYPE_CHECKING:
    from interlocking.environment import Project
    from interlocking.redaction import Redactor

Recovers = Literal["puts back", "tells", "no"]


class Suite:
    """What a task's body works with: the project, the console, this run.

    Args:
        root: the folder of `tasks.py`.
        as_json: the result is wanted as JSON.
        task: what was typed.
        recovers: what becomes of what a dead task left: it is put back first, only told, or nobody looks.
    """

    def __init__(self, root: Path, *, as_json: bool, task: str = "", recovers: Recovers = "puts back") -> None:
        from interlocking.console.terminal import Console
        from interlocking.environment import run_context

        self.root = root
        self._task = task
        self._recovers = recovers
        self.console = Console(run_context(), as_json=as_json, redact=self.redact)

    @cached_property
    def project(self) -> Project:
        """The project's settings; read when first needed, so that their errors are shown like any other.

        What a dead task left behind is put back at that moment, before any work.
        """
        from interlocking.environment import load_project

        project = load_project(self.root)
        if self._recovers != "no":
            self._recover(project)
        return project

    def _recover(self, project: Project) -> None:
        from interlocking.change import is_pending
        from interlocking.rewriting import is_unfinished

        touch = self._recovers == "puts back"
        if is_pending(project.home):
            from interlocking.tasks.overriding import recover_first

            recover_first(self, project, self._task, touch=touch)
        if is_unfinished(project.home):
            from interlocking.tasks.fixing import put_back_first

            put_back_first(self, project, touch=touch)

    @cached_property
    def _redactor(self) -> Redactor:
        from interlocking.environment import secrets
        from interlocking.redaction import Redactor

        return Redactor(secrets(self.root))

    def learn(self, secrets: Iterable[str]) -> None:
        """Mask these values wherever they turn up from now on: what Railway tells is as secret as what `.env` holds."""
        self._redactor.learn(secrets)

    def redact(self, text: str) -> str:
        """Return `text` without the secrets that are known by now."""
        return self._redactor(text)


def run(suite: Suite, body: Callable[[], Report | None]) -> int:
    """Return the exit code of the body; after a first signal, others are held off until the process has ended."""
    from interlocking.signals import ignore_signals, signals_as_exceptions

    stopped = False
    with signals_as_exceptions():
        try:
            return _shown(suite, body())
        except InterlockingError as error:
            suite.console.error(error)
            code, stopped = exit_code(error), isinstance(error, StoppedError)
        except Exception as error:  # noqa: BLE001 - the last line of defence shows it as our defect
            suite.console.bug(error)
            code = 1
    if stopped:
        ignore_signals()
    return code


def _shown(suite: Suite, report: Report | None) -> int:
    """Print the report, where the body has one; return its exit code."""
    if report is None:
        return 0
    suite.console.result(report)
    return report.exit_code
