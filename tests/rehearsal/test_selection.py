"""Which revisions a round trip tries, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlocking.errors import UsageError
from interlocking.postgres.url import parse
from interlocking.redaction import Secret
from interlocking.rehearsal.place import choose_scratch_place
from interlocking.rehearsal.selection import select_revisions
from interlocking.revisions.graph import Graph, build_graph
from interlocking.revisions.model import History, Revision
from interlocking.settings import Settings


@pytest.fixture
def graph() -> Graph:
    """a - b - c - d, and a branch from b: e."""
    lines = {"a": (), "b": ("a",), "c": ("b",), "d": ("c",), "e": ("b",)}
    return build_graph(History(tuple(Revision(id_, Path(f"{id_}.py"), down) for id_, down in lines.items())))


RANGES = {
    "what is pending": ({}, {"c", "d", "e"}),
    "one": ({"revision": "b"}, {"b"}),
    "one that is not applied": ({"revision": "c"}, {"c"}),
    "since one, itself included": ({"since": "c"}, {"c", "d"}),
    "since the beginning": ({"since": "base"}, {"a", "b", "c", "d", "e"}),
    "all": ({"everything": True}, {"a", "b", "c", "d", "e"}),
}


@pytest.mark.parametrize(("asked", "expected"), RANGES.values(), ids=RANGES)
def test_a_range_is_resolved(graph: Graph, asked: dict[str, object], expected: set[str]) -> None:
    """For a database at b."""
    assert expected == set(select_revisions(graph, current=("b",), **asked))


def test_the_order_is_that_of_an_upgrade(graph: Graph) -> None:
    """Parents first."""
    order = select_revisions(graph, current=(), everything=True)

    assert ["a", "b"] == list(order[:2])
    assert order.index("c") < order.index("d")


def test_nothing_pending_is_nothing_to_try(graph: Graph) -> None:
    """And no error."""
    assert () == select_revisions(graph, current=("d", "e"))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"revision": "b", "everything": True}, "several-ranges"),
        ({"revision": "nope"}, "revision-not-found"),
        ({"since": "nope"}, "revision-not-found"),
    ],
)
def test_a_wrong_range_is_an_error(graph: Graph, asked: dict[str, object], code: str) -> None:
    """Exit 2, before anything is started."""
    with pytest.raises(UsageError) as caught:
        select_revisions(graph, current=(), **asked)

    assert code == caught.value.code


def test_pending_on_a_database_of_other_code_cannot_be_told(graph: Graph) -> None:
    """Nobody knows what its revision contains; `--all` still works."""
    with pytest.raises(UsageError):
        select_revisions(graph, current=("unknown",))
    assert 5 == len(select_revisions(graph, current=("unknown",), everything=True))


LOCAL = "postgresql://me@localhost/shop"
REMOTE = "postgresql://me:secret@db.example.com/shop"


@pytest.mark.parametrize(
    ("scratch_url", "target", "server"),
    [("", LOCAL, "target"), ("", REMOTE, "embedded"), (LOCAL, REMOTE, "setting"), (REMOTE, LOCAL, "setting")],
)
def test_scratch_databases_stay_off_remote_servers_unless_told(scratch_url: str, target: str, server: str) -> None:
    """And the reason never shows a password."""
    place = choose_scratch_place(Settings(scratch_url=Secret(scratch_url)), parse(target))

    assert server == place.server
    assert "secret" not in place.reason
