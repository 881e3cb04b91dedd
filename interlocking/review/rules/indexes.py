"""Indexes: built, dropped, replaced and repaired."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, beside, columns_in, dotted, option, relation_name, split_name
from interlocking.review.rules import recipes
from interlocking.review.rules.place import Place, Rule
from interlocking.review.rules.transactions import limits_session
from interlocking.review.rules.uniqueness import key_of_index, possible_duplicates
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, SHARE, Effect
from interlocking.review.schema.objects import Index

_WIDE = 3
_CORRUPTING = range(14_00_00, 14_00_04)


def create_index(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE INDEX."""
    table = relation_name(node.relation)
    if node.concurrent:
        yield from _concurrent(place, node, table)
    taken = _taken(place, node, table)
    if place.is_new(table) or (taken and node.if_not_exists):
        return
    if not node.concurrent:
        yield from _blocking(place, node, table)
    if node.unique:
        yield from possible_duplicates(place, key_of_index(table, node))
    yield from _replaced(place, node, table)
    yield from _habits(place, node, table)


def _concurrent(place: Place, node: Node, table: str) -> Iterator[Finding]:
    if place.in_transaction:
        yield _inside(place, table, recipes.block(recipes.create_index(node)))
    if place.known.table(table).partitioned:
        yield place.found(
            "index-on-partitioned-table",
            f"PostgreSQL cannot build an index CONCURRENTLY on {table}, which is partitioned",
            table=table,
            severity="error",
            replacement=_partitioned(place, node, table),
        )
    if place.known.version_number in _CORRUPTING:
        yield place.found(
            "concurrent-index-corruption",
            "concurrent builds on PostgreSQL 14.0 to 14.3 can leave an index that misses rows",
            table=table,
            why="fixed in 14.4: upgrade the server first, or build it without CONCURRENTLY while writes are stopped",
        )
    if node.if_not_exists and not place.downgrade:
        yield from _kept(place, node, table)


def _inside(place: Place, table: str, replacement: str) -> Finding:
    several = "several statements in one text run as one transaction" if place.statement.autocommit else ""
    return place.found(
        "concurrently-in-transaction",
        "CONCURRENTLY cannot run inside a transaction: the revision fails",
        table=table,
        why=several or "Alembic runs each revision in a transaction, except inside an autocommit_block",
        replacement=replacement,
    )


def _kept(place: Place, node: Node, table: str) -> Iterator[Finding]:
    name = beside(table, node.idxname or "")
    found = place.known.indexes.get(name)
    if name in place.before.gone or place.context.guarded or "indisvalid" in place.reading.source:
        return
    if (found and not found.valid) or (found is None and not place.known.live and not place.is_new(table)):
        known, may_fail = found is not None, _may_fail(place, node, table)
        yield place.found(
            "invalid-index-kept",
            f"{node.idxname} is INVALID: IF NOT EXISTS keeps it, and no query uses it"
            if known
            else f"if an earlier build of {node.idxname} failed, IF NOT EXISTS keeps the INVALID index it left",
            table=table,
            severity="error" if known else None if may_fail else "info",
            why=". ".join(part for part in (may_fail, "an INVALID index costs every write and serves no read") if part),
            replacement=recipes.block(
                recipes.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {recipes.sql_name(name)}"),
                recipes.create_index(node),
            ),
        )


def _may_fail(place: Place, node: Node, table: str) -> str:
    """Return what can end the build half-way, besides somebody who does it by hand; empty for nothing in sight."""
    if node.unique and any(possible_duplicates(place, key_of_index(table, node))):
        return "the first duplicate ends the build"
    limits = place.context.has_lock_timeout or any(limits_session(step.node) for step in place.before.settings)
    return "a timeout of the session ends the build while it waits for older transactions" if limits else ""


def _taken(place: Place, node: Node, table: str) -> Index | None:
    """Return the index that has the name already, unless a failed build left it."""
    found = place.known.indexes.get(beside(table, node.idxname or ""))
    return found if found and found.valid else None


def _blocking(place: Place, node: Node, table: str) -> Iterator[Finding]:
    partitioned = place.known.table(table).partitioned
    if partitioned and not node.relation.inh:
        return
    effect = Effect(table, SHARE, "build")
    if partitioned:
        yield place.found(
            "index-on-partitioned-table",
            f"the index is built on every partition of {table} while nobody can write to any of them",
            table=table,
            effect=effect,
            replacement=_partitioned(place, node, table),
        )
        return
    hidden = " (Alembic adds it for index=True or unique=True)" if place.statement.implicit else ""
    yield place.found(
        "index-not-concurrent",
        f"nobody can write to {table} while the index {node.idxname or ''} is built{hidden}".replace("  ", " "),
        table=table,
        effect=effect,
        why="inserts, updates and deletes wait for the whole build",
        replacement=recipes.block(recipes.create_index(node)),
    )


