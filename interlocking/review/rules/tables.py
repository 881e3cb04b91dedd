"""Whole tables: emptied, moved, rewritten, partitioned, locked, guarded by triggers and policies."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.burdens import check_proves_partition
from interlocking.review.locks import ACCESS_EXCLUSIVE, EXCLUSIVE, SHARE_ROW_EXCLUSIVE, Effect
from interlocking.review.model import Finding
from interlocking.review.nodes import Node, option, relation_name, split_name, written
from interlocking.review.rules import recipes
from interlocking.review.rules.place import CommandRule, Place, Rule

_DETACH_CONCURRENTLY = 14


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
                    recipes.block(
                        recipes.execute(
                            f"DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} LIMIT 1000))"
                        )
                    ),
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


def attach(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """ATTACH PARTITION."""
    part = relation_name(command.def_.name)
    proved = check_proves_partition(place.known.table(part), place.known.table(table))
    if place.is_new(part) or proved:
        return
    yield place.found(
        "attach-partition",
        f"every row of {part} is tested against its bounds while nobody can read it",
        table=part,
        effect=Effect(part, ACCESS_EXCLUSIVE, "scan"),
        why="a validated CHECK with the same bounds (and NOT NULL) proves it without a scan",
        replacement="\n".join(
            (
                recipes.check(part, f"{split_name(part)[1]}_bounds", _bounds(place, table, command)),
                "# then, in a third, this ATTACH; and drop the CHECK",
            )
        ),
    )


def _bounds(place: Place, table: str, command: Node) -> str:
    """Return a range of one column as a condition; other bounds are left to the reader."""
    key, bound = sorted(place.known.table(table).partition_key), command.def_.bound
    if len(key) != 1 or not bound.lowerdatums or not bound.upperdatums:
        return "true  -- the bounds, as a condition"
    column = recipes.sql_name(key[0])
    return f"{column} >= {written(bound.lowerdatums[0])} AND {column} < {written(bound.upperdatums[0])}"


def detach(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """DETACH PARTITION."""
    part = relation_name(command.def_.name)
    statement = f"ALTER TABLE {recipes.sql_name(table)} DETACH PARTITION {recipes.sql_name(part)} CONCURRENTLY"
    replacement = recipes.block(recipes.execute(statement))
    if command.def_.concurrent and place.in_transaction:
        yield place.found(
            "concurrently-in-transaction",
            "DETACH PARTITION CONCURRENTLY cannot run inside a transaction: the revision fails",
            table=table,
            replacement=replacement,
        )
    if not command.def_.concurrent and not place.is_new(table) and not place.is_new(part):
        since = place.context.server_version >= _DETACH_CONCURRENTLY
        yield place.found(
            "detach-partition",
            f"{table} and {part} are locked against reads and writes until the transaction ends",
            table=table,
            effect=Effect(table, ACCESS_EXCLUSIVE),
            why="CONCURRENTLY, since PostgreSQL 14, lets everybody go on",
            replacement=replacement if since else "",
        )


def refresh(place: Place, node: Node) -> Iterator[Finding]:
    """REFRESH MATERIALIZED VIEW."""
    name = relation_name(node.relation)
    if place.is_new(name) or node.concurrent or node.skipData:
        return
    yield place.found(
        "refresh-materialized-view",
        f"nobody can read {name} while it is computed",
        table=name,
        effect=Effect(name, ACCESS_EXCLUSIVE, "rewrite"),
        why=f"CONCURRENTLY lets readers go on ({EXCLUSIVE} lock); it needs a unique index on the view",
        replacement=recipes.execute(f"REFRESH MATERIALIZED VIEW CONCURRENTLY {recipes.sql_name(name)}"),
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


def create_trigger(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE TRIGGER."""
    table = relation_name(node.relation)
    if not place.is_new(table):
        yield place.found(
            "trigger",
            f"nobody can write to {table} from here to the end of the transaction",
            table=table,
            effect=Effect(table, SHARE_ROW_EXCLUSIVE),
            why="and every later write pays for the trigger",
            replacement=recipes.later("in a revision of its own, with nothing after it"),
        )


