"""Set one value in the bytes of `railway.toml` or `railway.json`; every other byte stays. Pure.

The value's place is found by letting tomlkit write another value there: what differs between the two
texts is the place. The new text is believed only after a second parser has read it and found nothing
but that value changed; a shape for which that fails is refused, never guessed.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import tomlkit
from tomlkit.exceptions import TOMLKitError

from interlocking.errors import UsageError
from interlocking.railway.json_places import member_places

Format = Literal["toml", "json"]
Path = tuple[str, ...]
Place = tuple[int, int]
Value = str | list[str]

_BOM = b"\xef\xbb\xbf"
_PLACEHOLDER = "interlocking-9d41c7"
_OPENINGS = ('"""\r\n', '"""\n', "'''\r\n", "'''\n", '"""', "'''", '"', "'")


def read_document(data: bytes, format: Format = "toml") -> dict[str, Any]:
    """Return what the bytes of a configuration file say.

    Args:
        data: the file; a byte order mark is skipped, as Railway's own reader does.
        format: how it is written.

    Raises:
        UsageError: code `railway-config-rejected`: they cannot be parsed.
    """
    try:
        return _parse(_text(data), format)
    except ValueError as error:
        raise UsageError(
            f"railway.{format} cannot be read: {error}",
            code="railway-config-rejected",
            why="Railway would refuse the whole file, before any log",
            next="correct the file",
        ) from error


def value_at(document: Mapping[str, Any], path: Path) -> object:
    """Return the value at `path`; None when there is none."""
    found: object = document
    for name in path:
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return found


def with_value(data: bytes, path: Path, value: Value, format: Format = "toml") -> bytes:
    """Return the bytes with `value` at `path`.

    The quotes of a text are kept; a missing key is written behind the keys of its table; a missing table
    at the end.

    Args:
        data: the file, UTF-8, with any line endings.
        path: names of the tables and of the key.
        value: a text, or a list of texts.
        format: how the file is written.

    Raises:
        UsageError: code `railway-config-rejected` when the bytes cannot be parsed; `config-not-rewritable` when
            no way was found that leaves everything else alone.
    """
    before = read_document(data, format)
    if value_at(before, path) == value:
        return data
    text = _text(data)
    wanted = _canonical(_with(before, path, value))
    candidates = _toml_candidates if format == "toml" else _json_candidates
    for candidate in candidates(text, path, value, value_at(before, path)):
        if _reads_as(candidate, format, wanted):
            return _BOM * data.startswith(_BOM) + candidate.encode()
    raise UsageError(
        f"{'.'.join(path)} cannot be set without touching the rest of railway.{format}",
        code="config-not-rewritable",
        why="the file is written in a way that no tool can edit byte for byte; it was left alone",
        next=f"write {path[-1]} = {json.dumps(value)} into it by hand, or use --via-service",
    )


def _text(data: bytes) -> str:
    return data.removeprefix(_BOM).decode()


def _parse(text: str, format: Format) -> dict[str, Any]:
    document = tomllib.loads(text) if format == "toml" else json.loads(text)
    if not isinstance(document, dict):
        raise ValueError("it holds no object")  # noqa: TRY004 - a malformed file, as the parsers say it
    return document


def _reads_as(text: str, format: Format, wanted: str) -> bool:
    try:
        return _canonical(_parse(text, format)) == wanted
    except ValueError:
        return False


def _canonical(document: Mapping[str, Any]) -> str:
    """Return a document as text to compare, in which not even nan differs from itself."""
    return json.dumps(document, sort_keys=True, default=repr)


def _with(document: Mapping[str, Any], path: Path, value: Value) -> dict[str, Any]:
    name, *rest = path
    inner = document.get(name)
    return {**document, name: _with(inner if isinstance(inner, Mapping) else {}, tuple(rest), value) if rest else value}


def _toml_candidates(text: str, path: Path, value: Value, present: object) -> Iterator[str]:
    if present is None:
        yield from _new_toml_keys(text, path, tomlkit.item(value).as_string())
        return
    if isinstance(value, list) and isinstance(present, list) and len(value) == len(present) == 1:
        yield from _replaced(text, _toml_place(text, path, _set_element), value[0], present[0])
    yield from _replaced(text, _toml_place(text, path, _set_key), value, present)


def _replaced(text: str, place: Place | None, value: Value, present: object) -> Iterator[str]:
    """Yield texts with another value at a place: in the style of the old one, in tomlkit's."""
    if place is None:
        return
    start, end = place
    for literal in (*_in_style(text[start:end], value, present), tomlkit.item(value).as_string()):
        yield f"{text[:start]}{literal}{text[end:]}"


def _set_key(table: Any, key: str) -> None:  # noqa: ANN401 - tomlkit has many kinds of tables
    table[key] = _PLACEHOLDER


