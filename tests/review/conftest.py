from pathlib import Path

import pytest

from tests.review.projects import History


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History.begin(tmp_path / "project")
