"""Batch mode that copies a table and drops the original."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.rules import recipes
from interlocking.review.rules.place import Place
from interlocking.review.rules.usage import lost_column
from interlocking.review.schema.batch import lost_columns
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, Effect


def copied(place: Place, table: str) -> Iterator[Finding]:
    """The DROP TABLE for whose sake the copy was made: all that is lost goes with it."""
    if place.is_new(table):
        return
    where, schema = recipes.place_of(table)
    yield place.found(
        "batch-recreates-table",
        f"batch mode copies {table} row by row and drops the original, under its lock",
        table=table,
        effect=Effect(table, ACCESS_EXCLUSIVE, "rewrite"),
        why="triggers, policies and rights go with the original, a serial column begins again at 1, and every index is "
        'built again; PostgreSQL can alter a table in place: recreate="always" is for SQLite',
        replacement=f'with op.batch_alter_table({where}{schema}, recreate="never") as batch:\n    ...',
    )
    if not place.downgrade:
        for column in lost_columns(place.known, table):
            yield from lost_column(place, table, column)
