"""The SQL of a backfill and its pace, without a database."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlocking.errors import UsageError
from interlocking.upgrade.backfilling.backfills import say_progress
from interlocking.upgrade.backfilling.pace import Backfilling, Pace, estimate_remaining
from interlocking.upgrade.backfilling.statements import Column, Work, build_statements, check_key_is_kept, check_work

KEY = (Column("id", "bigint"),)
PACE = Pace(target=0.1, duty=0.5, lock_timeout=0.05, max_lag=10, max_lag_bytes=1, patience=1)


def work(**changes: object) -> Work:
    return Work(
        **{"schema": None, "table": "orders", "assignments": {"total": "1"}, "where": "", "parameters": {}, **changes}
    )


def test_a_batch_begins_after_the_last_key_and_ends_with_its_own() -> None:
    """Two columns are compared as one row, which an index can do."""
    key = (Column("tenant", "uuid"), Column("Number", "integer"))
    update = build_statements(work(where="total IS NULL OR x"), key).update_next

    assert '("tenant", "Number") > (%(interlocking_after_0)s::uuid, %(interlocking_after_1)s::integer)' in update
    assert '("tenant", "Number") <= (%(interlocking_until_0)s::uuid, %(interlocking_until_1)s::integer)' in update
    assert "AND (total IS NULL OR x) RETURNING" in update


@pytest.mark.parametrize("changes", [{"assignments": {}}, {"assignments": " "}])
def test_nothing_to_set_is_an_error(changes: dict) -> None:
    """An empty dict is a mistake."""
    with pytest.raises(UsageError, match="sets nothing"):
        check_work(work(**changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"where": "country = :country"}, "no value for country"),
        ({"parameters": {"unused": 1}}, "nothing uses the value of unused"),
    ],
)
def test_parameters_and_sql_must_fit(changes: dict, said: str) -> None:
    """A misspelled name is told before anything runs."""
    with pytest.raises(UsageError, match=said):
        check_work(work(**changes))


def test_casts_and_times_are_no_parameters() -> None:
    """`::date` and '12:30' are SQL."""
    check_work(work(assignments={"total": "'12:30'::time"}, where=r"note = ' \:x'"))


@pytest.mark.parametrize("assignments", [{"id": "id + 1"}, "total = 1, id = id + 1", 'total=1,"id"=2', "ID = 2"])
def test_the_key_must_stay(assignments: object) -> None:
    """A row that moves ahead would be met again and again."""
    with pytest.raises(UsageError, match="changes id, by which its batches are cut"):
        check_key_is_kept(work(assignments=assignments), KEY)


def test_a_column_whose_name_ends_like_the_key_may_change() -> None:
    """`paid` is not `id`."""
    check_key_is_kept(work(assignments="paid = true, total = CASE WHEN id = 1 THEN 2 END"), KEY)


def test_the_same_work_is_recognised_whatever_its_parameters() -> None:
    """A time that is computed in the revision differs at every run."""
    one, same, other = (work(where="a < :b", parameters={"b": b}) for b in (1, 2, 3))

    assert one.fingerprint == same.fingerprint == other.fingerprint != work(where="a < 2").fingerprint


@given(st.integers(1, 50_000), st.floats(0.0001, 1000))
def test_a_batch_grows_and_shrinks_within_bounds(size: int, seconds: float) -> None:
    """One odd measurement does not throw it off."""
    after = PACE.next_size(size, seconds)

    assert 1 <= after <= 50_000
    assert size // 2 - 1 <= after <= max(1, size * 2)


def test_a_batch_comes_to_take_its_target() -> None:
    """From the first guess, at 10 microseconds a row."""
    size = PACE.first_size
    for _ in range(10):
        size = PACE.next_size(size, size * 10e-6)

    assert 10_000 == size


def test_half_a_duty_rests_as_long_as_it_worked() -> None:
    """And a full duty never rests."""
    assert [0.2, 0.0] == [PACE.rest(0.2), Pace(**{**_fields(PACE), "duty": 1.0}).rest(0.2)]


def test_what_is_left_follows_from_this_runs_speed() -> None:
    """Rows of an earlier run took no time of this one."""
    assert 4.0 == estimate_remaining(scanned=600, before=500, total=1000, seconds=1)
    assert 0.0 == estimate_remaining(scanned=1100, before=500, total=1000, seconds=1)
    assert [None, None] == [
        estimate_remaining(scanned=500, before=500, total=1000, seconds=1),
        estimate_remaining(scanned=500, before=0, total=None, seconds=1),
    ]


def test_progress_in_words() -> None:
    """With and without a known size."""
    state = SimpleNamespace(table="orders", scanned=420_000, updated=1, seconds=6.0, waiting="")

    assert "orders: 420,000 of about 2,000,000 rows (21 %), about 23.0 s left" == say_progress(
        Backfilling(**{**vars(state), "total": 2_000_000, "remaining": 23.0})
    )
    assert "orders: 420,000 rows" == say_progress(Backfilling(**{**vars(state), "total": None, "remaining": None}))
    assert "orders: waiting for a replica" == say_progress(
        Backfilling(**{**vars(state), "total": None, "remaining": None, "waiting": "a replica"})
    )


def _fields(pace: Pace) -> dict:
    return {name: getattr(pace, name) for name in Pace.__dataclass_fields__}
