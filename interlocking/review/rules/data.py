"""Rows: updated and deleted by a revision."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, is_a, relation_name, walk, written
from interlocking.review.rules import recipes
from interlocking.review.rules.place import Place, Rule
from interlocking.review.schema.locks import ROW_EXCLUSIVE, Effect
from interlocking.review.schema.selectivity import Share, share_of


def change_rows(place: Place, node: Node) -> Iterator[Finding]:
    """UPDATE and DELETE."""
    table = relation_name(node.relation)
    if place.is_new(table) or place.statement.operation.name == "backfill":
        return
    share = _share(place, node, table)
    if share in ("many", "all"):
        yield from _large(place, node, table)
    elif _looped(place, node, table):
        yield _loop(place, table)


def merge_rows(place: Place, node: Node) -> Iterator[Finding]:
    """MERGE: as many rows as its source brings, unless those are written out."""
    table = relation_name(node.relation)
    source = node.sourceRelation
    listed = is_a(source, "RangeSubselect") and source.subquery.valuesLists
    if not (listed or place.is_new(table) or _limited(node)):
        yield from _large(place, node, table)


def _limited(node: Node) -> bool:
    return any(is_a(each, "SelectStmt") and each.limitCount is not None for each in walk(node))


def _share(place: Place, node: Node, table: str) -> Share:
    """A LIMIT anywhere in the statement makes it a batch."""
    if _limited(node):
        return "batch"
    return share_of(node.whereClause, table, place.known, _fresh(place, table))


def _fresh(place: Place, table: str) -> frozenset[str]:
    columns = place.known.table(table).columns
    return frozenset(n for n, c in columns.items() if c.made_by and c.made_by in place.release and not c.default)


def _large(place: Place, node: Node, table: str) -> Iterator[Finding]:
    holder = lock_held(place)
    if holder:
        apart = recipes.later("in a revision of its own:", _in_batches(node, table))
        yield under_lock(place, table, holder, f"rows of {table} change", apart)
        return
    deletes = type(node).__name__ == "DeleteStmt"
    all_rows = "as many rows as the condition finds" if _condition(node) is not None else "every row"
    yield place.found(
        "whole-table-delete" if deletes else "whole-table-update",
        f"{all_rows} of {table} {'go' if deletes else 'change'} in one statement, "
        "and stay locked until the transaction ends",
        table=table,
        effect=Effect(table, ROW_EXCLUSIVE, "rows"),
        why="who wants to change one of them waits, replicas fall behind, and an interrupted run starts again",
        replacement=_in_batches(node, table),
    )


def _condition(node: Node) -> Node | None:
    return node.joinCondition if is_a(node, "MergeStmt") else node.whereClause


def lock_held(place: Place) -> Effect | None:
    """Return a strong lock on an old table that the transaction holds already."""
    return next((each for each in place.transaction.effects if each.strong and not place.is_small(each.table)), None)


def under_lock(place: Place, table: str, holder: Effect, what: str, replacement: str) -> Finding:
    """Say that rows are touched under a strong lock; `what` happens to them, in words."""
    return place.found(
        "backfill-under-lock",
        f"{what} while this transaction keeps the {holder.mode} lock on {holder.table}",
        table=table,
        effect=Effect(holder.table, holder.mode, "rows"),
        why="a lock is held to the end of its transaction: put the rows into a revision of their own",
        replacement=replacement,
    )


def _in_batches(node: Node, table: str) -> str:
    where = written(_condition(node))
    name, schema = recipes.place_of(table)
    if type(node).__name__ == "UpdateStmt" and not node.fromClause:
        named = (each for each in node.targetList if each.name)
        pairs = ", ".join(f"{recipes.quoted(each.name)}: {recipes.quoted_sql(written(each.val))}" for each in named)
        condition = f", where={recipes.quoted_sql(where)}" if where else ""
        return f"from interlocking.upgrade import backfill\nbackfill(op, {name}, set={{{pairs}}}{condition}{schema})"
    if type(node).__name__ != "DeleteStmt":
        return f"# in batches of some thousand rows along the primary key of {table}, each a transaction of its own"
    return recipes.delete_in_batches(table, where)


def _looped(place: Place, node: Node, table: str) -> bool:
    """A batch of a loop, one of several like it, or one statement for thousands of rows, in one transaction."""
    many = place.statement.rows > place.context.settings.small_rows
    share = _share(place, node, table)
    loop = any(
        each.name == "loop" and each.direction in (place.statement.direction, None) for each in place.reading.facts
    )
    alike = (type(node).__name__, table) in place.transaction.shapes
    return not place.statement.autocommit and (many or (share == "batch" and (loop or alike)))


def _loop(place: Place, table: str) -> Finding:
    return place.found(
        "batches-without-commit",
        f"the batches on {table} are one transaction: every row that they meet stays locked until the last of them",
        table=table,
        effect=Effect(table, ROW_EXCLUSIVE, "rows"),
        why="only a commit after each batch lets others have its rows",
        replacement=recipes.block("pass  # the loop here: each statement commits by itself"),
    )


def assigned_twice(place: Place, node: Node) -> Iterator[Finding]:
    """A column that stands twice in SET or in an INSERT's list."""
    conflict = getattr(node, "onConflictClause", None)
    lists = [getattr(node, "targetList", None), getattr(node, "cols", None), conflict.targetList if conflict else None]
    for targets in lists:
        names = [each.name for each in targets or () if each.name and not each.indirection]
        for name in sorted({each for each in names if names.count(each) > 1}):
            yield place.found(
                "duplicate-assignment",
                f"{name} is given two values: PostgreSQL refuses the statement",
                table=relation_name(node.relation),
                column=name,
            )


RULES: dict[str, tuple[Rule, ...]] = {
    "UpdateStmt": (change_rows, assigned_twice),
    "DeleteStmt": (change_rows,),
    "InsertStmt": (assigned_twice,),
    "MergeStmt": (merge_rows,),
}
