"""Every case of the corpus that a recipe is for: what is fixed passes, and brings nothing new to find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import pytest

from interlocking.review.fixes.case import Surroundings
from interlocking.review.fixes.files import write_fixes
from interlocking.review.fixes.fixing import Question, find_fixes, is_candidate
from interlocking.review.fixes.result import Fixes
from interlocking.review.model import Finding, Reading
from interlocking.review.result import Review
from tests.review.corpus.case import Case
from tests.review.corpus.judging import judge_chain, write_chain
from tests.review.corpus.unsafe import UNSAFE
from tests.review.projects import History

CASES = [case for case in UNSAFE if case.mode == "each"]
Loud = dict[str, list[Finding]]


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Fixes, Loud, Loud]:
    """All cases in one history, fixed at once, and what was loud before and after."""
    history = History.begin(tmp_path_factory.mktemp("fixed"))
    (history.root / "app").mkdir()
    (history.root / "app" / "models.py").write_text("class User:\n    pass\n")
    chains = {case.name: write_chain(history, case) for case in CASES}
    readings = history.read()
    before = _loud(chains, readings)
    fixes = find_fixes(_question(history, readings, [each for found in before.values() for each in found]))
    write_fixes(history.project, fixes)
    longer = {name: list(_longer(history, chain)) for name, chain in chains.items()}
    return fixes, before, _loud(longer, history.read())


def test_what_is_fixed_is_found_no_more_and_nothing_new_is(fixed: tuple[Fixes, Loud, Loud]) -> None:
    """Case by case, in all the revisions that it became."""
    fixes, before, after = fixed
    answered = {(each.finding.revision, each.finding.id) for each in fixes.fixed}
    for name, was in before.items():
        now = {each.id for each in after[name]}
        assert now <= {each.id for each in was if (each.revision, each.id) not in answered}, name


def test_most_is_fixed(fixed: tuple[Fixes, Loud, Loud]) -> None:
    """A recipe that gives up too easily would pass the other test."""
    fixes, _, _ = fixed
    assert len(fixes.fixed) >= 24
    assert {each.reason for each in fixes.left} <= {
        "it is written as SQL",
        "it stands inside other SQL",
        "it names the constraint, which SET NOT NULL cannot",
        "the constraint has no name, and the second revision has to name it",
        "the constraint has no name, and the index must have the same",
    }


def _question(history: History, readings: Mapping[str, Reading], findings: list[Finding]) -> Question:
    graph = history.graph
    files = {each.path: each.path.read_bytes() for each in graph.revisions.values()}
    reviewed = Review(tuple(readings), tuple(findings), readings=tuple(readings.values()))
    assert any(map(is_candidate, findings))
    return Question(reviewed, graph, files, history.root, date(2026, 11, 26), Surroundings("each"))


def _loud(chains: Mapping[str, list[str]], readings: Mapping[str, Reading]) -> Loud:
    cases: dict[str, Case] = {case.name: case for case in CASES}
    judged = {name: judge_chain(cases[name], [readings[id_] for id_ in chain]) for name, chain in chains.items()}
    return {name: each.loud for name, each in judged.items()}


def _longer(history: History, chain: list[str]) -> Iterator[str]:
    """Yield a chain with the revisions that follow its last one; a setup may be shared with other cases."""
    graph = history.graph
    yield chain[0]
    for id_ in chain[1:]:
        yield id_
        following = [each for each in graph.children[id_] if each not in chain]
        while following:
            yield following[0]
            following = [each for each in graph.children[following[0]] if each not in chain]