def _set_element(table: Any, key: str) -> None:  # noqa: ANN401 - same
    table[key][0] = _PLACEHOLDER


def _toml_place(text: str, path: Path, change: Callable[[Any, str], None]) -> Place | None:
    """Return where the value at `path`, or its one element, stands in the text."""
    written = _rewritten(text, path, change)
    before, found, after = (written or "").partition(f'"{_PLACEHOLDER}"')
    if not found or not text.startswith(before) or not text.endswith(after):
        return None
    return len(before), len(text) - len(after)


def _rewritten(text: str, path: Path, change: Callable[[Any, str], None]) -> str | None:
    """Return the text as tomlkit writes it after a change of one table; None where it cannot."""
    try:
        document = tomlkit.parse(text)
        table: Any = document
        for name in path[:-1]:
            table = table[name]
        change(table, path[-1])
        return tomlkit.dumps(document)
    except (TOMLKitError, KeyError, TypeError, AttributeError):
        return None


def _in_style(literal: str, value: Value, present: object) -> Iterator[str]:
    """Write the new text with the old one's quotes and spelling, where the old one is a part of the new."""
    if not isinstance(value, str) or not isinstance(present, str) or present not in value:
        return
    before, after = value.split(present, 1) if present else (value, "")
    opening = next((each for each in _OPENINGS if literal.startswith(each)), "")
    closing = opening.strip()
    body = literal.removeprefix(opening).removesuffix(closing)
    escape = _escaped if closing.startswith('"') else str
    yield f"{opening}{escape(before)}{body}{escape(after)}{closing}"


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _new_toml_keys(text: str, path: Path, literal: str) -> Iterator[str]:
    """Yield texts with one more key: behind its table's last one, wherever tomlkit puts it, in a table at the end."""
    newline = "\r\n" if "\r\n" in text else "\n"
    names = [tomlkit.key(name).as_string() for name in path]
    for end in _ends_of_last_keys(text, path[:-1]):
        yield f"{text[:end]}, {names[-1]} = {literal}{text[end:]}"
        line = text.find("\n", end)
        head = text if line < 0 else text[: line + 1].removesuffix("\n").removesuffix("\r")
        rest = text[len(head) :]
        indent = _indent(text, end)
        for dots in range(1, len(path) + 1):
            yield f"{head}{newline}{indent}{'.'.join(names[-dots:])} = {literal}{rest}"
    written = _rewritten(text, path, _set_key)
    if written and _is_insertion(text, written):
        yield written.replace(f'"{_PLACEHOLDER}"', literal)
    gap = "" if not text or text.endswith("\n") else newline
    blank = newline if text else ""
    yield f"{text}{gap}{blank}[{'.'.join(names[:-1])}]{newline}{names[-1]} = {literal}{newline}"


def _is_insertion(text: str, longer: str) -> bool:
    """Whether the longer text is the other one with something put in at one place."""
    pairs = enumerate(zip(text, longer, strict=False))
    common = next((at for at, (one, other) in pairs if one != other), len(text))
    return longer.endswith(text[common:]) and len(longer) >= len(text)


def _ends_of_last_keys(text: str, table: Path) -> Iterator[int]:
    """Yield where the values of a table end, the last one first; only of those that are no tables themselves."""
    values = value_at(_parse(text, "toml"), table)
    names = [name for name, each in values.items() if not isinstance(each, dict)] if isinstance(values, dict) else []
    places = (_toml_place(text, (*table, name), _set_key) for name in names)
    yield from sorted((place[1] for place in places if place), reverse=True)


def _indent(text: str, at: int) -> str:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _json_candidates(text: str, path: Path, value: Value, present: object) -> Iterator[str]:
    literal = json.dumps(value, ensure_ascii=False)
    places = member_places(text)
    if path not in places:
        depth = max(depth for depth in range(len(path)) if path[:depth] in places)
        yield _with_member(text, places[path[:depth]][0], path[depth:], literal)
        return
    start, end = places[path]
    for each in (*_in_style(text[start:end], value, present), literal):
        yield f"{text[:start]}{each}{text[end:]}"


def _with_member(text: str, start: int, names: Path, literal: str) -> str:
    """Put a member first into the object that begins at `start`, with the space of the one that was first."""
    for name in reversed(names[1:]):
        literal = f"{{{json.dumps(name)}: {literal}}}"
    member = f"{json.dumps(names[0])}: {literal}"
    head, rest = text[: start + 1], text[start + 1 :].lstrip()
    space = text[start + 1 : len(text) - len(rest)]
    if rest.startswith("}"):
        return f"{head}{member}{space}{rest}"
    return f"{head}{space}{member},{space or ' '}{rest}"
