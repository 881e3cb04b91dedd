"""What an Alembic command did, as plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class MovedStep:
    """One revision that was applied or undone.

    Args:
        revision: its id.
        direction: which of its two functions ran.
        seconds: from its first statement to the update of the version table, with all waiting.
        tries: how often it was begun: more than once when it had to wait for a lock; 0 without the guard, which counts.
        waited: seconds between tries.
    """

    revision: str
    direction: Literal["upgrade", "downgrade"]
    seconds: float
    tries: int = 0
    waited: float = 0.0


@dataclass(frozen=True, slots=True)
class Moved:
    """A database that stands elsewhere than before.

    Args:
        before: the revisions in the version table before, sorted; empty at base.
        after: the same afterwards, read on a new connection.
        steps: what ran, in order; empty for a stamp.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    steps: tuple[MovedStep, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a revision.

    Args:
        words: what it does, for a person: `add column users.email (VARCHAR(255), not null)`.
        sql: the statements it runs on PostgreSQL, without the final semicolon each.
    """

    words: str
    sql: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A revision that was written, or would have been.

    Args:
        revision: its id.
        path: its file; None when nothing changed or nothing was to be written.
        upgrade: what its upgrade does; empty for a merge and an empty revision.
        downgrade: what its downgrade does.
    """

    revision: str
    path: Path | None
    upgrade: tuple[Operation, ...] = ()
    downgrade: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True)
class Drift:
    """What the models say and the migrations do not.

    Args:
        operations: what would bring the database to the models; empty when they agree.
    """

    operations: tuple[Operation, ...]

    def __bool__(self) -> bool:
        return bool(self.operations)
