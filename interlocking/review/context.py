"""Everything that a rule may ask besides the statement itself. Pure data, gathered before the first rule runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from interlocking.review.lint_settings import LintSettings
from interlocking.review.surroundings.mapped import Mapped

if TYPE_CHECKING:
    from interlocking.review.schema.knowledge import Knowledge

TransactionMode = Literal["guard", "each", "one", "unknown"]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a table is.

    Attributes:
        rows: estimated; None when unknown.
        bytes: with its indexes; None when unknown.
    """

    rows: int | None = None
    bytes: int | None = None


class Database(Protocol):
    """Questions to a database that is at hand. Every answer may be None: not known."""

    def duplicates(
        self, table: str, keys: tuple[str, ...], condition: str = "", *, nulls_equal: bool = False
    ) -> int | None:
        """Return how many values of `keys`, which are SQL, more than one row has among those that meet a condition."""

    def nulls(self, table: str, column: str) -> int | None:
        """Return how many rows hold NULL."""

    def longest(self, table: str, column: str) -> int | None:
        """Return the number of characters of the longest value."""

    def violations(self, table: str, condition: str) -> int | None:
        """Return how many rows a CHECK condition would refuse."""

    def orphans(self, table: str, columns: tuple[str, ...], parent: str, key: tuple[str, ...]) -> int | None:
        """Return how many rows point to a parent that is not there."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known around the revisions under review.

    Attributes:
        judged: the ids of the revisions under review, oldest first.
        one_release: they reach production together, so what one of them makes is empty for the next; False: each
            is a release of its own.
        deployed_first: the first of `judged` is deployed already: what it makes is old for the others.
        transaction_mode: `guard`: our guard runs each revision in a transaction of its own, with a lock timeout and
            retries; `each`: env.py sets `transaction_per_migration`; `one`: Alembic's stock env.py, where all pending
            revisions are one transaction; `unknown`: env.py could not be read, treat it as `one`.
        has_lock_timeout: the guard, env.py or the settings limit how long a statement waits for a lock.
        env_commits: env.py ends the transaction itself.
        env_autocommit: env.py lets each statement commit by itself.
        server_version: PostgreSQL's major version: of the database, else the setting `postgres`.
        version_stated: a database or the setting says so, not the default.
        deployed: what the models map at the merge base with the main branch: the code that runs now.
            None when there is no git, no merge base or no models.
        models: what the models map in the working tree; None when none were found.
        sizes: size by table name, schema-qualified unless `public`; from production or the statistics file, never
            from a development database, whose few rows would quieten what production has to hear.
        database: questions to a database at hand; None without one.
        seed: what `interlocking.review.schema.live` read from that database; None without one.
        applied: the revisions that this database already has.
        downgrades_before: one of the earlier revisions that are not read has a downgrade that is not empty.
        settings: `[tool.interlocking.lint]`.
    """

    judged: tuple[str, ...] = ()
    one_release: bool = True
    deployed_first: bool = False
    transaction_mode: TransactionMode = "unknown"
    has_lock_timeout: bool = False
    env_commits: bool = False
    env_autocommit: bool = False
    server_version: int = 15
    version_stated: bool = True
    deployed: Mapped | None = None
    models: Mapped | None = None
    sizes: Mapping[str, Size] = field(default_factory=dict)
    database: Database | None = None
    seed: Knowledge | None = None
    applied: frozenset[str] = frozenset()
    downgrades_before: bool = False
    settings: LintSettings = LintSettings()  # noqa: RUF009 - immutable

    @property
    def guarded(self) -> bool:
        """Our guard runs the revisions."""
        return self.transaction_mode == "guard"

    def size(self, table: str) -> Size | None:
        """Return the size of a table; None when unknown. `public.` makes no difference."""
        return self.sizes.get(table.removeprefix("public."))
