"""The door to the pages about hazards: they come along with the package, so that every project can read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

import interlocking
from interlocking.errors import UsageError
from interlocking.review.model import Hazard

_PACKAGE = Path(interlocking.__file__).parent
_FOLDERS = (_PACKAGE / "docs", _PACKAGE.parent / "docs")  # installed, and in a clone
_SQUAWK = "squawk-"
_LINK = re.compile(r"\[([^]]+)\]\((?!https?:)[^)]*\)")  # to other files, which are not where this is read


def page_of(docs: str) -> str:
    """Return a page as Markdown; empty when there is none.

    Args:
        docs: its path in the docs folder.
    """
    found = next((folder / docs for folder in _FOLDERS if docs and (folder / docs).is_file()), None)
    return _LINK.sub(r"\1", found.read_text(encoding="utf-8")) if found else ""


def explain(id_: str, hazards: Mapping[str, Hazard]) -> str:
    """Return the page about a hazard, as Markdown.

    Args:
        id_: the hazard, or a rule of squawk as a finding names it.
        hazards: every hazard by id.

    Raises:
        UsageError: there is no such hazard.
    """
    if id_ in hazards:
        return page_of(hazards[id_].docs)
    if id_.startswith(_SQUAWK):
        return f"# {id_}\n\nA rule of squawk: <https://squawkhq.com/docs/{id_.removeprefix(_SQUAWK)}>\n"
    close = get_close_matches(id_, hazards, n=3)
    raise UsageError(
        f"there is no hazard {id_!r}",
        code="unknown-hazard",
        why="a finding names its hazard, such as index-not-concurrent",
        next=f"did you mean {' or '.join(close)}?" if close else "docs/hazards.md lists them",
    )
