"""A message is data: whatever it holds, names and docstrings stay sound."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from alembic.util.pyfiles import template_to_file
from hypothesis import example, given
from hypothesis import strategies as st

from interlocking.revisions.naming import docstring_message, revision_id, slug

TODAY = date(2025, 6, 15)

NASTY = [
    "", " ", "companion", "--help", "-m", "../../etc/passwd", "a; rm -rf /", "$(reboot)", "`reboot`", 'say "hi"', '"""',
    'ends with "', "ends with \\", "it's", "line\nbreak", "carriage\rreturn", "tab\tbed", "nul\x00byte", "CON", "nul.txt",
    "日本語", "Größe ändern", "naïve café", "Łódź", "🎉 party", "\ud800", "\u202egnp.exe", "${7*7}", "% for x in y:", "## no",
    "<%! import os %>", "%(rev)s", "{0}", "\\N{DEAD}", "\\x", "a" * 500, "word " * 200, "_", "...", "İstanbul", "\u2028",
]  # fmt: skip


def each_nasty(test: Callable[..., None]) -> Callable[..., None]:
    """Run a property on every nasty message too."""
    for message in NASTY:
        test = example(message=message)(test)
    return test


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("companion", "companion"),
        ("Add Product Images", "add_product_images"),
        ("  add --chat-- message! ", "add_chat_message"),
        ("user's goals", "users_goals"),
        ("Größe ändern", "grosse_andern"),
        ("naïve café", "naive_cafe"),
        ("Łódź Øre Æther", "lodz_ore_aether"),
        ("\N{LATIN SMALL LIGATURE FI}x", "fix"),
        ("add 日本 table", "add_table"),
        ("foo日bar", "foo_bar"),
        ("日本語", "revision"),
        ("", "revision"),
        ("../../etc/passwd", "etc_passwd"),
        ("a; DROP TABLE x", "a_drop_table_x"),
    ],
)
def test_a_slug_is_what_a_person_would_write(message: str, expected: str) -> None:
    """Lower case, ASCII, words joined by one underscore."""
    assert expected == slug(message)


@pytest.mark.parametrize(
    ("message", "taken", "expected"),
    [
        ("companion", [], "20250615_companion"),
        ("companion", ["20250615_companion"], "20250615_companion_2"),
        ("companion", ["20250615_Companion", "20250615_companion_2"], "20250615_companion_3"),
        ("companion", ["20250614_companion"], "20250615_companion"),
        ("add product images and prices", [], "20250615_add_product_images_and"),
        ("add product images and pri", [], "20250615_add_product_images_and"),
        ("add product images an d", [], "20250615_add_product_images_an_d"),
        ("abcdefghijklmnopqrstuvwxyz", [], "20250615_abcdefghijklmnopqrstuvw"),
        ("add product images an d", ["20250615_add_product_images_an_d"], "20250615_add_product_images_an_2"),
        ("", [], "20250615_revision"),
    ],
)
def test_an_id_is_the_date_and_whole_words(message: str, taken: list[str], expected: str) -> None:
    """Cut after a word to 32 characters; a clash is numbered inside them."""
    assert expected == revision_id(message, today=TODAY, taken=taken)


@each_nasty
@given(message=st.text())
def test_an_id_is_always_a_plain_short_name(message: str) -> None:
    """It needs no quoting anywhere: shell, path, SQL or Python."""
    name = revision_id(message, today=TODAY, taken=())

    assert re.fullmatch(r"20250615_[a-z0-9]+(_[a-z0-9]+)*", name)
    assert len(name) <= 32


@given(message=st.text(string.ascii_letters + " é-", max_size=40), clashes=st.integers(0, 12))
def test_ids_of_one_day_never_clash(message: str, clashes: int) -> None:
    """The same message again and again gives a new short id each time."""
    taken: list[str] = []
    for _ in range(clashes + 1):
        taken.append(revision_id(message, today=TODAY, taken=taken))

    assert len(taken) == len(set(taken))
    assert all(len(name) <= 32 for name in taken)


@each_nasty
@given(message=st.text())
def test_a_docstring_holds_exactly_the_line_that_was_put_in(message: str) -> None:
    """In each place of a template where a message may stand, the file stays Python and says the same."""
    line = docstring_message(message)

    for template in ('"""{}\n\nRevision ID: x\n"""', '"""{}"""', '"{}"', 'r"""{}"""'):
        doc = ast.get_docstring(ast.parse(template.replace("{}", line)), clean=False)
        assert doc is not None
        assert line == doc.split("\n")[0]


@each_nasty
@given(message=st.text())
def test_a_docstring_line_is_visible_and_can_be_written(message: str) -> None:
    """One line of printable characters that UTF-8 can carry, the same when it is made safe again."""
    line = docstring_message(message)

    assert line
    assert line.isprintable()
    assert line.encode()
    assert line == docstring_message(line)


@pytest.mark.parametrize("message", NASTY)
def test_alembics_template_takes_any_message(message: str, tmp_path: Path) -> None:
    """Mako treats the line as data: what stands in the file is the line."""
    template = tmp_path / "script.py.mako"
    template.write_text('"""${message}\n\nRevision ID: x\n"""\nrevision = "x"\n')
    line = docstring_message(message)

    template_to_file(template, tmp_path / "x.py", "utf-8", message=line)

    doc = ast.get_docstring(ast.parse((tmp_path / "x.py").read_bytes()), clean=False)
    assert doc is not None
    assert line == doc.split("\n")[0]


def test_an_ordinary_message_is_kept_as_it_is() -> None:
    """Only what could do harm is changed."""
    assert "Größe: 100% of ${price} & it's 日本" == docstring_message("Größe: 100% of ${price} & it's 日本")
