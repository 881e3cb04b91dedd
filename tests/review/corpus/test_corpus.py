"""The rules catch what is dangerous, for the reason that makes it so, and keep quiet about the rest."""

from __future__ import annotations

import pytest

from tests.review.corpus.guides import GUIDES
from tests.review.corpus.judging import Judged, judge_all
from tests.review.corpus.lasting import LASTING
from tests.review.corpus.partitioned import PARTITIONED
from tests.review.corpus.safe import SAFE
from tests.review.corpus.traps import TRAPS
from tests.review.corpus.unsafe import UNSAFE
from tests.review.corpus.variations import VARIATIONS

_EXACT = (*TRAPS, *LASTING, *PARTITIONED, *GUIDES)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judged]:
    """Every case, judged; one process reads them all."""
    return judge_all(tmp_path_factory.mktemp("corpus"), (*UNSAFE, *SAFE, *VARIATIONS, *_EXACT))


@pytest.mark.parametrize("case", [*UNSAFE, *(each for each in VARIATIONS if each.expect)], ids=lambda case: case.name)
def test_danger_is_found(judged: dict[str, Judged], case) -> None:
    """With the hazard that makes it dangerous."""
    assert not judged[case.name].reading.problems
    assert case.expect <= judged[case.name].ids


@pytest.mark.parametrize("case", [*SAFE, *(each for each in VARIATIONS if not each.expect)], ids=lambda case: case.name)
def test_what_is_safe_passes(judged: dict[str, Judged], case) -> None:
    """Without a finding above info."""
    assert not judged[case.name].reading.problems
    assert [] == [(each.id, each.message) for each in judged[case.name].loud]


@pytest.mark.parametrize("case", _EXACT, ids=lambda case: case.name)
def test_what_was_there_before_decides(judged: dict[str, Judged], case) -> None:
    """So that nothing is found for a wrong reason either."""
    assert not judged[case.name].reading.problems
    assert case.expect == judged[case.name].ids
