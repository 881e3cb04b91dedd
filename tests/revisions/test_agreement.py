"""On any history the answers are Alembic's own: heads, order, pending, up and down."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable

from alembic.script.revision import RevisionError
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from interlocking.errors import UsageError
from interlocking.revisions.order import pending
from interlocking.revisions.paths import between, downgrade_path, upgrade_path
from interlocking.revisions.position import locate_database
from interlocking.revisions.symbols import resolve
from tests.revisions.histories import Pair, applied, pairs

FAILED = ("failed",)


def theirs(question: Callable[[], Iterable[object]]) -> tuple[str, ...]:
    """Return Alembic's answer as ids; every way to refuse is one, and where it crashes it has no opinion."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return tuple(each.revision for each in question())
    except RevisionError:
        return FAILED
    except AssertionError:
        reject()


def ours(question: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
    """Return our answer, refusals folded in the same way."""
    try:
        return question()
    except UsageError:
        return FAILED


def steps(history: Pair, *counts: str) -> list[str]:
    """Return each id and each branch label with steps."""
    names = [*history.graph.revisions, *[f"{label}@" for label in history.graph.labels]]
    return [name + count for name in names for count in counts]


def branch_names(history: Pair, *names: str) -> list[str]:
    """Return each name on each labelled branch."""
    return [f"{label}@{name}" for label in history.graph.labels for name in names]


@given(history=pairs())
def test_heads_and_bases_agree(history: Pair) -> None:
    """Plain and effective heads, in Alembic's order."""
    graph, alembic = history.graph, history.alembic

    assert alembic.heads == graph.heads
    assert alembic._real_heads == graph.effective_heads
    assert alembic.bases == graph.bases


@settings(max_examples=300)
@given(data=st.data(), history=pairs())
def test_pending_is_what_an_upgrade_to_heads_runs(data: st.DataObject, history: Pair) -> None:
    """From anywhere, in the order in which Alembic would run it."""
    current = data.draw(applied(history))
    expected = theirs(lambda: history.alembic.iterate_revisions("heads", current, implicit_base=True))

    assert expected[::-1] == pending(history.graph, current)
    assert expected[::-1] == locate_database(history.graph, current).pending


@settings(max_examples=300)
@given(data=st.data(), history=pairs())
def test_an_upgrade_runs_what_alembic_would_run(data: st.DataObject, history: Pair) -> None:
    """To any revision, by id, or one or two steps up."""
    current = data.draw(applied(history))
    labels = history.graph.labels
    symbols = [*history.graph.revisions, *labels, "head", "+1", "+2", *[f"{label}@heads" for label in labels]]
    target = data.draw(st.sampled_from([*symbols, *steps(history, "+1", "+2", "-1")]))

    expected = theirs(lambda: history.alembic.iterate_revisions(target, current, implicit_base=True))

    assert expected[::-1] == ours(lambda: upgrade_path(history.graph, current, target))


@settings(max_examples=300)
@given(data=st.data(), history=pairs())
def test_a_downgrade_undoes_what_alembic_would_undo(data: st.DataObject, history: Pair) -> None:
    """To any revision, to the base, one or two steps down, or to a branch's base."""
    current = data.draw(applied(history))
    ids = history.graph.revisions
    symbols = [*ids, "base", *branch_names(history, "base", *ids)]
    steps_down = ["-1", "-2"] if len(current) == 1 else []
    target = data.draw(st.sampled_from([*symbols, *steps_down, *steps(history, "-1", "+1")]))

    expected = theirs(lambda: history.alembic.iterate_revisions(current, target, select_for_downgrade=True))

    assert expected == ours(lambda: downgrade_path(history.graph, current, target))


@settings(max_examples=200)
@given(data=st.data(), history=pairs())
def test_a_range_is_what_alembics_history_lists(data: st.DataObject, history: Pair) -> None:
    """Both ends included, newest first."""
    ids = list(history.graph.revisions)
    lower, upper = data.draw(st.sampled_from(["base", *ids])), data.draw(st.sampled_from(["heads", *ids]))

    expected = theirs(lambda: history.alembic.iterate_revisions(upper, lower, inclusive=True))

    assert expected == ours(
        lambda: between(history.graph, resolve(history.graph, lower), resolve(history.graph, upper))
    )


@settings(max_examples=200)
@given(data=st.data(), history=pairs())
def test_a_symbol_means_what_it_means_to_alembic(data: st.DataObject, history: Pair) -> None:
    """Ids, beginnings of ids, labels and branches."""
    graph = history.graph
    names = [*graph.revisions, *graph.labels, "head", "heads", "base", "rev0", "label", "nothing"]
    branches = ["", *[f"{name}@" for name in [*graph.revisions, *graph.labels]]]
    symbol = data.draw(st.sampled_from(branches)) + data.draw(st.sampled_from(names))

    expected = theirs(lambda: history.alembic.get_revisions(symbol))

    assert expected == ours(lambda: resolve(graph, symbol))
