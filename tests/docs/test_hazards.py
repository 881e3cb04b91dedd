"""The pages about hazards: all of them, and what they show is judged as they say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from interlocking.review.hazards import HAZARDS, NOT_COVERED
from interlocking.review.verdict import OWN_HAZARDS
from tests.docs.pages import REPOSITORY
from tests.review.corpus.case import Case
from tests.review.corpus.judging import Judged, judge_all

_PAGES = REPOSITORY / "docs" / "hazards"
_INDEX = (REPOSITORY / "docs" / "hazards.md").read_text()
_ROWS = re.findall(r"^\| (\d+) \| .+? \| (.+?) \|$", _INDEX, re.MULTILINE)
_CODE = re.compile(r"```python\n(.*?)\n```", re.DOTALL)
_FUNCTIONS = re.compile(r"def upgrade\(\):\n(.*?)\n\n\ndef downgrade\(\):\n(.*)", re.DOTALL)
# What these need is a database of that version, rows, or the models at the merge base.
_WITHOUT_EXAMPLE = {
    *("concurrent-index-corruption", "constraint-violated"),
    *("not-null-over-nulls", "not-null-breaks-inserts"),
}


@dataclass(frozen=True)
class Page:
    """A page, taken apart."""

    hazard: str
    text: str

    def code(self, title: str) -> list[str]:
        """Return the code under a heading."""
        section = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", self.text, re.MULTILINE | re.DOTALL)
        return _CODE.findall(section[1]) if section else []

    def case(self, title: str) -> Case:
        """Return the revision, or the chain of revisions, under a heading."""
        *together, last = self.code(title)
        version = re.search(r"Judged for PostgreSQL (\d+)", self.text)
        functions = _FUNCTIONS.fullmatch(last)
        upgrade, downgrade = functions.groups() if functions else (last, "raise NotImplementedError")
        return Case(
            f"{self.hazard} {title}",
            upgrade,
            downgrade=downgrade,
            setup="\n".join(self.code("Before")),
            together=tuple(together),
            version=int(version[1]) if version else 15,
        )


PAGES = [Page(id_, (_PAGES / f"{id_}.md").read_text()) for id_ in HAZARDS if (_PAGES / f"{id_}.md").exists()]
SHOWN = [page for page in PAGES if page.hazard not in _WITHOUT_EXAMPLE]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judged]:
    """Every example, judged; one process reads them all."""
    cases = [page.case(title) for page in SHOWN for title in ("Bad", "Good")]
    return judge_all(tmp_path_factory.mktemp("pages"), cases)


def test_every_hazard_has_a_page_that_leads_back_to_it() -> None:
    """And every page a hazard, and its first line the hazard's name."""
    assert set(HAZARDS) == {page.hazard for page in PAGES}
    assert [] == [page.hazard for page in PAGES if not page.text.startswith(f"# {page.hazard}\n")]
    assert [] == [page.hazard for page in PAGES if f"Severity: {HAZARDS[page.hazard].severity}." not in page.text]


def test_the_index_says_what_is_covered() -> None:
    """Each row with the hazards that answer it; those without one are explained below."""
    listed = {int(number): set(re.findall(r"\[([a-z-]+)\]\(hazards/\1\.md\)", cell)) for number, cell in _ROWS}
    known = {number: {each.id for each in HAZARDS.values() if number in each.rows} for number in listed}

    assert list(range(1, 95)) == sorted(listed)
    assert known == listed
    assert NOT_COVERED == {number for number, hazards in listed.items() if not hazards}
    assert [] == [number for number in NOT_COVERED if f"({number})" not in _INDEX]


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.hazard)
def test_the_bad_example_is_bad(judged: dict[str, Judged], page: Page) -> None:
    """For the reason that the page is about."""
    result = judged[f"{page.hazard} Bad"]

    assert not result.reading.problems
    assert page.hazard in {each.id for each in result.judgement.findings}


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.hazard)
def test_the_good_example_is_good(judged: dict[str, Judged], page: Page) -> None:
    """Nothing above info, and nothing of this hazard at all."""
    result = judged[f"{page.hazard} Good"]

    assert not result.reading.problems
    assert [] == [(each.id, each.message) for each in result.loud]
    assert page.hazard not in {each.id for each in result.judgement.findings}


def test_pages_name_their_source() -> None:
    """A link that a reader can follow."""
    assert [] == [page.hazard for page in PAGES if not re.search(r"^Source: <https://\S+>$", page.text, re.MULTILINE)]


def test_no_page_is_left_over() -> None:
    """A hazard that was renamed leaves none behind."""
    assert {path.stem for path in Path(_PAGES).glob("*.md")} - set(OWN_HAZARDS) == set(HAZARDS)
