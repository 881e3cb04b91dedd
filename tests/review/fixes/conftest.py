from pathlib import Path

import pytest

from tests.review.fixes.proposing import BASE, GUARDED
from tests.review.projects import History


@pytest.fixture
def guarded(tmp_path: Path) -> History:
    """A history behind the guard, with two tables that hold rows."""
    history = History.begin(tmp_path / "project", env=GUARDED)
    history.write("shop", BASE)
    return history
