"""Write the cases as files, read them as the suite does, and judge each by itself."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from interlocking.review.context import Context
from interlocking.review.model import Finding, Judgement, Reading
from interlocking.review.rules import judge
from tests.review.corpus.case import Case, number
from tests.review.projects import History

_HEAD = '''"""{id}"""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
{head}

revision = {id!r}
down_revision = {down!r}


'''


@dataclass(frozen=True)
class Judged:
    """A case and what was said about it."""

    case: Case
    reading: Reading
    judgement: Judgement

    @property
    def loud(self) -> list[Finding]:
        """The findings that a person must act on."""
        return [each for each in self.judgement.findings if each.severity != "info"]

    @property
    def ids(self) -> set[str]:
        """Their hazards."""
        return {each.id for each in self.loud}


def judge_all(root: Path, cases: Iterable[Case]) -> dict[str, Judged]:
    """Judge cases by name; they are read together, which takes one process."""
    history = History.begin(root)
    (root / "app").mkdir()
    (root / "app" / "models.py").write_text("class User:\n    pass\n")
    chains = {case.name: write_chain(history, case) for case in cases}
    readings = history.read()
    return {case.name: judge_chain(case, [readings[each] for each in chains[case.name]]) for case in cases}


def judge_chain(case: Case, readings: list[Reading]) -> Judged:
    """Judge a case by the readings of its chain, the setup first."""
    context = Context(
        judged=tuple(each.revision for each in readings[1:]),
        transaction_mode=case.mode,
        one_release=case.one_release,
        has_lock_timeout=case.mode == "guard",
        server_version=case.version,
        sizes=case.known_sizes,
        deployed=case.deployed,
        models=case.models,
    )
    return Judged(case, readings[-1], judge(readings[:1], readings[1:], context))


def write_chain(history: History, case: Case) -> list[str]:
    """Write the chain of a case; equal setups are one file."""
    chain = [f"s{number(case.before)}"]
    _file(history, chain[0], case.before, case.setup_downgrade, None, head="")
    for place, body in enumerate((*case.together, case.upgrade)):
        last = place == len(case.together)
        id_ = f"c{number(case.name)}{place}"
        _file(history, id_, body, case.downgrade if last else "raise NotImplementedError", chain[-1], head=case.head)
        chain.append(id_)
    return chain


def _file(history: History, id_: str, upgrade: str, downgrade: str, down: str | None, *, head: str) -> None:
    text = _HEAD.format(id=id_, head=textwrap.dedent(head), down=down)
    for name, body in (("upgrade", upgrade), ("downgrade", downgrade)):
        inside = textwrap.indent(textwrap.dedent(body).strip() or "pass", "    ")
        text += f"def {name}():\n{inside}\n\n\n"
    history.raw(id_, text)
