"""The copy that Alembic's batch mode makes of a table, drops the table for, and gives its name. Pure."""

from __future__ import annotations

from dataclasses import replace

from interlocking.review.reading.nodes import beside, split_name
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.objects import Table

_PREFIX = "_alembic_tmp_"
_LONGEST = 50


def is_copy(name: str) -> bool:
    """Say whether a table is such a copy, by its name."""
    return split_name(name)[1].startswith(_PREFIX)


def copy_of(known: Knowledge, name: str) -> Table | None:
    """Return the copy that is about to take the place of a table, if there is one."""
    return known.tables.get(beside(name, (_PREFIX + split_name(name)[1])[:_LONGEST]))


def lost_columns(known: Knowledge, name: str) -> list[str]:
    """Return the columns of a table that its copy does not have; a copy of which only that much is known has all."""
    copy = copy_of(known, name)
    if copy is None or copy.like == name:
        return []
    return [each for each in known.table(name).columns if each not in copy.columns]


def hand_over(known: Knowledge, name: str) -> None:
    """Let the copy of a table that is dropped be as old as that: its rows are the same, and the code knows them."""
    found, old = copy_of(known, name), known.table(name)
    if found is None:
        return
    copy = known.change(found.name)
    if copy.like == name:
        copy.columns, copy.constraints, copy.complete = dict(old.columns), dict(old.constraints), old.complete
        for title, index in known.indexes_of(name).items():
            known.indexes[title] = replace(index, table=copy.name)
    for title in old.columns.keys() & copy.columns.keys():
        copy.columns[title] = replace(copy.columns[title], made_by=old.columns[title].made_by)
    copy.made_by, copy.rows, copy.written, copy.policies = old.made_by, old.rows, old.written, False
