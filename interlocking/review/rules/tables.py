"""Whole tables: emptied, moved, rewritten, locked."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, option, relation_name, split_name
from interlocking.review.rules import recipes
from interlocking.review.rules.place import CommandRule, Place, Rule
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, Effect


def truncate(place: Place, node: Node) -> Iterator[Finding]:
    """TRUNCATE."""
    cascade = node.behavior.name == "DROP_CASCADE"
    for each in node.relations:
        table = relation_name(each)
        if place.is_new(table) and not cascade:
            continue
        more = ", and so do the rows of every table that points to it" if cascade else ""
        yield place.found(
            "truncate",
            f"all rows of {table} go{more}",
            table=table,
            effect=Effect(table, ACCESS_EXCLUSIVE),
            severity="error",
            why="readers wait as well, and no downgrade brings the rows back",
            replacement="\n".join(
                (
                    f"# delete in batches, each a transaction of its own, after a backup of {table}",
                    recipes.delete_in_batches(table),
                )
            ),
        )


def storage(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """SET TABLESPACE, SET LOGGED, SET UNLOGGED, SET ACCESS METHOD."""
    what = {
        "AT_SetTableSpace": f"SET TABLESPACE {command.name}",
        "AT_SetLogged": "SET LOGGED",
        "AT_SetUnLogged": "SET UNLOGGED",
        "AT_SetAccessMethod": f"SET ACCESS METHOD {command.name}",
    }[command.subtype.name]
    if not place.is_new(table):
        yield place.found(
            "table-storage-rewrite",
            f"{what} writes {table} again while nobody can read it",
            table=table,
            effect=Effect(table, ACCESS_EXCLUSIVE, "rewrite"),
            replacement=f"# a new table with {what.lower()}, filled by backfill(), that takes the place of {table}",
        )


def move_all(place: Place, node: Node) -> Iterator[Finding]:
    """ALTER TABLE ALL IN TABLESPACE."""
    if node.objtype.name in ("OBJECT_TABLE", "OBJECT_MATVIEW"):
        yield place.found(
            "table-storage-rewrite",
            f"every table in {node.orig_tablespacename} is written again in {node.new_tablespacename}, "
            "and all of them stay locked until the last is done",
            replacement="# a new table elsewhere, filled by backfill(), in the place of each",
        )


def vacuum(place: Place, node: Node) -> Iterator[Finding]:
    """VACUUM FULL."""
    if not node.is_vacuumcmd:
        return
    if place.in_transaction:
        yield place.found(
            "concurrently-in-transaction",
            "VACUUM cannot run inside a transaction: the revision fails",
            replacement=recipes.block(recipes.execute("VACUUM ...")),
        )
    if option(node.options, "full"):
        tables = [relation_name(each.relation) for each in node.rels or ()]
        yield from (_stops(place, "VACUUM FULL", table) for table in tables if not place.is_new(table))
        if not node.rels:
            yield _stops(place, "VACUUM FULL", "every table")


def alone(place: Place, node: Node) -> Iterator[Finding]:
    """What has to be outside a transaction, whatever it is called with."""
    what = _ALONE[type(node).__name__]
    if place.in_transaction:
        yield place.found(
            "concurrently-in-transaction",
            f"{what} cannot run inside a transaction: the revision fails",
            replacement=recipes.block(recipes.execute(place.statement.sql)),
        )


_ALONE = {
    "AlterSystemStmt": "ALTER SYSTEM",
    "CreatedbStmt": "CREATE DATABASE",
    "CreateTableSpaceStmt": "CREATE TABLESPACE",
    "DropTableSpaceStmt": "DROP TABLESPACE",
}


def cluster(place: Place, node: Node) -> Iterator[Finding]:
    """CLUSTER, and REPACK of PostgreSQL 19."""
    table = relation_name(node.relation) if node.relation else "every table"
    if not place.is_new(table):
        yield _stops(place, "CLUSTER", table)


def _stops(place: Place, what: str, table: str) -> Finding:
    return place.found(
        "table-rewrite-command",
        f"{what} writes {table} again while nobody can read it",
        table=table,
        effect=Effect(table, ACCESS_EXCLUSIVE, "rewrite"),
        why="pg_repack does the same beside the running application",
        replacement=f"# from a shell: pg_repack --table={split_name(table)[1]}",
    )


def lock(place: Place, node: Node) -> Iterator[Finding]:
    """LOCK TABLE."""
    for each in node.relations:
        table = relation_name(each)
        effects = [effect for effect in place.effects if effect.table == table]
        if effects and effects[0].strong:
            yield place.found(
                "lock-table",
                f"{table} stays locked ({effects[0].mode}) until the transaction ends",
                table=table,
                effect=effects[0],
                why="each statement takes the lock it needs by itself",
            )


_STORAGE = ("AT_SetTableSpace", "AT_SetLogged", "AT_SetUnLogged", "AT_SetAccessMethod")

RULES: dict[str, tuple[Rule, ...]] = {
    "TruncateStmt": (truncate,),
    "AlterTableMoveAllStmt": (move_all,),
    "VacuumStmt": (vacuum,),
    **dict.fromkeys(_ALONE, (alone,)),
    "ClusterStmt": (cluster,),
    "RepackStmt": (cluster,),
    "LockStmt": (lock,),
}
COMMANDS: dict[str, tuple[CommandRule, ...]] = dict.fromkeys(_STORAGE, (storage,))
