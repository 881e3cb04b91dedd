"""How a review looks on GitHub: annotations at the lines, and Markdown for a comment on the pull request.

Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.console.finding import lock_words
from interlocking.console.lint import review_data, summary
from interlocking.console.report import Line, Report, line
from interlocking.review.model import Finding
from interlocking.review.result import Review, Unread, worst_first

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_SIGNS = {"error": "🛑", "warning": "⚠️", "info": "ℹ️"}  # noqa: RUF001 - the sign is meant
_MOST_DETAILED = 20
MARKER = "<!-- interlocking-review -->"


def annotation_lines(review: Review) -> list[Line]:
    """Return one workflow command a finding, which GitHub shows at the line of the file."""
    lines = [line(_command("error", each.file, each.line, "unreadable", each.message)) for each in review.unread]
    return lines + [
        line(_command(_COMMANDS[each.severity], each.file, each.line, each.id, _annotated(each)))
        for each in worst_first(review.active)
    ]


def github_report(review: Review) -> Report:
    """Return the Markdown of a comment, worst first; exit 1 when there are errors."""
    return Report(
        review_data(review), [line(text) for text in markdown(review).splitlines()], exit_code=not review.passes
    )


def markdown(review: Review) -> str:
    """Return a review as Markdown; it begins with a mark by which a workflow finds its comment again."""
    verdict = "passes" if review.passes else "does not pass"
    parts = [MARKER, f"### Migration review: {verdict}", "", summary(review), ""]
    parts += [text for each in review.unread for text in _unread(each)]
    shown = worst_first(review.active)
    parts += [text for finding in shown[:_MOST_DETAILED] for text in _detailed(finding)]
    if len(shown) > _MOST_DETAILED:
        parts += [f"... and {len(shown) - _MOST_DETAILED} more, in the log of the check.", ""]
    allowed = [finding for finding in review.findings if finding.suppressed]
    parts += ["#### Allowed in the files", "", *map(_allowed, allowed), ""] if allowed else []
    parts += [f"> {_text(note)}" for note in review.notes]
    return "\n".join(parts).rstrip() + "\n"


def _command(command: str, file: str, at: int, title: str, message: str) -> str:
    return f"::{command} file={_property(file)},line={max(at, 1)},title={_property(title)}::{_data(message)}"


def _annotated(finding: Finding) -> str:
    parts = [finding.message]
    parts += [f"lock: {lock_words(finding.lock)}"] if finding.lock else []
    parts += [f"instead:\n{finding.replacement}"] if finding.replacement else []
    return "\n".join(parts)


def _unread(unread: Unread) -> Iterator[str]:
    which = unread.direction or "the file"
    yield f"{_SIGNS['error']} **unreadable** `{unread.file}:{unread.line}` {which}: {_text(unread.message)}"
    yield ""


def _detailed(finding: Finding) -> Iterator[str]:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    down = " (downgrade)" if finding.direction == "downgrade" else ""
    yield f"{_SIGNS[finding.severity]} **{finding.id}** `{place}`{down}  "
    yield f"{_text(finding.message)}"
    yield ""
    if finding.sql:
        yield from _fenced("sql", finding.sql[:1000])
    if finding.lock:
        yield f"* lock: {_text(lock_words(finding.lock))}"
    if finding.why:
        yield f"* why: {_text(finding.why)}"
    if finding.replacement:
        yield "* instead:"
        yield ""
        yield from _fenced("python", finding.replacement)
    yield ""


def _fenced(language: str, code: str) -> Iterator[str]:
    fence = "```"
    while fence in code:
        fence += "`"
    yield f"{fence}{language}"
    yield from code.splitlines()
    yield fence


def _allowed(finding: Finding) -> str:
    return f"* {finding.id} `{finding.file}:{finding.line}`: {_text(finding.reason)}"


def _text(text: str) -> str:
    """Return a text that Markdown shows as it is: names hold underscores, and nothing of a file may become HTML."""
    escaped = "".join(f"\\{letter}" if letter in "\\`*_[]<>#|~" else letter for letter in text)
    return " ".join(escaped.split())


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
