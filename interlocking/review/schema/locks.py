"""PostgreSQL's table locks: how strong they are, whom they block, and what is done under them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Work = Literal["brief", "rows", "scan", "build", "rewrite"]

ROW_EXCLUSIVE = "row exclusive"
SHARE_UPDATE_EXCLUSIVE = "share update exclusive"
SHARE = "share"
SHARE_ROW_EXCLUSIVE = "share row exclusive"
EXCLUSIVE = "exclusive"
ACCESS_EXCLUSIVE = "access exclusive"

_ORDER = ("access share", "row share", ROW_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE, SHARE, SHARE_ROW_EXCLUSIVE, EXCLUSIVE)
STRENGTH = {mode: strength for strength, mode in enumerate((*_ORDER, ACCESS_EXCLUSIVE), 1)}
WORKS: tuple[Work, ...] = ("brief", "rows", "scan", "build", "rewrite")
BLOCKS = {
    ACCESS_EXCLUSIVE: "reads and writes",
    EXCLUSIVE: "writes",
    SHARE_ROW_EXCLUSIVE: "writes",
    SHARE: "writes",
    SHARE_UPDATE_EXCLUSIVE: "other schema changes and VACUUM",
    ROW_EXCLUSIVE: "writes to the same rows",
}
HELD: dict[Work, str] = {
    "brief": "briefly, but to the end of the transaction",
    "rows": "until the transaction ends",
    "scan": "while every row is read",
    "build": "while the index is built",
    "rewrite": "while every row is written again",
}


@dataclass(frozen=True, slots=True)
class Effect:
    """What one statement does to one table.

    Attributes:
        table: its name.
        mode: the lock, in PostgreSQL's words.
        work: what is done under it.
    """

    table: str
    mode: str
    work: Work = "brief"

    @property
    def strong(self) -> bool:
        """Writers, or all, have to wait."""
        return STRENGTH[self.mode] >= STRENGTH[SHARE]

    @property
    def long(self) -> bool:
        """It takes longer the more rows there are."""
        return self.work != "brief"


def stronger(one: Effect, other: Effect) -> Effect:
    """Return the effect of two statements' parts on one table."""
    mode = max(one.mode, other.mode, key=STRENGTH.__getitem__)
    return Effect(one.table, mode, max(one.work, other.work, key=WORKS.index))
