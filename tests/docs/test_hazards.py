"""The pages about hazards: all of them, and what they show is judged as they say."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg2
import pytest

from interlocking.review.context import Context
from interlocking.review.finding import Finding
from interlocking.review.hazards import HAZARDS, NOT_COVERED
from interlocking.review.lint_settings import LintSettings
from interlocking.review.reviewing import review
from interlocking.review.rules import judge
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.live import read_live
from interlocking.review.schema.objects import Table
from interlocking.review.surroundings.models import map_models
from interlocking.review.verdict import OWN_HAZARDS, conclude
from tests.docs.pages import REPOSITORY
from tests.review.corpus.case import Case
from tests.review.corpus.judging import Judged, judge_all, write_chain
from tests.review.projects import History, run_upgrades
from tests.servers import Server

_PAGES = REPOSITORY / "docs" / "hazards"
_INDEX = (REPOSITORY / "docs" / "hazards.md").read_text()
_ROWS = re.findall(r"^\| (\d+) \| .+? \| (.+?) \|$", _INDEX, re.MULTILINE)
_CODE = re.compile(r"```python\n(.*?)\n```", re.DOTALL)
_FUNCTIONS = re.compile(r"def upgrade\(\):\n(.*?)\n\n\ndef downgrade\(\):\n(.*)", re.DOTALL)
_NEED_ROWS = ("constraint-violated", "not-null-over-nulls")
_NEEDS_VERSION = "concurrent-index-corruption"
_NEEDS_DATABASE = "extension-missing"


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
            deployed=map_models({"models.py": "\n".join(self.code("The models that run now"))}),
        )


PAGES = [Page(id_, (_PAGES / f"{id_}.md").read_text()) for id_ in HAZARDS if (_PAGES / f"{id_}.md").exists()]
BY_HAZARD = {page.hazard: page for page in PAGES}
SHOWN = [page for page in PAGES if page.hazard not in (*_NEED_ROWS, _NEEDS_VERSION, _NEEDS_DATABASE)]


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

    assert list(range(1, 97)) == sorted(listed)
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
def test_the_bad_example_can_be_allowed(judged: dict[str, Judged], page: Page) -> None:
    """By a comment right above its line; above everything for what is said about the file as a whole."""
    result = judged[f"{page.hazard} Bad"]
    finding = next(each for each in result.judgement.findings if each.id == page.hazard)
    lines = result.reading.source.splitlines()
    at = max(finding.line - 1, 0)
    margin = re.match(" *", lines[at])[0] if finding.line else ""  # type: ignore[index]  # it matches anything
    lines.insert(at, f"{margin}# interlocking: allow {page.hazard}: a quiet night")
    reading = replace(result.reading, source="\n".join(lines), facts=(), asked=())
    moved = replace(finding, line=finding.line + 1 if finding.line else 0)

    (concluded,), _ = conclude([reading], [moved], LintSettings(), HAZARDS)

    assert (concluded.suppressed, concluded.reason) == (True, "a quiet night")


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.hazard)
def test_the_good_example_is_good(judged: dict[str, Judged], page: Page) -> None:
    """Nothing above info, and nothing of this hazard at all."""
    result = judged[f"{page.hazard} Good"]

    assert not result.reading.problems
    assert [] == [(each.id, each.message) for each in result.loud]
    assert page.hazard not in {each.id for each in result.judgement.findings}


@pytest.mark.parametrize("hazard", [*_NEED_ROWS, _NEEDS_DATABASE])
def test_rows_make_the_bad_example_bad(server: Server, tmp_path: Path, hazard: str) -> None:
    """Where they are counted; the good one mends them before it asks."""
    bad, good = (
        _judged_over_rows(server, tmp_path / title, BY_HAZARD[hazard].case(title)) for title in ("Bad", "Good")
    )

    assert hazard in {each.id for each in bad}
    assert [] == [(each.id, each.message) for each in good if each.severity != "info"]


def _judged_over_rows(server: Server, root: Path, case: Case) -> tuple[Finding, ...]:
    history = History.begin(
        root, env="from alembic import context\ncontext.configure(transaction_per_migration=True)\n"
    )
    before, *chain = write_chain(history, case)
    url = server.make_database()
    try:
        run_upgrades(url, case.before)
        with closing(psycopg2.connect(url)) as connection:
            live = read_live(connection, sizes=False)
            found = review(history.project, history.graph, chain, live=live, applied=[before])
    finally:
        server.drop(url)
    assert not found.unreadable
    return found.findings


@pytest.mark.parametrize(("title", "number"), [("Bad", 140000), ("Bad", 140003), ("Good", 140004), ("Good", 150000)])
def test_the_version_makes_the_bad_example_bad(tmp_path: Path, title: str, number: int) -> None:
    """Those who have the broken releases hear of it, and nobody else."""
    case = BY_HAZARD[_NEEDS_VERSION].case(title)
    history = History.begin(tmp_path)
    before, last = write_chain(history, case)
    seed = Knowledge(live=True, version_number=number, tables={"users": Table("users")})
    context = Context(judged=(last,), server_version=number // 10_000, seed=seed, applied=frozenset({before}))

    found = judge([], [history.read()[last]], context).findings

    assert (title == "Bad") == (_NEEDS_VERSION in {each.id for each in found})


def test_pages_name_their_source() -> None:
    """A link that a reader can follow."""
    assert [] == [page.hazard for page in PAGES if not re.search(r"^Source: <https://\S+>$", page.text, re.MULTILINE)]


def test_no_page_is_left_over() -> None:
    """A hazard that was renamed leaves none behind."""
    assert {path.stem for path in Path(_PAGES).glob("*.md")} - set(OWN_HAZARDS) == set(HAZARDS)
