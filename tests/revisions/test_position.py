"""Where a database stands relative to the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlocking.revisions.graph import build_graph
from interlocking.revisions.model import History, Revision
from interlocking.revisions.position import Position, locate_database

GRAPH = build_graph(
    History((Revision("a", Path("a.py")), Revision("b", Path("b.py"), ("a",)), Revision("c", Path("c.py"), ("b",))))
)


@pytest.mark.parametrize(
    ("current", "pending", "unknown", "at_head"),
    [
        ((), ("a", "b", "c"), (), False),
        (("b",), ("c",), (), False),
        (("c",), (), (), True),
        (("future",), (), ("future",), False),
        (("b", "future"), (), ("future",), False),
    ],
    ids=["empty", "behind", "at head", "ahead of the files", "partly ahead"],
)
def test_a_database_is_behind_at_or_ahead_of_the_files(
    current: tuple[str, ...], pending: tuple[str, ...], unknown: tuple[str, ...], at_head: bool
) -> None:
    """Nothing is called pending when a revision without a file is applied."""
    position = locate_database(GRAPH, current)

    assert Position(current, ("c",), pending, unknown) == position
    assert at_head is position.is_at_head
