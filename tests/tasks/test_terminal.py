"""What happens on a real terminal: questions, colours, Ctrl-C inside psql."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pexpect
import pytest

from tests.tasks.projects import INVOKE, PASSWORD, TinyProject
from tests.waiting import DEADLINE_SECONDS

ESCAPE = "\x1b["


@contextmanager
def terminal(project: TinyProject, *words: str, **variables: str) -> Iterator[pexpect.spawn[str]]:
    """Run `invoke` on a pseudo-terminal."""
    environment = {"TERM": "xterm", **project.environment(**variables)}
    child = pexpect.spawn(
        INVOKE, list(words), cwd=str(project.root), env=environment, encoding="utf-8", timeout=DEADLINE_SECONDS
    )
    try:
        yield child
    finally:
        child.close(force=True)


def remote(project: TinyProject) -> str:
    """The same database, by an address that the suite cannot know for this machine's own."""
    return project.url.replace("127.0.0.1", "0.0.0.0")


def ended(child: pexpect.spawn[str]) -> int | None:
    """Read to the end; return the exit code."""
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


@pytest.mark.parametrize(
    ("answer", "code", "applied"), [("y", 0, ["three"]), ("Yes", 0, ["three"]), ("n", 3, []), ("", 3, [])]
)
def test_a_question_is_answered(plain: TinyProject, answer: str, code: int, applied: list[str]) -> None:
    """The plan stands above the question; only a yes goes on."""
    with terminal(plain, "db.upgrade", DATABASE_URL=remote(plain)) as child:
        child.expect("upgrade one")
        child.expect(re.escape("Go on? [y/N] "))
        child.sendline(answer)

        assert ended(child) == code
    assert plain.applied() == applied


def test_ctrl_c_and_the_end_of_input_at_the_question_change_nothing(plain: TinyProject) -> None:
    """130 for the one, 3 for the other; no traceback."""
    for key, code in (("\x03", 130), ("\x04", 3)):
        with terminal(plain, "db.upgrade", DATABASE_URL=remote(plain)) as child:
            child.expect(re.escape("Go on? [y/N] "))
            child.send(key)

            assert ended(child) == code
            assert "Traceback" not in (child.before or "")
            assert "nothing was changed" in (child.before or "")
    assert plain.applied() == []


def test_ctrl_c_inside_the_shell_belongs_to_psql(plain: TinyProject) -> None:
    """It cancels the query; the shell goes on, and the password was never asked for."""
    with terminal(plain, "db.shell", PAGER="cat") as child:
        child.sendline("SELECT pg_sleep(60);")
        plain.wait_for("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'")
        child.sendintr()
        child.expect("canceling statement due to user request")
        child.sendline("SELECT 'still ' || 'here';")
        child.expect("still here")
        child.sendline("\\q")

        assert ended(child) == 0


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False)],
    ids=str,
)
def test_colour_on_a_terminal(plain: TinyProject, variables: dict[str, str], coloured: bool) -> None:
    """It is welcome unless NO_COLOR or a dumb terminal says otherwise; the words are the same."""
    with terminal(plain, "db.status", **variables) as child:
        assert ended(child) == 0
        shown = child.before or ""

    assert (ESCAPE in shown) is coloured
    assert "3 pending" in shown
    assert PASSWORD not in shown


@pytest.mark.parametrize(("variables", "coloured"), [({}, False), ({"FORCE_COLOR": "1"}, True)], ids=str)
def test_colour_in_a_pipe(plain: TinyProject, variables: dict[str, str], coloured: bool) -> None:
    """Only when it is asked for; never in JSON."""
    both = plain.invoke("db.status", **variables).ok()
    data = plain.invoke("db.status", "--json", **variables).ok()

    assert (ESCAPE in both.out) is coloured
    assert ESCAPE not in data.out


def test_a_message_with_escape_sequences_does_not_reach_the_terminal(plain: TinyProject) -> None:
    """A revision's docstring is data: it cannot clear the screen or hide lines."""
    plain.revision("evil", "three", message="innocent \x1b[2J\x1b[1A text")

    listed = plain.invoke("db.history").ok()

    assert "\x1b" not in listed.text
    assert "innocent" in listed.out
