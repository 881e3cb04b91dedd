"""A graph that exists is sound; one that cannot exist says what to mend."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from interlocking.errors import UsageError
from interlocking.revisions.graph import Graph, build_graph
from interlocking.revisions.model import History, Revision, Unreadable


def revision(id_: str, *parents: str, needs: tuple[str, ...] = (), labels: tuple[str, ...] = ()) -> Revision:
    """Return a revision in a file named like it."""
    return Revision(id_, Path(f"versions/{id_}.py"), parents, needs, labels)


def graph_of(*revisions: Revision) -> Graph:
    """Build a graph."""
    return build_graph(History(revisions))


def refusal(*revisions: Revision) -> UsageError:
    """Return why a graph cannot be built."""
    with pytest.raises(UsageError) as caught:
        graph_of(*revisions)
    return caught.value


def test_no_revisions_make_an_empty_graph() -> None:
    """A project that has just begun is fine."""
    graph = graph_of()

    assert ((), (), ()) == (graph.heads, graph.effective_heads, graph.bases)


def test_a_dependency_makes_a_head_not_effective() -> None:
    """The version table will not hold a head that another branch depends on."""
    graph = graph_of(revision("a"), revision("b", needs=("a",)))

    assert ("a", "b") == graph.heads
    assert ("b",) == graph.effective_heads


def test_a_dependency_may_be_a_branch_label() -> None:
    """It means the revision that declares the label."""
    graph = graph_of(revision("a", labels=("shop",)), revision("b", needs=("shop",)))

    assert ("a",) == graph.dependencies["b"]
    assert {"a", "b"} == graph.ancestors(["b"])


def test_two_files_with_one_id_are_both_named() -> None:
    """Alembic would drop one of them with a warning."""
    copy = Revision("a", Path("versions/a_copy.py"))
    error = refusal(revision("a"), copy)

    assert "revision-id-duplicate" == error.code
    assert "versions/a.py" in error.message
    assert "versions/a_copy.py" in error.message


def test_a_missing_parent_names_the_file_the_id_and_the_closest() -> None:
    """A typing error is seen at once."""
    error = refusal(revision("20250607_seed_skills"), revision("b", "20250607_seed_skill"))

    assert "revision-parent-missing" == error.code
    assert "versions/b.py" in error.message
    assert "'20250607_seed_skill'" in error.message
    assert "did you mean 20250607_seed_skills?" in error.message


def test_a_missing_dependency_names_the_file() -> None:
    """As for parents; labels count as known."""
    error = refusal(revision("a", needs=("nowhere",)))

    assert "revision-parent-missing" == error.code
    assert "`depends_on` names 'nowhere'" in error.message


CYCLES = {
    "itself": [revision("a", "a")],
    "two": [revision("a", "b"), revision("b", "a")],
    "between a base and a head": [revision("x"), revision("a", "x", "b"), revision("b", "a"), revision("c", "a")],
    "through a dependency": [revision("a", needs=("c",)), revision("b", "a"), revision("c", "b")],
}


@pytest.mark.parametrize("revisions", CYCLES.values(), ids=CYCLES)
def test_a_cycle_is_shown(revisions: list[Revision]) -> None:
    """The ids in a row, each followed by one that needs it, the first one again at the end."""
    error = refusal(*revisions)
    row = error.message.partition(": ")[2].split(" -> ")
    needs = {each.id: {*each.down_revisions, *each.depends_on} for each in revisions}

    assert "revision-cycle" == error.code
    assert row[0] == row[-1]
    assert all(first in needs[second] for first, second in pairwise(row))
    assert all(f"{id_}.py" in error.next for id_ in row)


@pytest.mark.parametrize(
    "revisions",
    [
        (revision("a", labels=("shop",)), revision("b", labels=("shop",))),
        (revision("a", labels=("b",)), revision("b")),
        (revision("a", labels=("a",)),),
    ],
    ids=["two branches", "an id", "its own id"],
)
def test_a_label_that_is_taken_is_refused(revisions: tuple[Revision, ...]) -> None:
    """A name must mean one thing."""
    assert "branch-label-duplicate" == refusal(*revisions).code


def test_an_unread_file_must_be_completed_first() -> None:
    """A graph with a hole would have wrong heads."""
    hole = Unreadable(Path("versions/b.py"), "`revision` is not a plain value on line 3")
    history = History((revision("a"), hole, revision("c", "b")))

    with pytest.raises(UsageError, match=r"versions/b\.py cannot be read .* line 3"):
        build_graph(history)

    assert ("c",) == build_graph(history.completed([revision("b", "a")])).heads


def test_a_completed_history_keeps_its_order() -> None:
    """The order of the files decides between branches, whoever read them."""
    history = History((revision("a"), Unreadable(Path("versions/b.py"), ""), revision("c")))

    assert ["a", "b", "c"] == [each.id for each in history.completed([revision("b")]).revisions]


def test_a_long_history_needs_no_recursion() -> None:
    """Thousands of revisions in a row are walked without a deep stack."""
    row = [revision("r0")] + [revision(f"r{number}", f"r{number - 1}") for number in range(1, 3000)]

    assert 3000 == len(graph_of(*row).ancestors(["r2999"]))
