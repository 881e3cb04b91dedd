"""The only place that prints: result on stdout, story on stderr, nothing secret on either."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TextIO

from interlocking.console.report import Line, Report, Span, Style, diff_span, line, mark
from interlocking.environment import RunContext
from interlocking.errors import InterlockingError, RefusedError, StoppedError

if TYPE_CHECKING:
    from rich.console import Console as RichConsole

    from interlocking.plan import Event, Plan

SCHEMA = 1
_BAR = 20
_NARROWEST, _WIDEST = 60, 100
_SECONDS_BETWEEN_LINES = 5.0
_RICH_STYLES: dict[Style, str] = {
    "": "none",
    "bold": "bold",
    "dim": "dim",
    "good": "green",
    "bad": "bold red",
    "warn": "yellow",
    "accent": "cyan",
}


class Console:
    """Two streams, one voice.

    Args:
        context: which streams are terminals and whether colour is welcome.
        as_json: the result is one JSON object on stdout, errors included.
        redact: applied to everything that is printed.
    """

    def __init__(self, context: RunContext, *, as_json: bool, redact: Callable[[str], str]) -> None:
        self.context = context
        self.as_json = as_json
        self._mask = redact
        self._is_passing = False
        self._told_running = -_SECONDS_BETWEEN_LINES

    @property
    def width(self) -> int:
        """How many characters a line of a result may have: prose is read best in lines of at most 100."""
        return min(max(self.context.columns, _NARROWEST), _WIDEST)

    def result(self, report: Report) -> None:
        """Print a result: for a program on stdout as JSON, or for a person."""
        if self.as_json:
            self._print_json(report.data)
        else:
            self._write(sys.stdout, report.lines)
            if report.next:
                self._write(sys.stdout, [line(Span("next: ", "dim"), Span(report.next, "bold"))])

    def story(self, *lines: Line | str) -> None:
        """Tell what is going on, on stderr."""
        self._write(sys.stderr, [line(each) if isinstance(each, str) else each for each in lines])

    def progress(self, event: Event) -> None:
        """Tell one event of a long operation: the callback that operations are given."""
        position = f"[{event.position[0]}/{event.position[1]}] " if event.position else ""
        seconds = f"  {event.seconds:.2f} s" if event.seconds is not None else ""
        text = f"{position}{event.text}"
        if event.kind == "done":
            self.story(mark("ok", text, Span(seconds, "dim")))
        elif event.kind == "failed":
            self.story(mark("fail", text, Span(seconds, "dim")))
        elif event.kind == "note":
            self.story(mark("note", text))
        elif event.kind == "running":
            self._running(event)

    def passing(self, event: Event) -> None:
        """Tell where a long operation is, in one line that the next event replaces; nothing without a terminal.

        For operations whose result repeats every step.
        """
        if self.context.stderr_tty and not self.as_json:
            position = f"[{event.position[0]}/{event.position[1]}] " if event.position else ""
            _print(sys.stderr, f"\r\x1b[K{self._redact(position + event.text)}")
            self._is_passing = True

    def passed(self) -> None:
        """Clear the line of `passing`; whatever is printed next does so too."""
        if self._is_passing:
            self._is_passing = False
            _print(sys.stderr, "\r\x1b[K")

    def _running(self, event: Event) -> None:
        """Tell how far a step is: a bar on a terminal, a line now and then in a log."""
        bar = "" if event.share is None else f"[{'#' * round(event.share * _BAR):{_BAR}}] "
        if self.context.stderr_tty and not self.as_json:
            self.passing(replace(event, text=f"{bar}{event.text}"))
        elif time.monotonic() - self._told_running >= _SECONDS_BETWEEN_LINES:
            self._told_running = time.monotonic()
            self.story(mark("note", event.text))

    def plan(self, plan: Plan) -> Report:
        """Return what `--dry-run` prints for `plan`."""
        return Report(data={"plan": plan_data(plan), "dry_run": True}, lines=plan_lines(plan))

    def show_plan(self, plan: Plan) -> None:
        """Tell what is about to be done, without a question."""
        self.story(*plan_lines(plan))

    def reveal(self, secret: str) -> None:
        """Print a secret that was asked for by name, alone on stdout: the only text that is not masked."""
        _print(sys.stdout, f"{secret}\n")

    def confirm(self, plan: Plan, *, assume_yes: bool) -> None:
        """Show `plan` and ask whether to go on.

        Raises:
            RefusedError: the answer is not yes, or there is nobody to ask.
        """
        if assume_yes:
            return
        self.story(*plan_lines(plan))
        answer = self._ask("Go on? [y/N] ", plan, wanted="a yes", flag="--yes")
        if answer.lower() not in ("y", "yes"):
            raise _not_confirmed(plan)

    def confirm_named(self, plan: Plan, *, name: str, given: str) -> None:
        """Show `plan`, and have the name of what it changes typed: for what a reflex must not answer.

        Args:
            plan: what is about to happen.
            name: what has to be typed: an environment, a database.
            given: the value of `--confirm`; empty asks. `--yes` is never enough.

        Raises:
            RefusedError: another name was given or typed, or there is nobody to ask.
        """
        self.story(*plan_lines(plan))
        flag = f"--confirm {name}"
        if (given or self._ask(f"Type {name} to go on: ", plan, wanted=f"the name {name}", flag=flag)) != name:
            raise _not_confirmed(plan)

    def _ask(self, question: str, plan: Plan, *, wanted: str, flag: str) -> str:
        if not self.context.stdin_tty:
            raise RefusedError(
                f"{plan.title} needs {wanted}, and this is not a terminal",
                code="confirmation-required",
                why="nothing was changed",
                next=f"add {flag} to the same command",
            )
        _print(sys.stderr, question)
        try:
            return sys.stdin.readline().strip()
        except StoppedError as stopped:
            raise StoppedError(stopped.signal_number, why="nothing was changed") from None

    def error(self, error: InterlockingError) -> None:
        """Print an error: what happened, why it matters, what to type next."""
        if self.as_json:
            self._print_json({"error": error_data(error)})
        lines = [line(Span(f"error[{error.code}]: ", "bad"), Span(error.message, "bold"))]
        lines += [line(Span("  why:  ", "dim"), part) for part in error.why.splitlines()[:1]]
        lines += [line("        ", part) for part in error.why.splitlines()[1:]]
        lines += [line(Span("  next: ", "dim"), part) for part in error.next.splitlines()[:1]]
        lines += [line("        ", part) for part in error.next.splitlines()[1:]]
        self.story(*lines)
        if self.context.debug:
            self.story("".join(traceback.format_exception(error)).rstrip())

    def bug(self, error: Exception) -> None:
        """Print an exception that nobody foresaw, with its traceback: it is ours to mend."""
        if self.as_json:
            self._print_json({"error": {"code": "internal-error", "message": str(error), "why": "", "next": ""}})
        self.story("".join(traceback.format_exception(error)).rstrip())
        self.story(
            line(
                Span("error[internal-error]: ", "bad"),
                "this is a defect of interlocking; the lines above say where",
            )
        )

    def _redact(self, text: str) -> str:
        return self._mask(_without_controls(text))

    def _print_json(self, data: dict[str, Any]) -> None:
        _print(sys.stdout, self._redact(json.dumps({"schema": SCHEMA, **data}, indent=2, ensure_ascii=False)) + "\n")

    def _write(self, stream: TextIO, lines: Iterable[Line]) -> None:
        self.passed()
        tty = self.context.stdout_tty if stream is sys.stdout else self.context.stderr_tty
        _print(stream, self._styled(lines) if self.context.colour(tty=tty) else self._plain(lines))

    def _plain(self, lines: Iterable[Line]) -> str:
        return "".join(self._redact("".join(span.text for span in each).rstrip()) + "\n" for each in lines)

    def _styled(self, lines: Iterable[Line]) -> str:
        from rich.text import Text  # noqa: PLC0415 - plain output does not pay for it

        rich = _rich_console()
        with rich.capture() as captured:
            for each in lines:
                rich.print(Text.assemble(*((self._redact(span.text), _RICH_STYLES[span.style]) for span in each)))
        return captured.get()


def _print(stream: TextIO, text: str) -> None:
    """Print, and go on where nobody reads any more (`| head`): what was begun is still finished.

    From then on the stream swallows everything, also what Python flushes when it ends
    (https://docs.python.org/3/library/signal.html#note-on-sigpipe).
    """
    try:
        print(text, end="", file=stream, flush=True)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _without_controls(text: str) -> str:
    """Remove what would steer the terminal: names and messages are data of the project."""
    return "\n".join(part if part.isprintable() else _printable(part) for part in text.split("\n"))


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter == "\t" or not unicodedata.category(letter).startswith("C"))


def plan_lines(plan: Plan) -> list[Line]:
    """Return `plan` for a person: the target, then each step with what it runs and what undoes it."""
    lines = [line(Span(plan.title, "bold"), "   ", Span(plan.target, "accent"))]
    for number, step in enumerate(plan.steps, 1):
        lines.append(line(Span(f"  {number}  ", "dim"), step.title))
        lines += [line("       ", diff_span(part)) for part in step.detail.splitlines()]
        if step.undo:
            lines.append(line("       ", Span("undo: ", "dim"), step.undo))
    return lines


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return `plan` for a program."""
    steps = [{"title": step.title, "detail": step.detail, "undo": step.undo} for step in plan.steps]
    return {"title": plan.title, "target": plan.target, "steps": steps}


def error_data(error: InterlockingError) -> dict[str, str]:
    """Return `error` for a program."""
    return {"code": error.code, "message": error.message, "why": error.why, "next": error.next}


def _not_confirmed(plan: Plan) -> RefusedError:
    return RefusedError(f"{plan.title} was not confirmed", code="not-confirmed", why="nothing was changed")


def _rich_console() -> RichConsole:
    from rich.console import Console as RichConsole  # noqa: PLC0415 - plain output does not pay for it

    return RichConsole(force_terminal=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
