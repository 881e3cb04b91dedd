"""How a review looks on GitHub: annotations at the lines, and Markdown for a comment on the pull request.

Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from itertools import accumulate

from interlocking.console.finding import advice, grouped, is_loud, lock_words, unread_words
from interlocking.console.lint import review_data, summary
from interlocking.console.report import Line, Report, line, sentences
from interlocking.errors import InterlockingError
from interlocking.review.finding import SEVERITIES, Finding
from interlocking.review.reading.spans import span_of
from interlocking.review.result import Review, worst_first

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_SIGNS = {"error": "🛑", "warning": "⚠️", "info": "ℹ️"}  # noqa: RUF001 - the sign is meant
_MOST_OPEN = 3
_MOST_SHOWN = 40
_MOST_CODE = 1000
_ROOM = 40_000
_MOST_SAID = 500
MARKER = "<!-- interlocking-review -->"


def annotation_lines(review: Review, sources: Mapping[str, str]) -> list[Line]:
    """Return one workflow command a finding, which GitHub shows at the lines of the file.

    Args:
        review: what was found.
        sources: the text of each file that something is said about.
    """
    said = [("error", each.file, each.line, "unreadable", unread_words(each)) for each in review.unread]
    said += [
        (_COMMANDS[each.severity], each.file, each.line, each.id, _annotated(each))
        for each in worst_first(review.active)
    ]
    return [
        line(_command(command, f"file={_property(file)},{_lines(sources, file, at)},title={_property(title)}", text))
        for command, file, at, title, text in said
    ]


def failed_lines(error: InterlockingError) -> list[Line]:
    """Return the annotation that says why there was no review."""
    return [line(_command("error", f"title={_property(error.code)}", sentences(error)))]


def github_report(review: Review) -> Report:
    """Return the Markdown of a comment, worst first; exit 1 when there are errors."""
    return Report(
        review_data(review), [line(text) for text in markdown(review).splitlines()], exit_code=not review.passes
    )


def failed_report(error: InterlockingError) -> Report:
    """Return a comment that says why there was no review: an older one must not stay as if it were of now."""
    parts = [
        MARKER,
        "### Migration review: not possible",
        "",
        f"{_SIGNS['error']} **{error.code}**: {_text(error.message)}",
    ]
    parts += ["", *(f"* {_text(part)}" for part in (error.why, error.next) if part)]
    return Report({}, [line(text) for text in parts])


def markdown(review: Review) -> str:
    """Return a review as Markdown; it begins with a mark by which a workflow finds its comment again.

    A comment has room for 65,536 characters: texts are cut, and of many findings the worst are shown.
    """
    verdict = "passes" if review.passes else "does not pass"
    parts = [MARKER, f"### Migration review: {verdict}", "", summary(review), ""]
    for unread in review.unread[:_MOST_SHOWN]:
        place = _code_place(unread.file, unread.line)
        parts += [f"{_SIGNS['error']} **unreadable** {place}: {_text(unread_words(unread))}", ""]
    parts += _statements([each for each in review.active if is_loud(each)])
    parts += _listed("for information", [_note(each) for each in review.active if not is_loud(each)])
    parts += _listed("allowed in the files", [_allowed(each) for each in review.findings if each.suppressed])
    parts += [f"> {_text(note)}" for note in review.notes]
    return "\n".join(parts).rstrip() + "\n"


def _command(command: str, properties: str, message: str) -> str:
    return f"::{command} {properties}::{_data(message)}"


def _lines(sources: Mapping[str, str], file: str, at: int) -> str:
    span = span_of(sources.get(file, ""), at)
    return f"line={span.line},endLine={span.last_line}"


def _annotated(finding: Finding) -> str:
    parts = [finding.message]
    parts += [f"lock: {lock_words(finding.lock)}"] if finding.lock else []
    parts += [f"instead:\n{finding.replacement[:_MOST_CODE]}"] if finding.replacement else []
    return "\n".join(parts)


def _statements(findings: list[Finding]) -> Iterator[str]:
    """Yield statement by statement, the worst first; many are folded."""
    groups = sorted(grouped(findings), key=lambda group: SEVERITIES.index(group[0].severity))
    blocks = ["\n".join(_folded(group, is_open=len(groups) <= _MOST_OPEN)) for group in groups]
    shown = sum(end <= _ROOM for end in accumulate(map(len, blocks)))
    yield from blocks[:shown]
    if shown < len(blocks):
        yield f"... and {len(blocks) - shown} more, in the log of the check."
        yield ""


def _folded(group: list[Finding], *, is_open: bool) -> Iterator[str]:
    yield f"<details{' open' if is_open else ''}><summary>{_title(group[0])}</summary>"
    yield ""
    yield from _fenced("sql", group[0].sql) if group[0].sql else ()
    for number, finding in enumerate(group):
        yield from _detailed(finding, titled=number > 0)
    yield "</details>"
    yield ""


def _title(finding: Finding) -> str:
    """Return the line that stands there when the rest is folded; it is HTML."""
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    down = " (downgrade)" if finding.direction == "downgrade" else ""
    head = f"{_SIGNS[finding.severity]} <b>{finding.id}</b> <code>{escape(place)}</code>{down}"
    return f"{head}<br>{escape(_short(finding.message))}"


def _detailed(finding: Finding, *, titled: bool) -> Iterator[str]:
    if titled:
        yield f"{_SIGNS[finding.severity]} **{finding.id}**: {_text(finding.message)}"
        yield ""
    if finding.lock:
        yield f"* lock: {_text(lock_words(finding.lock))}"
    if finding.why:
        yield f"* why: {_text(finding.why)}"
    if sentence := advice(finding.replacement):
        yield f"* instead: {_text(sentence)}"
    elif finding.replacement:
        yield "* instead:"
        yield ""
        yield from _fenced("python", finding.replacement)
    yield ""


def _listed(title: str, items: list[str]) -> Iterator[str]:
    if not items:
        return
    yield f"<details><summary>{len(items)} {title}</summary>"
    yield ""
    yield from items[:_MOST_SHOWN]
    yield from ([f"* ... and {len(items) - _MOST_SHOWN} more"] if len(items) > _MOST_SHOWN else [])
    yield ""
    yield "</details>"
    yield ""


def _note(finding: Finding) -> str:
    down = " (downgrade)" if finding.direction == "downgrade" else ""
    return f"* **{finding.id}** {_code_place(finding.file, finding.line)}: {_text(finding.message)}{down}"


def _allowed(finding: Finding) -> str:
    return f"* **{finding.id}** {_code_place(finding.file, finding.line)}: {_text(finding.reason)}"


def _code_place(file: str, at: int) -> str:
    return f"`{file}:{at}`" if at else f"`{file}`"


def _fenced(language: str, code: str) -> Iterator[str]:
    fence = "```"
    while fence in code[:_MOST_CODE]:
        fence += "`"
    yield f"{fence}{language}"
    yield from code[:_MOST_CODE].splitlines()
    yield from ["..."] if len(code) > _MOST_CODE else []
    yield fence


def _short(text: str) -> str:
    return text if len(text) <= _MOST_SAID else f"{text[:_MOST_SAID]}..."


def _text(text: str) -> str:
    """Return a text that Markdown shows as it is: names hold underscores, and nothing of a file may become HTML."""
    escaped = "".join(f"\\{letter}" if letter in "\\`*_[]<>#|~" else letter for letter in _short(text))
    return " ".join(escaped.split())


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