def _partitioned(place: Place, node: Node, table: str) -> str:
    name = node.idxname or f"ix_{split_name(table)[1]}"
    columns = ", ".join(each.name or "..." for each in node.indexParams)
    target = recipes.sql_name(table)
    parts = place.known.partitions(table) or ["each_partition"]
    lines = [recipes.execute(f"CREATE INDEX {name} ON ONLY {target} ({columns})")]
    builds = [
        recipes.execute(
            f"CREATE INDEX CONCURRENTLY {split_name(part)[1]}_{name} ON {recipes.sql_name(part)} ({columns})"
        )
        for part in parts
    ]
    attached = [recipes.execute(f"ALTER INDEX {name} ATTACH PARTITION {split_name(part)[1]}_{name}") for part in parts]
    return "\n".join((*lines, recipes.block(*builds), *attached))


def _replaced(place: Place, node: Node, table: str) -> Iterator[Finding]:
    """An index dropped earlier in this revision that served the same leading column, or an expression on it."""
    first = node.indexParams[0].name or ""
    inside = columns_in(node.indexParams[0].expr)
    for step, name, old in place.before.drops_on(table):
        apart = step.statement.autocommit or place.statement.autocommit
        if apart and old.valid and old.columns[:1] == (first,) and (first or old.inside & inside):
            yield place.found(
                "index-replaced-too-early",
                f"between the drop of {name} and the end of this build no index serves {first or 'the expression'}",
                table=table,
                why="every query that used it reads the whole table meanwhile",
                replacement=later_drop(node, name, table),
            )


def later_drop(node: Node, name: str, table: str) -> str:
    """Return the order that never leaves the queries alone; an index of the same name gets it at the end."""
    if name != beside(table, node.idxname or ""):
        return recipes.block(recipes.create_index(node), recipes.drop_index(name, table))
    new = f"{node.idxname}_new"
    renamed = f"ALTER INDEX {recipes.sql_name(beside(table, new))} RENAME TO {recipes.sql_name(node.idxname)}"
    built = recipes.create_index(node).replace(recipes.quoted(node.idxname), recipes.quoted(new), 1)
    return "\n".join((recipes.block(built, recipes.drop_index(name, table)), recipes.execute(renamed)))


def _habits(place: Place, node: Node, table: str) -> Iterator[Finding]:
    if len(node.indexParams) > _WIDE and not node.unique:
        yield place.found(
            "index-too-wide",
            f"an index on {len(node.indexParams)} columns rarely serves more than its first two or three",
            table=table,
        )
    if node.accessMethod == "hash":
        yield place.found("hash-index", "a hash index serves only equality; btree serves that too", table=table)


def drop_index(place: Place, node: Node) -> Iterator[Finding]:
    """DROP INDEX."""
    if node.removeType.name != "OBJECT_INDEX":
        return
    for each in node.objects:
        name = dotted(each)
        index = place.known.indexes.get(name)
        table = index.table if index else str(place.statement.operation.options.get("table_name") or "")
        replacement = recipes.block(recipes.drop_index(name, table))
        if node.concurrent and place.in_transaction:
            yield _inside(place, table, replacement)
        new = place.is_new(table) or (index is not None and index.made_by in place.release and not place.downgrade)
        if node.concurrent or new or table in place.made.dropped or (index is None and place.known.live):
            continue
        yield place.found(
            "drop-index-not-concurrent",
            f"the drop of {name} locks {table or 'its table'} against reads and writes until the transaction ends",
            table=table,
            effect=Effect(table or name, ACCESS_EXCLUSIVE),
            why="it is short, but queues behind every open transaction on the table, and everybody queues behind it",
            replacement=replacement,
        )


def reindex(place: Place, node: Node) -> Iterator[Finding]:
    """REINDEX."""
    name = relation_name(node.relation) if node.relation else node.name or "the database"
    index = place.known.indexes.get(name)
    table = index.table if index else name
    concurrently = option(node.params, "concurrently")
    what = node.kind.name.removeprefix("REINDEX_OBJECT_")
    replacement = recipes.block(recipes.execute(f"REINDEX {what} CONCURRENTLY {recipes.sql_name(name)}"))
    whole = what in ("SCHEMA", "SYSTEM", "DATABASE")
    if (concurrently or whole) and place.in_transaction:
        yield _inside(place, table, replacement)
    if not concurrently and not place.is_new(table):
        yield place.found(
            "reindex-not-concurrent",
            f"nobody can write to {table}, nor read through the index, while it is built again",
            table=table,
            effect=Effect(table, SHARE, "build"),
            replacement=replacement,
        )


RULES: dict[str, tuple[Rule, ...]] = {
    "IndexStmt": (create_index,),
    "DropStmt": (drop_index,),
    "ReindexStmt": (reindex,),
}