def switch_trigger(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """DISABLE TRIGGER and ENABLE TRIGGER."""
    if place.is_new(table):
        return
    if "Disable" in command.subtype.name:
        yield place.found(
            "trigger-disabled",
            f"writes to {table}, also those of the application, pass without {command.name or 'their triggers'}",
            table=table,
            effect=Effect(table, SHARE_ROW_EXCLUSIVE),
            why="ALL and the system's triggers include the checks of foreign keys",
        )
    else:
        yield place.found(
            "trigger",
            f"nobody can write to {table} from here to the end of the transaction",
            table=table,
            effect=Effect(table, SHARE_ROW_EXCLUSIVE),
            severity="info",
        )


def switch_checks(place: Place, node: Node) -> Iterator[Finding]:
    """SET session_replication_role."""
    values = [getattr(getattr(each, "val", None), "sval", "") for each in node.args or ()]
    if node.name == "session_replication_role" and "replica" in values:
        yield place.found(
            "trigger-disabled",
            "the writes of this session pass without triggers and without the checks of foreign keys",
            why="rows that break a key stay broken: nothing looks at them again",
        )


def row_security(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """ENABLE and DISABLE ROW LEVEL SECURITY."""
    if place.is_new(table) or command.subtype.name == "AT_NoForceRowSecurity":
        return
    if command.subtype.name == "AT_DisableRowSecurity":
        message, why = f"every role sees every row of {table} from now on", "policies stay, but nobody applies them"
    elif place.known.table(table).policies:
        return
    else:
        message = f"{table} has no policy yet: the application's role sees no row of it"
        why = "unless that role owns the table, and FORCE is not set"
    yield place.found(
        "row-security",
        message,
        table=table,
        why=why,
        effect=Effect(table, ACCESS_EXCLUSIVE),
        replacement="\n".join(
            (
                recipes.execute(f"CREATE POLICY {split_name(table)[1]}_all ON {recipes.sql_name(table)} USING (true)"),
                recipes.execute(f"ALTER TABLE {recipes.sql_name(table)} ENABLE ROW LEVEL SECURITY"),
            )
        ),
    )


def policy(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE POLICY: a restrictive one hides rows."""
    table = relation_name(node.table)
    if not node.permissive and not place.is_new(table):
        yield place.found(
            "row-security",
            f"the restrictive policy {node.policy_name} hides rows of {table} that were visible",
            table=table,
            effect=Effect(table, ACCESS_EXCLUSIVE),
        )


def grants(place: Place, node: Node) -> Iterator[Finding]:
    """REVOKE, and GRANT to everybody."""
    names = [relation_name(each) for each in node.objects or () if hasattr(each, "relname")]
    if names and all(map(place.is_new, names)):
        return
    if not node.is_grant:
        yield place.found(
            "privileges",
            f"rights on {', '.join(names) or 'an object'} are taken away: statements that need them fail at once",
            table=names[0] if names else "",
            why="for the running application too, if its role, or PUBLIC, is among those named",
        )
    elif any(each.roletype.name == "ROLESPEC_PUBLIC" for each in node.grantees or ()) or not node.privileges:
        yield place.found(
            "privileges",
            f"more rights on {', '.join(names) or 'an object'} than one application needs",
            table=names[0] if names else "",
            severity="info",
        )


_STORAGE = ("AT_SetTableSpace", "AT_SetLogged", "AT_SetUnLogged", "AT_SetAccessMethod")
_SECURITY = ("AT_EnableRowSecurity", "AT_DisableRowSecurity", "AT_ForceRowSecurity")
_SWITCHES = ("Disable", "Enable", "EnableAlways", "EnableReplica")
_TRIGGERS = tuple(f"AT_{switch}Trig{which}" for switch in _SWITCHES for which in ("", "All", "User"))

RULES: dict[str, tuple[Rule, ...]] = {
    "TruncateStmt": (truncate,),
    "VacuumStmt": (vacuum,),
    "ClusterStmt": (cluster,),
    "RepackStmt": (cluster,),
    "RefreshMatViewStmt": (refresh,),
    "LockStmt": (lock,),
    "CreateTrigStmt": (create_trigger,),
    "CreatePolicyStmt": (policy,),
    "VariableSetStmt": (switch_checks,),
    "GrantStmt": (grants,),
}
COMMANDS: dict[str, tuple[CommandRule, ...]] = {
    "AT_AttachPartition": (attach,),
    "AT_DetachPartition": (detach,),
    **dict.fromkeys(_STORAGE, (storage,)),
    **dict.fromkeys(_SECURITY, (row_security,)),
    **dict.fromkeys(_TRIGGERS, (switch_trigger,)),
}
