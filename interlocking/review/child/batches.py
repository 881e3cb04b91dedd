"""Batch mode that copies the table: without `copy_from` Alembic asks the database what the table is like.

Nobody can answer here, so the four statements are taken down with LIKE in the place of the columns, and what the block
changes besides as changes of the table itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from alembic.operations.batch import ApplyBatchImpl
from sqlalchemy import MetaData, Table

if TYPE_CHECKING:
    from alembic.operations.batch import BatchOperationsImpl

OPERATION = "batch_alter_table"
_PLACES = ("insert_before", "insert_after")


def given(batch: BatchOperationsImpl) -> dict[str, str]:
    """Return what the block was given, as an operation keeps it."""
    return {"table_name": str(batch.table_name), **({"schema": str(batch.schema)} if batch.schema else {})}


def statements(batch: BatchOperationsImpl) -> Iterator[str]:
    """Yield what Alembic sends when it copies a table whose columns it knows."""
    quote = batch.dialect.identifier_preparer.format_table
    name = ApplyBatchImpl._calc_temp_name(batch.table_name)  # noqa: SLF001 - a rule of Alembic's, not ours
    old, new = (quote(Table(each, MetaData(), schema=batch.schema)) for each in (batch.table_name, name))
    yield f"CREATE TABLE {new} (LIKE {old} INCLUDING ALL)"
    yield f"INSERT INTO {new} SELECT * FROM {old}"  # noqa: S608 - it is written down, not run
    yield f"DROP TABLE {old}"
    yield f"ALTER TABLE {new} RENAME TO {batch.dialect.identifier_preparer.quote(batch.table_name)}"


def change_in_place(batch: BatchOperationsImpl, flush: Callable[[Any], None]) -> None:
    """Send what the block says as changes of the table; where a column stands makes no difference to anybody."""
    batch.recreate = "never"
    for _, _, options in list.__iter__(batch.batch):
        for each in _PLACES:
            options.pop(each, None)
    flush(batch)
