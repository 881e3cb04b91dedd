"""Conditions that a database decides are named, with their line, whichever way an empty one leads."""

from __future__ import annotations

import pytest

from interlocking.review.reviewing import review
from tests.review.projects import History

_INSPECTOR = "inspector = sa.inspect(op.get_bind())\n"
_COLUMNS = _INSPECTOR + "columns = [each['name'] for each in inspector.get_columns('t')]\n"
_HELPERS = """
def has(column):
    rows = op.get_bind().execute(sa.text("SELECT 1 FROM information_schema.columns WHERE column_name = :c"), {"c": column})
    return rows.first() is not None


def drop(column):
    op.drop_column("t", column)


def add(column):
    op.add_column("t", sa.Column(column, sa.Text))

"""
# A body of upgrade(), and the findings in it: what is named, and in which line of the body.
CASES = {
    "made unless it is there": (
        _INSPECTOR + "if not inspector.has_table('t'):\n    op.create_table('t', sa.Column('id', sa.BigInteger))",
        [("depends-on-database", 2)],
    ),
    "added unless it is there": (
        _COLUMNS + "if 'a' not in columns:\n    op.add_column('t', sa.Column('a', sa.Text))",
        [("depends-on-database", 3)],
    ),
    "dropped if it is there": (_COLUMNS + "if 'a' in columns:\n    op.drop_column('t', 'a')", [("not-reached", 4)]),
    "one or the other": (
        _INSPECTOR + "if inspector.has_table('t'):\n    op.drop_table('t')\nelse:\n    op.execute('ANALYZE')",
        [("not-reached", 3)],
    ),
    "nothing after all": (
        _INSPECTOR + "if inspector.has_table('t'):\n    return\nop.execute('ANALYZE')",
        [("depends-on-database", 2)],
    ),
    "asked by a helper, done by another": (
        "if has('a'):\n    drop('a')",
        [("not-reached", None), ("depends-on-database", 1)],
    ),
    "asked by a helper, not done by another": ("if not has('a'):\n    add('a')", [("depends-on-database", 1)]),
    "counted": (
        "count = op.get_bind().execute(sa.text('SELECT count(*) FROM t')).scalar()\nempty = count == 0\nif empty:\n    op.execute('ANALYZE')",
        [("depends-on-database", 3)],
    ),
    "the kind of database": (
        "bind = op.get_bind()\nbind.execute(sa.text('SELECT 1 FROM t'))\nif bind.dialect.name == 'postgresql':\n    op.execute('ANALYZE')",
        [],
    ),
    "a condition about something else": (
        _COLUMNS + "import os\nif os.sep == '/':\n    op.execute('ANALYZE')",
        [],
    ),
    "nothing hangs on it": (_COLUMNS + "if 'a' in columns:\n    print('there')\nop.execute('ANALYZE')", []),
}


@pytest.mark.parametrize(("body", "expected"), CASES.values(), ids=CASES)
def test_what_the_database_decides_is_named(
    history: History, body: str, expected: list[tuple[str, int | None]]
) -> None:
    """A reading answers as an empty database, so the other way was not judged."""
    path = history.write("one", body)
    text = path.read_text().replace("\ndef upgrade", _HELPERS + "\ndef upgrade")
    path.write_text(text)
    first = text.splitlines().index("def upgrade():") + 2
    helper = text.splitlines().index('    op.drop_column("t", column)') + 1

    found = review(history.project, history.graph, ["one"]).findings

    told = [(each.id, each.line) for each in found if each.id in ("depends-on-database", "not-reached")]
    assert told == [(id_, helper if line is None else first + line - 1) for id_, line in expected]


def test_what_the_history_made_stays_old_when_a_revision_asks_whether_it_is_there(history: History) -> None:
    """On the empty database it is made, and would be new: nothing would be unsafe on it."""
    made = "op.create_table('t', sa.Column('id', sa.BigInteger), sa.Column('a', sa.Text))\n"
    history.write("zero", made)
    asks = _INSPECTOR + "if not inspector.has_table('t'):\n    " + made
    history.write("one", asks + "op.create_index('ix', 't', ['a'])", down="zero")

    found = review(history.project, history.graph, ["one"], deployed_first=False).findings

    assert {"index-not-concurrent", "depends-on-database"} <= {each.id for each in found}
