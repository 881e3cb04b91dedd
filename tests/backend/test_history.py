"""Which revisions are pending, in a history with branches."""

from __future__ import annotations

import pytest

from backend.schema_state import read_history

REVISION = "revision = {0!r}\ndown_revision = {1!r}\nbranch_labels = None\ndepends_on = None\n"


@pytest.fixture
def history(tmp_path):
    """One beginning, two branches, one merge."""
    versions = tmp_path / "versions"
    versions.mkdir()
    for revision, down in {"first": None, "left": "first", "right": "first", "merge": ("left", "right")}.items():
        (versions / f"{revision}.py").write_text(REVISION.format(revision, down))
    return read_history(str(tmp_path))


@pytest.mark.parametrize(
    ("current", "pending"),
    [
        ([], {"first", "left", "right", "merge"}),
        (["first"], {"left", "right", "merge"}),
        (["left"], {"right", "merge"}),
        (["left", "right"], {"merge"}),
        (["merge"], set()),
        (["unknown"], set()),
        (["left", "unknown"], set()),
    ],
)
def test_what_is_pending(history, current, pending):
    """Whatever the database's revisions do not build on."""
    assert set(history.pending(current)) == pending


def test_pending_revisions_are_in_the_order_of_their_upgrade(history):
    """The merge is the last."""
    assert history.pending([])[0] == "first"
    assert history.pending([])[-1] == "merge"
    assert history.heads == ("merge",)
