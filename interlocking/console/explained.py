"""How a page about a hazard looks."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.console.report import Line, Report, Span, line

_FENCE = "```"


def explained_report(id_: str, page: str) -> Report:
    """Return a page as it is written, its titles and its code set off.

    Args:
        id_: the hazard.
        page: Markdown.
    """
    return Report({"id": id_, "page": page}, list(_lines(page)))


def _lines(page: str) -> Iterator[Line]:
    in_code = False
    for text in page.splitlines():
        if text.startswith(_FENCE):
            in_code = not in_code
        elif in_code:
            yield line("    ", Span(text, "good"))
        else:
            yield line(Span(text.lstrip("# "), "bold") if text.startswith("#") else text)
