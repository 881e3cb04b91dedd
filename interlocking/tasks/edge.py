"""The Invoke edge: flags in, exit code out.

`SuiteTask` is what every task is made of. It is a subclass, given with `klass=`, because wrapping a
task's body confuses Invoke (pyinvoke/invoke#536, #555).
"""
# ruff: noqa: PLC0415 - what only a running task needs is imported then, so that listing the tasks stays fast

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import Task, task

from interlocking.console.report import Report
from interlocking.errors import InterlockingError, exit_code

if TYPE_CHECKING:
    from interlocking.environment import Project
    from interlocking.redaction import Redactor

Recovers = Literal["puts back", "tells", "no"]

_SHORT_FLAGS = {"message": "m", "revision": "r"}
_COMMON_HELP = {
    "json": "One JSON object on stdout; the story goes to stderr.",
    "dry_run": "Show the plan; touch nothing.",
    "yes": "Do not ask.",
}


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
        from interlocking.change import is_pending
        from interlocking.environment import load_project

        project = load_project(self.root)
        if self._recovers != "no" and is_pending(project.home):
            from interlocking.tasks.overriding import recover_first

            recover_first(self, project, self._task, touch=self._recovers == "puts back")
        return project

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


class SuiteTask(Task[Any]):
    """A task whose body is given a `Suite` and may return a `Report`.

    It never runs when `-h` or `--help` stands anywhere on the command line, has no short flags but
    `-m` and `-r`, turns errors into exit codes, and signals into an orderly end. Every task has `--json`,
    except those that hand the terminal to other programs: `interactive=True`. With `recovers="no"` nobody
    looks for what a dead task left behind.
    """

    def __init__(
        self,
        body: Callable[..., Report | None],
        *,
        interactive: bool = False,
        recovers: Recovers = "puts back",
        **options: Any,  # noqa: ANN401 - Invoke's own options
    ) -> None:
        self.interactive = interactive
        self.recovers = recovers
        names = self.argspec(body).parameters
        common = {name: text for name, text in _COMMON_HELP.items() if name in names}
        own: dict[str, str] = options.pop("help", None) or {}
        self.flag_help: dict[str, str] = {**own, **common, **own}  # its own words win; the common ones stand last
        super().__init__(body, **options, auto_shortflags=False, help=self.flag_help)

    def argspec(self, body: Callable[..., Any]) -> inspect.Signature:
        """Return the flags of the body, and `--json`."""
        signature = super().argspec(body)
        if self.interactive:
            return signature
        as_json = inspect.Parameter("json", inspect.Parameter.KEYWORD_ONLY, default=False)
        return signature.replace(parameters=[*signature.parameters.values(), as_json])

    def arg_opts(self, name: str, default: str, taken_names: set[str]) -> dict[str, Any]:
        """Give only `message` and `revision` a short flag, and each flag its help, which Invoke gives only once."""
        options = super().arg_opts(name, default, taken_names)
        if name in _SHORT_FLAGS:
            options["names"].append(_SHORT_FLAGS[name])
        options["help"] = self.flag_help.get(name)
        return options

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - Invoke's signature
        """Run the body, unless help was asked for."""
        from interlocking.environment import asks_for_help

        context: Context = args[0]
        if asks_for_help():
            raise Exit(self._usage(), code=0)
        if context.config.run.dry and "dry_run" in self.flag_help:
            kwargs["dry_run"] = True
        suite = Suite(
            Path(context.config.interlocking.root),
            as_json=bool(kwargs.pop("json", False)),
            task=str(self.name),
            recovers="tells" if self.recovers == "puts back" and kwargs.get("dry_run") else self.recovers,
        )
        code = _run(suite, lambda: self.body(suite, **kwargs))
        if code:
            raise Exit(code=code)

    def _usage(self) -> str:
        flags = [f"  --{name.replace('_', '-')}{_short(name)}   {text}" for name, text in self.flag_help.items()]
        return "\n".join(
            [f"{self.name}: not run, because help was asked for", "", inspect.getdoc(self) or "", "", *flags]
        )


def suite_task(**options: Any) -> Callable[[Callable[..., Report | None]], SuiteTask]:  # noqa: ANN401 - Invoke's own options
    """Return the decorator that makes a function a task of the suite."""
    decorator: Callable[[Callable[..., Report | None]], SuiteTask] = task(klass=SuiteTask, **options)
    return decorator


def _run(suite: Suite, body: Callable[[], Report | None]) -> int:
    """Return the exit code of the body; signals are held off until the last line about it is printed."""
    from interlocking.process import signals_as_exceptions

    with signals_as_exceptions():
        try:
            return _shown(suite, body())
        except InterlockingError as error:
            suite.console.error(error)
            return exit_code(error)
        except Exception as error:  # noqa: BLE001 - the last line of defence shows it as our defect
            suite.console.bug(error)
            return 1


def _shown(suite: Suite, report: Report | None) -> int:
    """Print the report, where the body has one; return its exit code."""
    if report is None:
        return 0
    suite.console.result(report)
    return report.exit_code


def _short(name: str) -> str:
    return f", -{_SHORT_FLAGS[name]}" if name in _SHORT_FLAGS else ""
