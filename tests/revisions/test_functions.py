"""Of all that a file calls `upgrade`, the one that Alembic would call is found."""

from __future__ import annotations

import ast

import pytest

from interlocking.revisions.functions import function_of

_PLAIN = "def upgrade():\n    1\n"
_OTHER = "def upgrade():\n    2\n"

# A file, and the line in which the function begins whose lines Alembic runs; None when the file does not say.
FORMS = {
    "plain": (_PLAIN, 1),
    "typed": ("def upgrade() -> None:\n    1\n", 1),
    "decorated": ("@step\ndef upgrade():\n    1\n", 2),
    "no function": ("revision = 'r'\n", None),
    "another function": ("def downgrade():\n    1\n", None),
    "the last of two": (_PLAIN + _OTHER, 3),
    "plain, then async": (_PLAIN + "async def upgrade():\n    2\n", None),
    "async, then plain": ("async def upgrade():\n    2\n" + _PLAIN, 3),
    "a class": (_PLAIN + "class upgrade:\n    pass\n", None),
    "inside another": ("def helper():\n    def upgrade():\n        1\n", None),
    "inside a class": ("class A:\n    def upgrade(self):\n        1\n", None),
    "a method beside it": (_PLAIN + "class A:\n    def upgrade(self):\n        1\n", 1),
    "under another name": ("def run():\n    1\nupgrade = run\n", 1),
    "under another name, typed": ("def run():\n    1\nupgrade: Callable = run\n", 1),
    "through two names": ("def run():\n    1\nstep = run\nupgrade = step\n", 1),
    "both names at once": ("def run():\n    1\nupgrade = downgrade = run\n", 1),
    "one of two names": ("upgrade, downgrade = pair\n", None),
    "the name before it was given anew": ("def run():\n    1\nupgrade = run\ndef run():\n    2\n", 1),
    "named, then defined": ("upgrade = None\n" + _PLAIN, 2),
    "defined, then named": (_PLAIN + "upgrade = None\n", None),
    "itself": (_PLAIN + "upgrade = upgrade\n", 1),
    "only its type": (_PLAIN + "upgrade: Callable\n", 1),
    "made by a call": (_PLAIN + "upgrade = step(upgrade)\n", None),
    "imported": ("from shared import upgrade\n", None),
    "imported under the name": ("from shared import run as upgrade\n", None),
    "chosen": (_PLAIN + "if DEBUG:\n    def upgrade():\n        2\n", None),
    "tried": ("try:\n    from shared import upgrade\nexcept ImportError:\n    upgrade = None\n", None),
    "chosen before": ("if DEBUG:\n    upgrade = None\n" + _PLAIN, 3),
    "a block about something else": (_PLAIN + "if DEBUG:\n    import logging\n", 1),
}


@pytest.mark.parametrize(("source", "line"), FORMS.values(), ids=FORMS)
def test_the_function_that_alembic_calls(source: str, line: int | None) -> None:
    """As Python would give it."""
    found = function_of(ast.parse(source), "upgrade")

    assert (found and found.lineno) == line


@pytest.mark.parametrize("source", [source for source, line in FORMS.values() if line and "@" not in source])
def test_python_agrees(source: str) -> None:
    """What a loaded file has under the name begins on that line."""
    module = {"Callable": object, "DEBUG": False}
    exec(source, module)
    found = function_of(ast.parse(source), "upgrade")

    assert found is not None
    assert module["upgrade"].__code__.co_firstlineno == found.lineno


def test_a_file_that_is_no_python_has_none() -> None:
    """Whoever could not parse it may ask all the same."""
    assert function_of(None, "upgrade") is None
