"""A revision that mixes phases, as the revisions to write instead. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby

from interlocking.review.model import Phase, Reading, Statement
from interlocking.review.parting.blocks import Block, blocks_of, required_column, within
from interlocking.review.parting.touching import disturbs
from interlocking.review.phases import last_of, phases_of

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


@dataclass(frozen=True, slots=True)
class Split:
    """What to write instead of a revision.

    Attributes:
        parts: one a phase, in the order in which they are applied; none when the revision mixes nothing.
        obstacle: why its lines alone cannot be parted; empty when they can, or need not.
    """

    parts: tuple[Part, ...] = ()
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some code of one phase; None for what serves every part, such as names and connections."""

    phase: Phase | None
    code: str
    block: Block
    statements: tuple[Statement, ...] = ()


def split_revision(reading: Reading, phases: Sequence[Phase]) -> Split:
    """Return the revisions to write instead of one that mixes phases.

    A new column that must have a value becomes one that may be empty, and must not later.

    Args:
        reading: the revision.
        phases: of the statements of its upgrade.
    """
    if len(phases_of(phases)) < 2:  # noqa: PLR2004 - one phase is no mixture
        return Split()
    pieces: list[_Piece] = []
    for block in blocks_of(reading):
        found = tuple(_pieces_of(block, reading, phases))
        if not found:
            return Split(obstacle=f"what begins in line {block.line} is of several phases")
        pieces += found
    return _parted(reading, pieces)


def _pieces_of(block: Block, reading: Reading, phases: Sequence[Phase]) -> Iterator[_Piece]:
    """Yield the pieces of a block; none when it is of several phases and cannot be parted."""
    said = [(each, phase) for each, phase in zip(reading.upgrade, phases, strict=False) if within(block, each.line)]
    found = phases_of([phase for _, phase in said])
    statements = tuple(each for each, _ in said)
    required = required_column(block) if "contract" in found else None
    if required:
        yield _Piece("expand", required.empty, block, statements)
        yield _Piece("contract", required.full, block)
    elif len(found) <= 1:
        yield _Piece(found[0] if found else None, block.code, block, statements)


def _parted(reading: Reading, pieces: Sequence[_Piece]) -> Split:
    for earlier, later in combinations([each for each in pieces if each.phase], 2):
        if _overtakes(later, earlier) and disturbs(earlier.statements, later.statements):
            return Split(
                obstacle=f"line {later.block.line} ({later.phase}) needs what line {earlier.block.line} "
                f"({earlier.phase}) does first"
            )
    wanted = phases_of([each.phase for each in pieces if each.phase])
    return Split(
        tuple(
            Part(phase, _WHEN[phase], f"{reading.revision}_{phase}"[:32], _code(pieces, phase, is_first=not number))
            for number, phase in enumerate(wanted)
        )
    )


def _overtakes(later: _Piece, earlier: _Piece) -> bool:
    """Say whether a piece would be applied before one that stands before it."""
    assert later.phase and earlier.phase  # noqa: S101, PT018 - what has none stays where it is
    return later.phase != last_of(later.phase, earlier.phase)


def _code(pieces: Sequence[_Piece], phase: Phase, *, is_first: bool) -> str:
    return "\n".join(_written(_needed([each for each in pieces if _belongs(each, phase, is_first=is_first)])))


def _belongs(piece: _Piece, phase: Phase, *, is_first: bool) -> bool:
    """Say whether a piece goes into a part; what has no phase serves all, but for mere calls: one is enough of them."""
    if piece.phase:
        return piece.phase == phase
    sets = any(type(each.node).__name__ == "VariableSetStmt" for each in piece.statements)
    return not piece.block.is_call or sets or (is_first and bool(piece.statements))


def _needed(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Leave out what gives names that nothing after it uses."""
    kept: list[_Piece] = []
    for piece in reversed(pieces):
        after = " ".join(each.code for each in kept)
        names = () if piece.phase else piece.block.names
        if not names or any(re.search(rf"\b{re.escape(name)}\b", after) for name in names):
            kept.insert(0, piece)
    return kept


def _written(pieces: Sequence[_Piece]) -> Iterator[str]:
    for wrapper, inside in groupby(pieces, key=lambda each: each.block.wrapper):
        if wrapper:
            yield wrapper
        margin = "    " if wrapper else ""
        for piece in inside:
            yield from (f"{margin}{line}".rstrip() for line in piece.code.splitlines())
