"""What a revision file says is read without running it, as Alembic would."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from interlocking.errors import UsageError
from interlocking.revisions.model import Revision, Unreadable
from interlocking.revisions.source import parse_revision

PATH = Path("versions/abc123_example.py")

FORMS = {
    "plain": ('revision = "r"\ndown_revision = "p"', ("p",)),
    "single quotes": ("revision = 'r'\ndown_revision = 'p'", ("p",)),
    "annotated": ('revision: str = "r"\ndown_revision: Union[str, None] = "p"', ("p",)),
    "base": ('revision = "r"\ndown_revision = None', ()),
    "annotated base": ('revision: str = "r"\ndown_revision: str | None = None', ()),
    "empty tuple": ('revision = "r"\ndown_revision = ()', ()),
    "tuple": ('revision = "r"\ndown_revision = ("p", "q")', ("p", "q")),
    "bare tuple": ('revision = "r"\ndown_revision = "p", "q"', ("p", "q")),
    "list": ('revision = "r"\ndown_revision = ["p", "q"]', ("p", "q")),
    "set": ('revision = "r"\ndown_revision = {"p", "q"}', ("p", "q")),
    "twice the same parent": ('revision = "r"\ndown_revision = ("p", "p")', ("p",)),
    "tuple of None": ('revision = "r"\ndown_revision = (None,)', ()),
    "parenthesised": ('revision = ("r")\ndown_revision = ("p")', ("p",)),
    "implicit concatenation": ('revision = "r"\ndown_revision = ("p" "q")', ("pq",)),
    "concatenation": ('revision = "r"\ndown_revision = "p" + "q"', ("pq",)),
    "tuple concatenation": ('revision = "r"\ndown_revision = ("p",) + ("q",)', ("p", "q")),
    "a name": ('PARENT = "p"\nrevision = "r"\ndown_revision = PARENT', ("p",)),
    "a name in a tuple": ('PARENT = "p"\nrevision = "r"\ndown_revision = (PARENT, "q")', ("p", "q")),
    "chained": ('revision = ID = "r"\ndown_revision = "p"', ("p",)),
    "the last one wins": ('revision = "r"\ndown_revision = "x"\ndown_revision = "p"', ("p",)),
    "after the functions": ('def upgrade():\n    pass\nrevision = "r"\ndown_revision = "p"', ("p",)),
    "after a star import": (
        'from x import *\nrevision = "r"\ndown_revision = "p"\ndepends_on = branch_labels = None',
        ("p",),
    ),
    "declared, then set": ('revision: str\nrevision = "r"\ndown_revision = "p"', ("p",)),
}


@pytest.mark.parametrize(("source", "parents"), FORMS.values(), ids=FORMS)
def test_every_way_to_write_a_plain_value_is_read(source: str, parents: tuple[str, ...]) -> None:
    """A revision is read from each form that people and templates use."""
    assert Revision("r", PATH, parents) == parse_revision(source, path=PATH)


@pytest.mark.parametrize(("source", "parents"), FORMS.values(), ids=FORMS)
def test_every_form_means_what_python_makes_of_it(source: str, parents: tuple[str, ...]) -> None:
    """The table above is Python's own opinion, not ours."""
    names: dict[str, object] = {"Union": dict}
    exec("from __future__ import annotations\n" + source.replace("from x import *", ""), names)
    down = names["down_revision"]

    found = {down} if isinstance(down, str) else set(down or ())

    assert "r" == names["revision"]
    assert set(parents) == found - {None}


DYNAMIC = {
    "f-string": 'revision = f"r{1}"\ndown_revision = None',
    "call": "revision = make()\ndown_revision = None",
    "import": "from ids import revision\ndown_revision = None",
    "import as": "import ids as revision\ndown_revision = None",
    "star import alone": "from ids import *",
    "star import and no depends_on": 'from ids import *\nrevision = "r"\ndown_revision = None\nbranch_labels = None',
    "condition": 'if True:\n    revision = "r"\ndown_revision = None',
    "try": 'try:\n    revision = "r"\nexcept E:\n    pass\ndown_revision = None',
    "augmented": 'revision = "r"\nrevision += "s"\ndown_revision = None',
    "walrus": '(revision := "r")\ndown_revision = None',
    "unpacking": 'revision, down_revision = "r", None',
    "formatting": 'revision = "r%s" % 1\ndown_revision = None',
    "subscript": 'revision = "r"\ndown_revision = ["x"]\ndown_revision[0] = "p"',
    "appended to": 'revision = "r"\ndown_revision = ["x"]\ndown_revision.append("p")',
    "function": "def revision(): pass\ndown_revision = None",
    "class in a condition": "if True:\n    class revision: pass\ndown_revision = None",
    "unknown name": 'revision = "r"\ndown_revision = __name__',
    "name of a computed value": 'P = make()\nrevision = "r"\ndown_revision = P',
    "deleted": 'revision = "r"\ndown_revision = "p"\ndel down_revision',
    "mixed sum": 'revision = "r"\ndown_revision = ("p",) + "q"',
    "dependency": 'revision = "r"\ndown_revision = None\ndepends_on = find()',
    "label": 'revision = "r"\ndown_revision = None\nbranch_labels = find()',
}


