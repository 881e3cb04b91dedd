"""Every command of README and docs is typed as a reader would, and prints what the page shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from difflib import unified_diff
from pathlib import Path

import pytest

from tests.docs.output import agrees, refreshed
from tests.docs.pages import PAGES, Command, blocks, commands
from tests.docs.places import Place, cloned_place, empty_place, on_railway

NOT_TYPED = {
    "pip install": "it needs the network: bin/venv installs the package in every continuous-integration run",
    "./bin/lock": "it needs the network, and its result is the two committed files: tests/docs/test_pins.py",
}
STARTS_FRESH = {"README.md"}
STARTS_EMPTY = {"other-projects.md", "guard.md"}
ON_RAILWAY = {"releases.md"}


def _commands(page: Path) -> list[Command]:
    text = page.read_text(encoding="utf-8")
    return [command for block in blocks(text) if block.language == "console" for command in commands(block)]


def _is_tried(page: Path) -> bool:
    return any(not command.text.startswith(tuple(NOT_TYPED)) for command in _commands(page))


@pytest.mark.timeout(1800)  # the README begins with onboarding, which ends with a whole release
@pytest.mark.parametrize("page", [page for page in PAGES if _is_tried(page)], ids=lambda page: page.stem)
def test_the_commands_of_a_page_print_what_it_shows(page: Path, rewrite: bool) -> None:
    """From a fresh clone (README), an onboarded one, or an empty folder, in reading order."""
    text = page.read_text(encoding="utf-8")
    with _place(page.name) as place:
        followed = list(_follow(text, place))
    if rewrite:
        page.write_text(_rewritten(text, followed), encoding="utf-8")
        return
    wrong = [_complaint(command, real) for command, real in followed if not agrees(command.shown, real)]
    assert not wrong, "\n\n".join([*wrong, "if that is right: pytest tests/docs --rewrite-docs"])


def test_the_list_of_what_is_not_typed_holds_nothing_else() -> None:
    """An entry that no page needs would hide a command that someone adds later."""
    typed = [command.text for page in PAGES for command in _commands(page)]
    assert [prefix for prefix in NOT_TYPED if not any(text.startswith(prefix) for text in typed)] == []


@contextmanager
def _place(page: str) -> Iterator[Place]:
    if page in STARTS_EMPTY:
        with empty_place("shop") as place:
            yield place
        return
    with cloned_place() as place:
        if page not in STARTS_FRESH:
            _onboard(place)
        with on_railway(place) if page in ON_RAILWAY else nullcontext():
            yield place


def _onboard(place: Place) -> None:
    """Bring a clone to where the README's first command leaves it, without the show."""
    said = place.run("cp .env.example .env && invoke db.upgrade db.seed")
    assert place.status == 0, "\n".join(said)


def _follow(text: str, place: Place) -> Iterator[tuple[Command, list[str]]]:
    """Do what a page says, and yield each command with what it printed."""
    for block in blocks(text):
        if block.language == "diff":
            place.change(block)
        elif block.language == "console":
            yield from _type(list(commands(block)), place)
        elif block.file:
            place.write(block)


def _type(typed: list[Command], place: Place) -> Iterator[tuple[Command, list[str]]]:
    for command, following in zip(typed, [*typed[1:], None], strict=True):
        if command.text.startswith(tuple(NOT_TYPED)):
            continue
        real = place.run(command.text)
        said = "\n".join(real)
        asked = following is not None and following.text == "echo $?"
        assert place.status == 0 or asked, f"{command.text} ended with {place.status}:\n{said}"
        yield command, real


def _rewritten(text: str, followed: list[tuple[Command, list[str]]]) -> str:
    lines = text.splitlines()
    for command, real in reversed(followed):
        lines[command.start : command.start + len(command.shown)] = refreshed(command.shown, real)
    return "\n".join([*lines, ""])


def _complaint(command: Command, real: list[str]) -> str:
    difference = unified_diff(command.shown, refreshed(command.shown, real), "shown", "real", lineterm="", n=1)
    return "\n".join([f"line {command.start}: $ {command.text}", *difference])
