"""The Invoke edge: flags in, exit code out.

`SuiteTask` is what every task is made of. It is a subclass, given with `klass=`, because wrapping a
task's body confuses Invoke (pyinvoke/invoke#536, #555).
"""
# ruff: noqa: PLC0415 - what only a running task needs is imported then, so that listing the tasks stays fast

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import Task, task

from interlocking.console.report import Report
from interlocking.tasks.suite import Recovers, Suite, run

__all__ = ["Suite", "SuiteTask", "suite_task"]

_SHORT_FLAGS = {"message": "m", "revision": "r"}
_COMMON_HELP = {
    "json": "One JSON object on stdout; the story goes to stderr.",
    "dry_run": "Show the plan; touch nothing.",
    "yes": "Do not ask.",
}


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
            recovers=_recovers(self.recovers, kwargs),
        )
        code = run(suite, lambda: self.body(suite, **kwargs))
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


def _recovers(declared: Recovers, given: Mapping[str, Any]) -> Recovers:
    """Only a run that changes something puts back first what a dead task left; one that shows something tells of it."""
    if declared == "no":
        return declared
    changes = given.get("fix", declared == "puts back") and not given.get("dry_run")
    return "puts back" if changes else "tells"


def _short(name: str) -> str:
    return f", -{_SHORT_FLAGS[name]}" if name in _SHORT_FLAGS else ""