@pytest.mark.parametrize("source", DYNAMIC.values(), ids=DYNAMIC)
def test_what_only_running_would_tell_is_unreadable(source: str) -> None:
    """Nothing is guessed: the caller can hand such a file to Alembic."""
    found = parse_revision(source, path=PATH)

    assert isinstance(found, Unreadable)
    assert "line" in found.reason


def test_the_file_is_never_run() -> None:
    """Reading a file that would raise is fine."""
    found = parse_revision('raise SystemExit(1)\nrevision = "r"\ndown_revision = None', path=PATH)

    assert Revision("r", PATH) == found


def test_labels_and_dependencies_are_read() -> None:
    """One name or several, for both."""
    source = 'revision = "r"\ndown_revision = None\nbranch_labels = "shop"\ndepends_on = ("a", "b")'

    assert Revision("r", PATH, depends_on=("a", "b"), branch_labels=("shop",)) == parse_revision(source, path=PATH)


def test_the_message_is_the_first_line_of_the_docstring() -> None:
    """The rest of the docstring is kept for `db.show`."""
    source = '"""\n  add badges \n\nRevision ID: r\n"""\nrevision = "r"\ndown_revision = None'
    found = parse_revision(source, path=PATH)

    assert isinstance(found, Revision)
    assert "add badges" == found.message
    assert "add badges \n\nRevision ID: r" == found.doc


def test_a_file_without_docstring_has_an_empty_message() -> None:
    """No docstring is no error."""
    found = parse_revision('revision = "r"\ndown_revision = None', path=PATH)

    assert isinstance(found, Revision)
    assert "" == found.message


def test_an_old_file_takes_its_id_from_its_name() -> None:
    """As in Alembic 0.1, when the file was named by the id alone."""
    found = parse_revision("down_revision = None", path=Path("1a2b3c.py"))

    assert Revision("1a2b3c", Path("1a2b3c.py")) == found


BYTES = {
    "byte order mark": b'\xef\xbb\xbfrevision = "r"\ndown_revision = None',
    "CRLF": b'"""Hello"""\r\nrevision = "r"\r\ndown_revision = None\r\n',
    "CR": b'revision = "r"\rdown_revision = None\r',
    "encoding cookie": '# -*- coding: latin-1 -*-\n"""Größe"""\nrevision = "r"\ndown_revision = None'.encode("latin-1"),
    "utf-8": '"""Größe"""\nrevision = "r"\ndown_revision = None'.encode(),
}


@pytest.mark.parametrize("source", BYTES.values(), ids=BYTES)
def test_bytes_are_decoded_as_python_does(source: bytes) -> None:
    """Byte order marks, cookies and foreign line ends do not disturb."""
    found = parse_revision(source, path=PATH)

    assert isinstance(found, Revision)
    assert "r" == found.id
    assert found.message in {"", "Hello", "Größe"}


def test_an_invalid_escape_in_a_docstring_is_not_our_business() -> None:
    """Python only warns about it, and so it must not become an error here."""
    assert isinstance(parse_revision('"""\\d"""\nrevision = "r"\ndown_revision = None', path=PATH), Revision)


def test_a_syntax_error_names_file_line_and_text() -> None:
    """The reader can go straight to the place."""
    source = textwrap.dedent("""\
        revision = "r"
        down_revision = None
        def upgrade(:
            pass
        """)

    with pytest.raises(UsageError, match=r"versions/abc123_example\.py:3: invalid syntax: def upgrade\(:") as caught:
        parse_revision(source, path=PATH)

    assert "revision-syntax-error" == caught.value.code


def test_a_syntax_error_never_shows_a_password() -> None:
    """A revision file may hold a URL; the line that is quoted is masked."""
    with pytest.raises(UsageError) as caught:
        parse_revision('url = "postgresql://bob:hunter2@db/x" url', path=PATH)

    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize(
    "source",
    [b'revision = "\x00"', b'"""\xff\xfe"""', "x = " + "(" * 5000, b"# coding: no-such-codec\n"],
    ids=["NUL", "not utf-8", "nested too deeply", "unknown encoding"],
)
def test_what_is_no_python_file_is_an_error_that_names_it(source: bytes | str) -> None:
    """Whatever is wrong with the bytes, the answer is one sentence with the path."""
    with pytest.raises(UsageError, match="abc123_example") as caught:
        parse_revision(source, path=PATH)

    assert "revision-syntax-error" == caught.value.code


IMPOSSIBLE = {
    "no revision": ("down_revision = None", "revision-id-missing"),
    "no down_revision": ('revision = "r"', "down-revision-missing"),
    "number": ("revision = 12\ndown_revision = None", "revision-field-invalid"),
    "empty": ('revision = ""\ndown_revision = None', "revision-field-invalid"),
    "dash": ('revision = "a-b"\ndown_revision = None', "revision-field-invalid"),
    "at": ('revision = "a@b"\ndown_revision = None', "revision-field-invalid"),
    "number as parent": ('revision = "r"\ndown_revision = 3', "revision-field-invalid"),
    "None among parents": ('revision = "r"\ndown_revision = ("p", None)', "revision-field-invalid"),
}


@pytest.mark.parametrize(("source", "code"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_file_that_can_never_be_a_revision_is_an_error(source: str, code: str) -> None:
    """The error names the file and says what to change."""
    with pytest.raises(UsageError, match="x_y") as caught:
        parse_revision(source, path=Path("versions/x_y.py"))

    assert code == caught.value.code
    assert caught.value.next
