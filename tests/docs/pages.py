"""A page of the documentation as a program reads it: its fenced blocks, and the commands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]

_FENCE = re.compile(r"```(\w*) *(\S*)")
_PROMPT = "$ "


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Args:
        language: the first word after the fence.
        file: the second word: the file that the block shows, or changes when the language is `diff`.
        lines: what stands between the fences.
        start: index of the first of them among the page's lines.
    """

    language: str
    file: str
    lines: list[str]
    start: int


@dataclass(frozen=True)
class Command:
    """A command of a `console` block and the output beneath it.

    Args:
        text: what is typed.
        shown: the output, without the blank lines that separate it from the next command.
        start: index of its first line among the page's lines.
    """

    text: str
    shown: list[str]
    start: int


def blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    lines = text.splitlines()
    fences = [index for index, line in enumerate(lines) if line.startswith("```")]
    assert len(fences) % 2 == 0, "a fence is not closed"
    for opening, closing in zip(fences[::2], fences[1::2], strict=True):
        info = _FENCE.fullmatch(lines[opening])
        assert info, f"line {opening + 1}: {lines[opening]} is no language and file"
        yield Block(info[1], info[2], lines[opening + 1 : closing], opening + 1)


def commands(block: Block) -> Iterator[Command]:
    """Yield the commands of a `console` block."""
    prompts = [index for index, line in enumerate(block.lines) if line.startswith(_PROMPT)]
    assert prompts[:1] == [0], f"line {block.start + 1}: a console block begins with a command"
    for prompt, following in zip(prompts, [*prompts[1:], len(block.lines)], strict=True):
        shown = block.lines[prompt + 1 : following]
        while shown and not shown[-1]:
            shown.pop()
        yield Command(block.lines[prompt].removeprefix(_PROMPT), shown, block.start + prompt + 1)


def first_cells(page: Path, heading: str) -> list[str]:
    """Return what stands in backquotes at the beginning of each table row beneath a heading of a page."""
    chapter = page.read_text(encoding="utf-8").partition(f"# {heading}\n")[2].partition("\n#")[0]
    return re.findall(r"^\| `([^`]+)`", chapter, re.MULTILINE)
