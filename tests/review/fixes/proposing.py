"""What fixing a small history would do."""

from __future__ import annotations

import textwrap
from datetime import date
from pathlib import Path

from interlocking.review.fixes.files import propose_fixes
from interlocking.review.fixes.result import Fixes
from interlocking.review.reviewing import review
from tests.review.projects import History

GUARDED = "from interlocking.upgrade import guard\n"
TODAY = date(2026, 11, 26)
BASE = """
op.execute("CREATE TABLE orders (id serial PRIMARY KEY, total int, customer_id int, code text)")
op.execute("CREATE TABLE customer (id serial PRIMARY KEY)")
op.execute("CREATE TABLE visit (id int, at date, customer_id int) PARTITION BY RANGE (at)")
"""


def proposed(history: History) -> Fixes:
    """What fixing everything but the base would do."""
    graph = history.graph
    found = review(history.project, graph, set(graph.revisions) - {"shop"})
    return propose_fixes(history.project, graph, found, today=TODAY)


def after(fixes: Fixes, id_: str) -> str:
    """The new text of one revision."""
    return next(each.after.decode() for each in fixes.files if Path(each.name).stem == id_)


def upgrade_of(fixes: Fixes, id_: str) -> str:
    """The new body of its upgrade."""
    return textwrap.dedent(after(fixes, id_).partition("def upgrade():\n")[2].partition("\ndef downgrade")[0])


def downgrade_of(fixes: Fixes, id_: str) -> str:
    """The new body of its downgrade."""
    return textwrap.dedent(after(fixes, id_).partition("def downgrade():\n")[2])
