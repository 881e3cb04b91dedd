"""What a task has to say, before anyone decides how: `Report`, `Line`, and the few styles there are.

Pure. A view module turns one operation's result into a Report; `interlocking.console.terminal` prints it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from interlocking.errors import CheckFailedError, InterlockingError

Style = Literal["", "bold", "dim", "good", "bad", "warn", "accent"]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style."""

    text: str
    style: Style = ""


Line = tuple[Span, ...]
_VERDICT = 6
_LEAST = 30
Verdict = Literal["ok", "warn", "fail", "skip", "note"]
_DIFF_STYLES: dict[str, Style] = {"+": "good", "-": "bad", "@": "accent"}
VERDICT_STYLES: dict[Verdict, Style] = {"ok": "good", "warn": "warn", "fail": "bad", "skip": "dim", "note": "accent"}


@dataclass(frozen=True, slots=True)
class Report:
    """One result for both readers.

    Args:
        data: the JSON object; `schema` is added by the printer.
        lines: the text for a person.
        next: what to type next; empty when there is nothing to add.
        exit_code: 0, or the code of DESIGN's table that this result means.
    """

    data: dict[str, Any]
    lines: Sequence[Line] = ()
    next: str = ""
    exit_code: int = 0

    def require_success(self, command: str) -> None:
        """Stop a sequence of which this was one step.

        Args:
            command: what made the report, as typed.

        Raises:
            CheckFailedError: the report does not mean success.
        """
        if self.exit_code:
            raise CheckFailedError(f"{command} says no", code="step-failed", next=command)


def diff_span(text: str) -> Span:
    """Return a line of a unified diff in its colour."""
    return Span(text, _DIFF_STYLES.get(text[:1], "dim"))


def line(*parts: str | Span) -> Line:
    """Return a line made of plain texts and styled spans."""
    return tuple(Span(part) if isinstance(part, str) else part for part in parts)


def mark(word: Verdict, *parts: str | Span) -> Line:
    """Return a line that begins with a verdict; the word carries the meaning, the colour repeats it."""
    return line(Span(f"{word:<4}", VERDICT_STYLES[word]), "  ", *parts)


def sentences(error: InterlockingError) -> str:
    """Return what an error says, for a format that has one text: what happened, why it matters, what to type next."""
    return "\n".join(part for part in (error.message, error.why, error.next) if part)


def told(word: Verdict, text: str, width: int) -> list[Line]:
    """Return a text that begins with a verdict, in as many lines as it needs."""
    first, *rest = broken(text, width - _VERDICT) or [""]
    return [mark(word, first), *(line(" " * _VERDICT, part) for part in rest)]


def counted(number: int, noun: str) -> str:
    """Return `1 head`, `2 heads`: a number with its noun, whose plural ends in s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def broken(text: str, width: int) -> list[str]:
    """Return lines of at most `width` characters, broken at spaces; textwrap takes ten times as long.

    The spaces that a line begins with are kept, and so is a word that is longer than a line.

    Args:
        text: it may have lines of its own.
        width: characters; below 30 nobody could read it.
    """
    room = max(width, _LEAST)
    lines = []
    for paragraph in text.splitlines():
        margin = paragraph[: len(paragraph) - len(paragraph.lstrip())][: room // 2]
        taken = ""
        for word in paragraph.split():
            if taken and len(taken) + 1 + len(word) > room:
                lines.append(taken)
                taken = f"{margin}{word}"
            else:
                taken = f"{taken} {word}" if taken else f"{margin}{word}"
        if taken:
            lines.append(taken)
    return lines


def columns(rows: Iterable[Sequence[str | Span]], *, indent: int = 2, gap: int = 2) -> list[Line]:
    """Align `rows` in columns, never truncating; the last column is not padded.

    Args:
        rows: cells of one row each; rows may differ in length.
        indent: spaces before each row.
        gap: spaces between columns.
    """
    table = [[Span(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    count = max((len(row) for row in table), default=0)
    widths = [max((len(row[i].text) for row in table if i < len(row)), default=0) for i in range(count)]
    return [_aligned(row, widths, indent, gap) for row in table]


def _aligned(row: list[Span], widths: list[int], indent: int, gap: int) -> Line:
    cells: list[Span] = [Span(" " * indent)]
    for index, cell in enumerate(row):
        cells.append(cell)
        if index < len(row) - 1:
            cells.append(Span(" " * (widths[index] - len(cell.text) + gap)))
    return tuple(cells)
