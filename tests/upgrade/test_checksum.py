"""The checksum of a revision file: layout does not count, the program does, and no Python differs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlocking.upgrade.verifying import checksum as module
from interlocking.upgrade.verifying.checksum import checksum, is_comparable

REVISION = '''"""add a note

Revision ID: 20250101_note
"""
import sqlalchemy as sa
from alembic import op

revision = "20250101_note"
down_revision = None
SIZES = {"small": 1, "large": 0xFF}


def upgrade():
    """Add the column."""
    for table in ("orders", "invoices"):
        if table != "orders" and not (SIZES["small"] > 2):
            op.execute(f"COMMENT ON TABLE {table!r:>10} IS 'a' " "'b'")
    op.add_column("orders", sa.Column("note", sa.Text(), nullable=True, comment="it's \\"free\\""))


def downgrade():
    op.drop_column("orders", "note")
'''

LAYOUT = {
    "line endings": lambda text: text.replace("\n", "\r\n"),
    "a byte order mark": lambda text: "\ufeff" + text,
    "indentation width": lambda text: text.replace("    ", "\t"),
    "blank lines": lambda text: text.replace("\n\n\n", "\n\n\n\n\n"),
    "blanks at the end of a line": lambda text: text.replace("import op\n", "import op   \n"),
    "blanks around operators": lambda text: text.replace("revision = ", "revision   =   "),
    "comments": lambda text: text.replace("def upgrade():", "# why\ndef upgrade():  # noqa"),
    "quotes": lambda text: text.replace('"orders"', "'orders'"),
    "escapes in place of other quotes": lambda text: text.replace('"it\'s \\"free\\""', "'it\\'s \"free\"'"),
    "a trailing comma": lambda text: text.replace('"invoices")', '"invoices",)'),
    "a call over several lines": lambda text: text.replace('"note", sa', '\n        "note",\n        sa'),
    "a string in two parts": lambda text: text.replace('"drop', '"dr" "op').replace(
        '"20250101_note"', '"2025" "0101_note"'
    ),
    "a string put together": lambda text: text.replace("'a' \" \"'b'", "'a' 'b'"),
    "parentheses": lambda text: text.replace("down_revision = None", "down_revision = (None)"),
    "the case of a number": lambda text: text.replace("0xFF", "0XfF"),
    "a backslash at the end of a line": lambda text: text.replace(" and not", " \\\n and not"),
    "a body on the line of its head": lambda text: text.replace("downgrade():\n    op", "downgrade(): op"),
    "the layout of a docstring": lambda text: text.replace("add a note\n", "add a note   \n  \n"),
}


@pytest.mark.parametrize("change", LAYOUT.values(), ids=LAYOUT)
def test_layout_does_not_count(change) -> None:
    """What a formatter or git may change is no edit."""
    changed = change(REVISION)

    assert REVISION != changed
    assert checksum(REVISION) == checksum(changed.encode())


PROGRAM = {
    "a name": lambda text: text.replace("drop_column", "drop_index"),
    "a string": lambda text: text.replace('sa.Column("note"', 'sa.Column("notes"'),
    "a blank inside a string": lambda text: text.replace("COMMENT ON", "COMMENT  ON"),
    "a number": lambda text: text.replace("> 2", "> 3"),
    "the type of a number": lambda text: text.replace("> 2", "> 2.0"),
    "a truth value": lambda text: text.replace("nullable=True", "nullable=1"),
    "an operator": lambda text: text.replace(" != ", " == "),
    "the order of arguments": lambda text: text.replace('"orders", "note"', '"note", "orders"'),
    "a line taken out of its block": lambda text: text.replace("    op.add_column", "        op.add_column"),
    "a statement more": lambda text: text + "    pass\n",
    "a statement commented out": lambda text: text.replace("    op.add", "    # op.add"),
    "a tuple in place of its element": lambda text: text.replace("= None", "= (None,)"),
    "parentheses that mean something": lambda text: text.replace('not (SIZES["small"] > 2)', 'not SIZES["small"] > -2'),
    "the format of a value": lambda text: text.replace("!r", "!s"),
    "the words of a docstring": lambda text: text.replace("add a note", "add two notes"),
}


@pytest.mark.parametrize("change", PROGRAM.values(), ids=PROGRAM)
def test_the_program_counts(change) -> None:
    """An edit that could make another database is one."""
    changed = change(REVISION)

    assert REVISION != changed
    assert checksum(REVISION) != checksum(changed)


@pytest.mark.parametrize("width", [40, 72, 100, 320])
def test_a_formatter_keeps_it(width: int) -> None:
    """The formatter of today, however narrow the lines."""
    argv = [sys.executable, "-m", "ruff", "format", "--isolated", f"--line-length={width}", "-"]
    formatted = subprocess.run(argv, input=REVISION, capture_output=True, text=True, check=True).stdout

    assert REVISION != formatted
    assert checksum(REVISION) == checksum(formatted)


@given(st.text(), st.text())
def test_different_strings_differ(one: str, other: str) -> None:
    """No text of a literal can pretend to be another one."""
    assert (one == other) == (checksum(f"x = {one!r}") == checksum(f"x = {other!r}"))


@given(st.lists(st.text(max_size=3), max_size=4), st.lists(st.text(max_size=3), max_size=4))
def test_where_a_literal_ends_counts(one: list[str], other: list[str]) -> None:
    """Lists of strings that join to one text are different programs."""
    assert (one == other) == (checksum(f"x = {one!r}") == checksum(f"x = {other!r}"))


@given(
    st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.binary(), st.none())
)
def test_every_literal_has_one(value: object) -> None:
    """A literal is distinguished from its own text."""
    assert checksum(f"x = {value!r}") != checksum(f"x = {str(value)!r}")


@given(st.integers(1, 12), st.sampled_from(["\n", "\r\n"]), st.integers(0, 3))
def test_indentation_and_line_ends_never_count(width: int, ending: str, blank: int) -> None:
    """Whatever the editor is set to."""
    lines = REVISION.replace('"""add a note\n\nRevision ID: 20250101_note\n"""\n', "").split("\n")
    changed = (ending * (blank + 1)).join(line.replace("    ", " " * width) for line in lines)

    assert checksum("\n".join(lines)) == checksum(changed.encode())


def test_the_rule_does_not_change_under_recorded_checksums() -> None:
    """Databases hold these values: another rule needs another version in front."""
    assert "v1:129e2dbabdafbd0543ee1a1c268939edf7a195cbcca0d4183c43a60387ec022d" == checksum(REVISION)


def test_deep_expressions_are_no_obstacle() -> None:
    """A seed written as one long sum."""
    text = "x = " + " + ".join(["1"] * 500)

    assert checksum(text) != checksum(text + " + 1")


@pytest.mark.parametrize("text", ["def", "x = (", "x\0y", "(" * 5000])
def test_what_is_not_python_has_none(text: str) -> None:
    """Such a file could not have been applied."""
    with pytest.raises(ValueError, match=r"\S"):
        checksum(text)


def test_a_checksum_of_another_rule_is_not_compared() -> None:
    """A later version of the rule does not accuse files of an edit."""
    assert is_comparable(checksum("x = 1"))
    assert [False] * 3 == [is_comparable(each) for each in ("v0:abc", "", None)]


SEVERAL_PYTHONS = '''
if True:
    x = f"a{y!r:>{w}} b" "c" f"{z=}{{}}{q:}" rf"\\d{n}" "\\N{BULLET}"
    value = [1_000, 0b11, 1e999, -0.0, 2j, b"\\xff", ..., None, "\u0378\U0001fae8"]
match x:
    case {"a": [1, *rest], **others} if rest: pass
async def f(a, /, b=1, *c, d: int = 2, **e) -> None:
    """Document
    it."""
    return [i async for i in a if (j := i)] + [lambda *, k=1: k]
with open("a") as a, open("b"): del a
'''


@pytest.mark.parametrize("minor", [11, 12, 13, 14])
def test_every_python_computes_the_same(minor: int, tmp_path: Path) -> None:
    """Production's Python may be another than the one that applied the revision."""
    python = python_of(minor)
    (tmp_path / "revision.py").write_text(REVISION + SEVERAL_PYTHONS, encoding="utf-8")
    script = "import runpy, sys; print(runpy.run_path(sys.argv[1])['checksum'](open(sys.argv[2], 'rb').read()))"

    argv = [python, "-I", "-c", script, str(module.__file__), str(tmp_path / "revision.py")]
    found = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()

    assert checksum(REVISION + SEVERAL_PYTHONS) == found


def python_of(minor: int) -> str:
    """Return a Python 3.`minor` of this machine, or skip the test."""
    beside = sorted(Path("~/.pyenv/versions").expanduser().glob(f"3.{minor}.*/bin/python"))
    found = str(beside[-1]) if beside else shutil.which(f"python3.{minor}")
    if not found:
        pytest.skip(f"Python 3.{minor} is not installed on this machine")
    return found
