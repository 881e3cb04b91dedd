"""Rows that are copied from one table to another by one statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, is_a, relation_name, split_name, written
from interlocking.review.rules import recipes
from interlocking.review.rules.data import lock_held, under_lock
from interlocking.review.rules.place import Place, Rule
from interlocking.review.rules.usage import BATCH_TABLE
from interlocking.review.schema.locks import ROW_EXCLUSIVE, Effect
from interlocking.review.schema.sources import read_whole


def copy_rows(place: Place, node: Node) -> Iterator[Finding]:
    """INSERT ... SELECT; batch mode's own copy is another hazard."""
    table = relation_name(node.relation)
    if node.selectStmt is not None and not split_name(table)[1].startswith(BATCH_TABLE):
        sources = read_whole(node.selectStmt, place.known, node.withClause)
        yield from _copied(place, sources, table, _in_batches(place, node), twin=_takes_all(node.selectStmt))


def make_table(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE TABLE ... AS."""
    if node.objtype.name == "OBJECT_TABLE" and is_a(node.query, "SelectStmt") and not node.into.skipData:
        replacement = "# the table first, without rows; then its rows in batches, each a transaction of its own"
        sources = read_whole(node.query, place.known)
        yield from _copied(place, sources, relation_name(node.into.rel), replacement, makes=True)


def _takes_all(query: Node) -> bool:
    """`SELECT * FROM ...`: the target has the same columns, and is to take the place of the source."""
    targets = [each.val for each in query.targetList or ()]
    return len(targets) == 1 and is_a(targets[0], "ColumnRef") and is_a(targets[0].fields[-1], "A_Star")


def _copied(
    place: Place, read: Iterable[str], table: str, replacement: str, *, makes: bool = False, twin: bool = False
) -> Iterator[Finding]:
    sources = sorted((each for each in read if not place.is_new(each)), key=place.is_small)
    if not sources:
        return
    holder = lock_held(place)
    if holder:
        yield under_lock(
            place, table, holder, f"rows are copied to {table}", recipes.later("in a revision of its own, in batches")
        )
        return
    new = makes or place.is_new(table)
    missed = "what is written to it meanwhile is missing from its twin; " if new and twin else ""
    yield place.found(
        "whole-table-copy",
        f"the rows of {', '.join(sources)} are copied to {table} in one statement",
        table=sources[0],
        effect=None if new else Effect(table, ROW_EXCLUSIVE, "rows"),
        severity="info" if new and not twin else None,
        why=f"{missed}one long transaction: VACUUM removes no row that its snapshot may see, replicas fall behind, an "
        "interrupted run starts again from nothing" + ("" if new else "; who writes the same keys waits for its end"),
        replacement=replacement,
    )


def _in_batches(place: Place, node: Node) -> str:
    """Return the loop along a key, where the query is so plain that a condition can be written after it."""
    query = node.selectStmt
    source = query.fromClause[0] if query.fromClause and len(query.fromClause) == 1 else None
    key = _key_of(place, relation_name(source)) if is_a(source, "RangeVar") else ""
    more = (query.whereClause, query.groupClause, query.havingClause, query.sortClause, query.distinctClause)
    if not key or any(each is not None for each in (*more, query.lockingClause, node.onConflictClause, query.larg)):
        return "# in batches along the primary key of the table that is read, each a transaction of its own"
    name = recipes.sql_name(relation_name(source))
    last = recipes.quoted(f"SELECT max({key}) FROM {name}")
    text = recipes.quoted(f"{written(node)} WHERE {key} >= {{first}} AND {key} < {{first + 1000}}")
    return recipes.block(
        f"last = op.get_bind().exec_driver_sql({last}).scalar() or 0",
        "for first in range(0, last + 1, 1000):",
        f"    op.execute(f{text})",
    )


def _key_of(place: Place, table: str) -> str:
    """Return the one column of a primary key that is a whole number; empty when there is none."""
    columns = place.known.table(table).primary_key
    kind = place.known.column(table, columns[0]).type if len(columns) == 1 else None
    return recipes.sql_name(columns[0]) if kind and kind.name in _WHOLE else ""


_WHOLE = ("integer", "bigint", "smallint", "serial", "bigserial", "smallserial")

RULES: dict[str, tuple[Rule, ...]] = {
    "InsertStmt": (copy_rows,),
    "CreateTableAsStmt": (make_table,),
}
