"""A case: a revision as people write it, what is there before it, and what a review must say."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from interlocking.review.context import Size, TransactionMode
from interlocking.review.surroundings.mapped import Mapped

# What most cases stand on: two tables that were there before the release.
TABLES = """
op.create_table(
    "users",
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("email", sa.String(50)),
    sa.Column("name", sa.Text),
    sa.Column("age", sa.Integer),
    sa.Column("status", sa.String(20), server_default="new", nullable=False),
    sa.Column("seen_at", sa.DateTime),
)
op.create_table(
    "orders",
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("user_id", sa.BigInteger),
    sa.Column("total", sa.Numeric(10, 2)),
    sa.Column("code", sa.CHAR(5)),
    sa.Column("ip", postgresql.CIDR),
    sa.Column("placed_at", sa.DateTime(timezone=True)),
)
op.create_table("teams", sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("title", sa.Text))
"""


@dataclass(frozen=True)
class Case:
    """One revision and the verdict on it.

    Args:
        name: what it shows.
        upgrade: the body of `upgrade()`.
        expect: the hazards that must be found; empty: nothing above info may be.
        downgrade: the body of `downgrade()`.
        setup: the body of the revision before it, after TABLES; or, with `only_setup`, alone.
        only_setup: leave TABLES out.
        setup_downgrade: how the revision before it goes back.
        head: what stands at the top of the file, after the imports.
        together: bodies of revisions of the same release, before this one.
        version: PostgreSQL's major version.
        mode: how env.py runs transactions.
        one_release: the revisions after the setup reach the database together.
        sizes: rows by table, as a statistics file gives them.
        deployed: the models at the merge base.
        models: the models now.
    """

    name: str
    upgrade: str
    expect: frozenset[str] | set[str] = frozenset()
    downgrade: str = "raise NotImplementedError"
    setup: str = ""
    only_setup: bool = False
    setup_downgrade: str = 'op.execute("DROP TABLE users, orders, teams")'
    head: str = ""
    together: tuple[str, ...] = ()
    version: int = 15
    mode: TransactionMode = "each"
    one_release: bool = True
    sizes: dict[str, int] = field(default_factory=dict)
    deployed: Mapped | None = None
    models: Mapped | None = None

    @property
    def before(self) -> str:
        """The body of the revision before it."""
        return self.setup if self.only_setup else TABLES + self.setup

    @property
    def known_sizes(self) -> dict[str, Size]:
        """The sizes as the context holds them."""
        return {table: Size(rows) for table, rows in self.sizes.items()}


def number(text: str) -> str:
    """Return a short name for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
