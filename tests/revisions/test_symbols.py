"""What a person may type for a revision."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlocking.errors import UsageError
from interlocking.revisions.graph import build_graph
from interlocking.revisions.model import History, Revision
from interlocking.revisions.paths import between, downgrade_path, resolve_range, upgrade_path
from interlocking.revisions.symbols import resolve


def revision(id_: str, *parents: str, labels: tuple[str, ...] = ()) -> Revision:
    """Return a revision in a file named like it."""
    return Revision(id_, Path(f"{id_}.py"), parents, (), labels, f"do {id_}")


#   base - one - two - shop1 - shop2        (label shop)
#                    - post1                (label post)
FORKED = build_graph(
    History(
        (
            revision("one"),
            revision("two", "one"),
            revision("shop1", "two", labels=("shop",)),
            revision("shop2", "shop1"),
            revision("post1", "two", labels=("post",)),
        )
    )
)
LINE = build_graph(History((revision("one"), revision("two", "one"), revision("three", "two"))))


@pytest.mark.parametrize(
    ("symbol", "current", "expected"),
    [
        ("one", (), ("one",)),
        ("on", (), ("one",)),
        ("post", (), ("post1",)),
        ("base", (), ()),
        ("heads", (), ("shop2", "post1")),
        ("shop@head", (), ("shop2",)),
        ("shop@heads", (), ("shop2",)),
        ("shop1@head", (), ("shop2",)),
        ("shop@shop2", (), ("shop2",)),
        ("shop2-1", (), ("shop1",)),
        ("one-1", (), ()),
        ("one+1", (), ("two",)),
        ("shop@two+1", (), ("shop1",)),
        ("current", ("two",), ("two",)),
        ("current", (), ()),
        ("+1", ("one",), ("two",)),
        ("-1", ("two",), ("one",)),
        ("-1", ("one",), ()),
        ("+1", (), ("one",)),
        ("shop@+1", ("post1",), ("shop1",)),
        ("shop@-1", ("post1", "shop2"), ("shop1",)),
        (" one ", (), ("one",)),
    ],
)
def test_a_symbol_is_found(symbol: str, current: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """Ids, beginnings, labels, words and steps."""
    assert expected == resolve(FORKED, symbol, current=current)


@pytest.mark.parametrize(
    ("symbol", "current", "code"),
    [
        ("", (), "revision-symbol-invalid"),
        ("@", (), "revision-symbol-invalid"),
        ("a@b@c", (), "revision-symbol-invalid"),
        ("one-", (), "revision-symbol-invalid"),
        ("one:two", (), "revision-symbol-invalid"),
        ("--help", (), "revision-symbol-invalid"),
        ("nowhere", (), "revision-not-found"),
        ("nowhere@head", (), "revision-not-found"),
        ("shop@post1", (), "revision-not-on-branch"),
        ("head", (), "revision-ambiguous"),
        ("sho", (), "revision-ambiguous"),
        ("two+1", (), "revision-ambiguous"),
        ("-1", ("shop2", "post1"), "revision-ambiguous"),
        ("one-2", (), "revision-too-far"),
        ("shop2+1", (), "revision-too-far"),
        ("-1", (), "revision-too-far"),
        ("current", ("from_the_future",), "revision-unknown-to-files"),
        ("shop@-1", ("from_the_future",), "revision-unknown-to-files"),
    ],
)
def test_what_names_nothing_or_too_much_is_refused(symbol: str, current: tuple[str, ...], code: str) -> None:
    """Each refusal has its own code and says what to type."""
    with pytest.raises(UsageError) as caught:
        resolve(FORKED, symbol, current=current)

    assert code == caught.value.code
    assert caught.value.next


def test_several_heads_are_listed_with_their_messages() -> None:
    """The reader must choose, and can."""
    with pytest.raises(UsageError, match=r"head means several revisions: shop2 \(do shop2\), post1 \(do post1\)"):
        resolve(FORKED, "head")


def test_a_typing_error_is_answered_with_the_closest() -> None:
    """Of ids and labels."""
    with pytest.raises(UsageError, match=r"there is no revision 'shopp1'; did you mean shop1"):
        resolve(FORKED, "shopp1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (":", ["three", "two", "one"]),
        ("one:two", ["two", "one"]),
        ("two:", ["three", "two"]),
        (":two", ["two", "one"]),
        ("base:two", ["two", "one"]),
        ("-1:", ["three", "two"]),
        ("one:+1", ["two", "one"]),
        ("current:", ["three", "two"]),
        (":current", ["two", "one"]),
        ("two", ["two"]),
    ],
)
def test_a_range_lists_both_ends(text: str, expected: list[str]) -> None:
    """Newest first; either end may be left out."""
    assert expected == list(between(LINE, *resolve_range(LINE, text, current=("two",))))


def test_a_range_upside_down_is_refused() -> None:
    """The older end comes first."""
    with pytest.raises(UsageError) as caught:
        between(LINE, ("three",), ("one",))

    assert "revision-range-invalid" == caught.value.code


def test_up_and_down_are_told_apart() -> None:
    """`upgrade -1` and `downgrade +1` are mistakes, not steps."""
    for wrong in (lambda: upgrade_path(LINE, ("two",), "-1"), lambda: downgrade_path(LINE, ("two",), "+1")):
        with pytest.raises(UsageError) as caught:
            wrong()

        assert "revision-direction" == caught.value.code


def test_a_downgrade_ends_at_an_applied_revision() -> None:
    """What is not applied cannot be gone back to."""
    with pytest.raises(UsageError) as caught:
        downgrade_path(LINE, ("one",), "three")

    assert "revision-not-applied" == caught.value.code


def test_a_downgrade_to_where_the_database_is_undoes_nothing() -> None:
    """It is no error."""
    assert () == downgrade_path(LINE, ("two",), "two")


@pytest.mark.parametrize("path", [upgrade_path, downgrade_path])
def test_a_database_at_an_unknown_revision_is_refused(path) -> None:
    """Nothing can be planned from a revision without a file."""
    with pytest.raises(UsageError, match="the database is at from_the_future, which no revision file has") as caught:
        path(LINE, ("from_the_future",))

    assert "revision-unknown-to-files" == caught.value.code
