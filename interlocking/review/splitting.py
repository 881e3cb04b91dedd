"""A revision that mixes phases, as the revisions to write instead. Pure."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from interlocking.review.model import Phase, Reading

_ORDER: tuple[Phase, ...] = ("expand", "data", "contract")
_WHEN: dict[Phase, str] = {
    "expand": "before the new code is deployed",
    "data": "after the schema is there, in batches",
    "contract": "after the old code is gone",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One of the revisions to write instead.

    Attributes:
        phase: of all that it does.
        when: it is applied, in words.
        id: a proposal for its id.
        code: the body of its `upgrade`.
    """

    phase: Phase
    when: str
    id: str
    code: str


def phases_of(phases: Sequence[Phase]) -> tuple[Phase, ...]:
    """Return the phases that occur, in the order in which a release goes through them."""
    return tuple(phase for phase in _ORDER if phase in phases)


def split_revision(reading: Reading, phases: Sequence[Phase]) -> tuple[Part, ...]:
    """Return the revisions to write instead of one that mixes phases; none when it mixes nothing.

    Args:
        reading: the revision.
        phases: of the statements of its upgrade.

    Returns:
        One part a phase; also none when one block of the code does several phases by itself.
    """
    wanted = phases_of(phases)
    body = _body(reading.tree)
    if len(wanted) < 2 or not body:  # noqa: PLR2004 - one phase is no mixture
        return ()
    found = [_phases_within(part, reading, phases) for part in body]
    if any(len(each) > 1 for each in found):
        return ()
    return tuple(
        Part(phase, _WHEN[phase], f"{reading.revision}_{phase}"[:32], _code(reading, body, found, phase))
        for phase in wanted
    )


def _body(tree: ast.Module | None) -> list[ast.stmt]:
    for node in tree.body if tree else ():
        if isinstance(node, ast.FunctionDef) and node.name == "upgrade":
            return node.body
    return []


def _phases_within(part: ast.stmt, reading: Reading, phases: Sequence[Phase]) -> set[Phase]:
    last = part.end_lineno or part.lineno
    return {
        phase
        for statement, phase in zip(reading.upgrade, phases, strict=False)
        if part.lineno <= statement.line <= last and phase != "none"
    }


def _code(reading: Reading, body: Sequence[ast.stmt], found: Sequence[set[Phase]], phase: Phase) -> str:
    """Return what does this phase, and what does none: names, connections and the like serve every part."""
    return "\n".join(_text(reading, part) for part in _chosen(body, found, phase))


def _chosen(body: Sequence[ast.stmt], found: Sequence[set[Phase]], phase: Phase) -> Iterator[ast.stmt]:
    for part, within in zip(body, found, strict=True):
        if phase in within or (not within and not isinstance(part, ast.Expr | ast.Pass)):
            yield part


def _text(reading: Reading, part: ast.stmt) -> str:
    lines = reading.source.splitlines()[part.lineno - 1 : part.end_lineno]
    return textwrap.dedent("\n".join(lines))
