"""The table of a backfill in the catalog: its real name, its key, its size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from interlocking.errors import UsageError
from interlocking.upgrade.backfilling.statements import Column, Work

_TABLE = """
SELECT c.oid::bigint, n.nspname, c.relname, c.reltuples::bigint,
       c.relkind IN ('r', 'p') AS is_table
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = to_regclass(%s)
"""
_KEYS = """
SELECT i.indisprimary, array_agg(a.attname::text ORDER BY k.place),
       array_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) ORDER BY k.place), bool_and(a.attnotnull)
FROM pg_catalog.pg_index i
CROSS JOIN LATERAL unnest(i.indkey[:i.indnkeyatts - 1]) WITH ORDINALITY AS k (attnum, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = %s AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
GROUP BY i.indexrelid, i.indisprimary ORDER BY i.indisprimary DESC, i.indexrelid
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that can be cut into batches.

    Args:
        schema: where it is.
        name: its name.
        key: the columns of a unique key without NULL, in the order of its index.
        rows: about how many rows it has, as `ANALYZE` last counted them; None when it never did.
    """

    schema: str
    name: str
    key: tuple[Column, ...]
    rows: int | None


def find_table(connection: Connection, work: Work, key: Sequence[str]) -> Table:
    """Look the table up, as the revision's own transaction sees it.

    Args:
        connection: the revision's.
        work: names the table.
        key: the columns to cut by; empty means the primary key.

    Raises:
        UsageError: there is no such table, or no such key.
    """
    found = connection.exec_driver_sql(_TABLE, (work.quoted_table,)).one_or_none()
    if found is None or not found.is_table:
        raise _no_table(work)
    oid, schema, name, rows, _ = found
    keys = connection.exec_driver_sql(_KEYS, (oid,)).all()
    for is_primary, names, types, not_null in keys:
        if not_null and (set(names) == set(key) if key else is_primary):
            columns = tuple(Column(each, type_) for each, type_ in zip(names, types, strict=True))
            return Table(schema, name, columns, rows if rows > 0 else None)
    raise _no_key(work, key, [names for _, names, _, not_null in keys if not_null])


def _no_table(work: Work) -> UsageError:
    return UsageError(
        f"there is no table {work.name} to backfill",
        code="backfill-without-table",
        why="views and other relations have no key to cut batches by",
        next='write backfill(op, "table", schema="schema", ...)' if "." in work.table else "correct the name",
    )


def _no_key(work: Work, key: Sequence[str], others: Sequence[Sequence[str]]) -> UsageError:
    wanted = f"no unique key ({', '.join(key)}) without NULL" if key else "no primary key"
    choice = f"name the unique key it has: key={list(others[0])}" if others else "give it a primary key first"
    return UsageError(
        f"{work.name} has {wanted}",
        code="backfill-without-key",
        why="batches are cut by a key: without one, nobody can tell which rows are done",
        next=f"{choice}; or write one plain UPDATE if the table is small",
    )
