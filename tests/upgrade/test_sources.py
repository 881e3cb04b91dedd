"""Telling a refusal from a bug, by the line that raised."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from interlocking.upgrade.child.sources import is_deliberate, place_in_project

REFUSALS = {
    "NotImplementedError": "raise NotImplementedError",
    "an exception with a text": "raise Exception('rows are gone')",
    "several lines": "raise RuntimeError(\n    'rows'\n    ' are gone'\n)",
    "an assertion": "assert False, 'irreversible'",
    "a helper that raises": "def refuse():\n    raise ValueError('no')\nrefuse()",
}
BUGS = {
    "an attribute that is not there": "None.upper()",
    "a name that is not there": "nothing",
    "a missing key": "{}['x']",
    "a library that raises": "import json; json.loads('{')",
}


def raised_by(path: Path, text: str) -> BaseException:
    path.write_text(text)
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - whatever the line raises
        runpy.run_path(str(path))
    return caught.value


@pytest.mark.parametrize("text", REFUSALS.values(), ids=REFUSALS)
def test_raising_in_the_project_is_deliberate(tmp_path: Path, text: str) -> None:
    """Somebody wrote `raise` there."""
    assert is_deliberate(raised_by(tmp_path / "revision.py", text), tmp_path)


@pytest.mark.parametrize("text", BUGS.values(), ids=BUGS)
def test_an_expression_that_fails_is_a_bug(tmp_path: Path, text: str) -> None:
    """Nobody wrote `raise` on that line of the project."""
    assert not is_deliberate(raised_by(tmp_path / "revision.py", text), tmp_path)


def test_what_is_installed_for_the_project_is_not_the_project(tmp_path: Path) -> None:
    """A virtual environment stands inside the root more often than not."""
    library = tmp_path / ".venv" / "lib" / "site-packages"
    library.mkdir(parents=True)

    assert not is_deliberate(raised_by(library / "library.py", "raise ValueError"), tmp_path)


def test_the_place_is_the_innermost_line_of_the_project(tmp_path: Path) -> None:
    """Not the library that it called."""
    error = raised_by(tmp_path / "revision.py", "import json\njson.loads('{')")

    place = place_in_project(error, tmp_path)

    assert place is not None
    assert "revision.py:2" == place.relative(tmp_path)
