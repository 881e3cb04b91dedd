"""Valid files in many of the ways in which TOML can be written."""

from __future__ import annotations

import types
from typing import Any

import tomlkit
from hypothesis import strategies as st

NAMES = st.sampled_from(["deploy", "build", "startCommand", "x", "a b", "é", "environments", "production", ""])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = st.one_of(TEXTS, st.booleans(), st.integers(-9, 9), st.floats(allow_nan=False), st.dates(), st.datetimes())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=6,
)
TABLES = st.dictionaries(NAMES, VALUES, max_size=4)
COMMENTS = st.sampled_from(["", "# a comment\n", "\n\n", "   # 'quotes' and \"more\"\n"])


@st.composite
def written_files(draw: st.DrawFn) -> bytes:
    """A valid file in one of the many ways to write it."""
    document = draw(TABLES)
    document["deploy"] = draw(st.one_of(TABLES, st.fixed_dictionaries({"startCommand": TEXTS, "x": SCALARS})))
    if not isinstance(document["deploy"].get("startCommand"), str | types.NoneType):
        del document["deploy"]["startCommand"]  # Railway refuses a file in which the command is no text
    text = draw(COMMENTS) + tomlkit.dumps(_styled(document, draw)) + draw(COMMENTS)
    if draw(st.booleans()):
        text = text.removesuffix("\n")
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return (b"\xef\xbb\xbf" if draw(st.booleans()) else b"") + text.encode()


def _styled(document: dict[str, Any], draw: st.DrawFn) -> Any:
    deploy = document["deploy"]
    style = draw(st.sampled_from(["table", "inline"]))
    if style == "inline":
        inline = tomlkit.inline_table()
        inline.update(deploy)
        document["deploy"] = inline
    start = deploy.get("startCommand")
    if isinstance(start, str) and "'" not in start and start.isprintable():
        document["deploy"]["startCommand"] = tomlkit.string(start, literal=True, multiline=draw(st.booleans()))
    return document
