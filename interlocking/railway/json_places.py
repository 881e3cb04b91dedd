"""Where the members of a JSON text stand. Pure: the standard parser tells values, not places."""

from __future__ import annotations

import json
import re

Places = dict[tuple[str, ...], tuple[int, int]]

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


def member_places(text: str) -> Places:
    """Return the start and the end of every value that is reached by names alone; the whole text is `()`.

    Args:
        text: valid JSON. Of two members with one name the last counts, as for every parser.
    """
    places: Places = {}
    _value(text, _space(text, 0), (), places)
    return places


def _value(text: str, start: int, path: tuple[str, ...], places: Places) -> int:
    end = _object(text, start, path, places) if text[start] == "{" else _DECODER.raw_decode(text, start)[1]
    places[path] = (start, end)
    return end


def _object(text: str, start: int, path: tuple[str, ...], places: Places) -> int:
    at = _space(text, start + 1)
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        colon = _space(text, at)
        at = _value(text, _space(text, colon + 1), (*path, name), places)
        at = _space(text, at)
        if text[at] == ",":
            at = _space(text, at + 1)
    return at + 1


def _space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
