"""The printer: which stream, which colour, what a person and what a program reads."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from interlocking.console.report import Report, Span, line, mark
from interlocking.console.terminal import Console
from interlocking.environment import RunContext
from interlocking.errors import RefusedError, UsageError
from interlocking.plan import Event, Plan, Step
from interlocking.redaction import Redactor

PIPE = RunContext(
    ci=False, stdin_tty=False, stdout_tty=False, stderr_tty=False, no_color=False, force_color=False, debug=False
)
TERMINAL = replace(PIPE, stdin_tty=True, stdout_tty=True, stderr_tty=True)
REPORT = Report({"answer": 42}, [mark("ok", "the answer is ", Span("42", "bold"))], next="invoke db.status")
PLAN = Plan("upgrade", "postgresql://app:***@db/shop", (Step("upgrade one", "CREATE TABLE one", undo="go back"),))
Capture = pytest.CaptureFixture[str]


def console(context: RunContext = PIPE, *, as_json: bool = False) -> Console:
    return Console(context, as_json=as_json, redact=Redactor(["canary"]))


def test_a_result_goes_to_stdout_with_what_to_type_next(capsys: Capture) -> None:
    """Nothing of it is on stderr."""
    console().result(REPORT)

    assert ("ok    the answer is 42\nnext: invoke db.status\n", "") == capsys.readouterr()


def test_a_result_as_json_is_one_object(capsys: Capture) -> None:
    """With its schema; neither lines nor next."""
    console(as_json=True).result(REPORT)

    assert {"schema": 1, "answer": 42} == json.loads(capsys.readouterr().out)


def test_the_story_goes_to_stderr(capsys: Capture) -> None:
    """Progress and plans too: stdout belongs to the result."""
    teller = console(as_json=True)
    teller.progress(Event("done", "upgrade one", seconds=0.25, position=(1, 2)))
    teller.show_plan(PLAN)

    out, err = capsys.readouterr()
    assert "" == out
    assert "ok    [1/2] upgrade one  0.25 s\n" in err
    assert (
        "upgrade   postgresql://app:***@db/shop\n  1  upgrade one\n       CREATE TABLE one\n       undo: go back\n"
        in err
    )


def test_an_error_has_three_parts_however_many_lines(capsys: Capture) -> None:
    """What happened, why it matters, what to type; aligned."""
    console().error(UsageError("it broke", code="broken", why="first\nsecond", next="do this\nthen that"))

    assert capsys.readouterr().err == (
        "error[broken]: it broke\n  why:  first\n        second\n  next: do this\n        then that\n"
    )


def test_an_error_as_json_is_told_to_both(capsys: Capture) -> None:
    """One object for the program, the sentence for the person who reads its log."""
    console(as_json=True).error(UsageError("it broke", code="broken"))

    out, err = capsys.readouterr()
    assert {"code": "broken", "message": "it broke", "why": "", "next": ""} == json.loads(out)["error"]
    assert "error[broken]: it broke\n" == err


@pytest.mark.parametrize("as_json", [False, True])
def test_no_secret_is_printed(capsys: Capture, as_json: bool) -> None:
    """Neither in a result nor in a story, an error or a traceback of ours."""
    teller = console(as_json=as_json)
    teller.result(Report({"said": "canary"}, [line("canary")], next="canary"))
    teller.story("canary")
    teller.progress(Event("note", "canary"))
    teller.error(UsageError("canary", code="broken", why="canary", next="canary"))
    teller.bug(ValueError("canary"))

    out, err = capsys.readouterr()
    assert "canary" not in out + err
    assert "***" in out
    assert "***" in err


def test_only_reveal_shows_a_secret(capsys: Capture) -> None:
    """Alone on stdout, for a script."""
    console().reveal("canary")

    assert ("canary\n", "") == capsys.readouterr()


def test_text_of_the_project_cannot_steer_the_terminal(capsys: Capture) -> None:
    """Escape sequences and overwriting are taken out, in colour and without."""
    for context in (PIPE, TERMINAL):
        console(context).story("evil \x1b[2J \r \x9b1A \u202e text")

        assert "\x1b[2J" not in (said := capsys.readouterr().err)
        assert not {"\r", "\x9b", "\u202e"} & set(said)


def test_markup_of_the_project_is_text(capsys: Capture) -> None:
    """Square brackets and colons mean nothing to the styles."""
    console(TERMINAL).story("[red]x[/red] :smile: [/]")

    assert "[red]x[/red] :smile: [/]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("context", "coloured"),
    [
        (PIPE, False),
        (TERMINAL, True),
        (replace(TERMINAL, no_color=True), False),
        (replace(PIPE, force_color=True), True),
        (replace(PIPE, force_color=True, no_color=True), False),
    ],
)
def test_colour_repeats_what_the_words_say(capsys: Capture, context: RunContext, coloured: bool) -> None:
    """Without it nothing is lost."""
    console(context).result(REPORT)

    out = capsys.readouterr().out
    assert coloured is ("\x1b[" in out)
    assert "ok" in out
    assert "42" in out


def test_a_long_line_is_never_wrapped(capsys: Capture) -> None:
    """What is copied from the terminal must still be one word."""
    console(TERMINAL).story("x" * 500)

    assert "x" * 500 in capsys.readouterr().err


def test_the_passing_line_is_for_terminals_only(capsys: Capture) -> None:
    """A log must not fill with it."""
    for context in (PIPE, TERMINAL):
        teller = console(context)
        teller.passing(Event("started", "round trip of one", position=(1, 9)))
        teller.passed()

        assert ("[1/9] round trip of one" in capsys.readouterr().err) is context.stderr_tty


def test_a_running_step_is_a_bar_that_the_next_line_replaces(capsys: Capture) -> None:
    """On a terminal; its share may be unknown."""
    teller = console(TERMINAL)
    teller.progress(Event("running", "rows", position=(1, 2), share=0.5))
    teller.progress(Event("running", "waiting", position=(1, 2)))
    teller.progress(Event("note", "that was it"))

    err = capsys.readouterr().err
    assert err.startswith(f"\r\x1b[K[1/2] [{'#' * 10}{' ' * 10}] rows\r\x1b[K[1/2] waiting\r\x1b[K")
    assert err.endswith("that was it\n")


def test_a_running_step_does_not_fill_a_log(capsys: Capture) -> None:
    """One line, and the next after seconds."""
    teller = console(PIPE)
    for share in (0.1, 0.2, 0.3):
        teller.progress(Event("running", f"rows {share}", share=share))

    assert "note  rows 0.1\n" == capsys.readouterr().err


def test_nobody_to_ask_is_a_refusal_that_names_the_flag(capsys: Capture) -> None:
    """It never waits on a pipe; the plan is shown all the same."""
    with pytest.raises(RefusedError, match="not a terminal") as refused:
        console().confirm(PLAN, assume_yes=False)

    assert "--yes" in refused.value.next
    assert "upgrade one" in capsys.readouterr().err


def test_an_answer_given_beforehand_asks_nothing(capsys: Capture) -> None:
    """`--yes`, also without a terminal."""
    console().confirm(PLAN, assume_yes=True)

    assert ("", "") == capsys.readouterr()


def test_a_dry_run_is_the_same_plan_for_both_readers() -> None:
    """The steps with their undo."""
    report = console().plan(PLAN)

    assert report.data["dry_run"] is True
    assert [{"title": "upgrade one", "detail": "CREATE TABLE one", "undo": "go back"}] == report.data["plan"]["steps"]
    assert 0 == report.exit_code
