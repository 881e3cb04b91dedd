"""What stands between the application and the rows: triggers, rules, policies, rights."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding, Severity
from interlocking.review.reading.nodes import Node, dotted, relation_name, split_name
from interlocking.review.rules import recipes
from interlocking.review.rules.place import CommandRule, Place, Rule
from interlocking.review.schema.effects import TRIGGER_COMMANDS
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, SHARE_ROW_EXCLUSIVE, Effect


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


def drop_trigger(place: Place, node: Node) -> Iterator[Finding]:
    """DROP TRIGGER, unless the revision makes it again, or has made it."""
    for table, name in _dropped(place, node, "OBJECT_TRIGGER"):
        if not (place.downgrade or ("CreateTrigStmt", f"{table}.{name}") in place.made.names):
            yield place.found(
                "trigger",
                f"what {name} did for each write to {table} is done by nobody from now on",
                table=table,
                effect=Effect(table, ACCESS_EXCLUSIVE),
                why="the running code may rely on it",
                replacement=recipes.later("in a later release, when no running code needs it"),
            )


def create_rule(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE RULE."""
    table = relation_name(node.relation)
    if not place.is_new(table):
        event = node.event.name.removeprefix("CMD_")
        yield _rewritten(place, table, f"every {event} on {table} is rewritten by {node.rulename} from now on")


def switch_rule(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """ENABLE RULE and DISABLE RULE."""
    if not place.is_new(table):
        on = "Disable" not in command.subtype.name
        said = f"{command.name} {'rewrites' if on else 'no longer rewrites'} the statements on {table} from now on"
        yield _rewritten(place, table, said, severity=None if on else "info")


def drop_rule(place: Place, node: Node) -> Iterator[Finding]:
    """DROP RULE."""
    for table, name in _dropped(place, node, "OBJECT_RULE"):
        yield _rewritten(place, table, f"{name} no longer rewrites the statements on {table}", severity="info")


def _dropped(place: Place, node: Node, kind: str) -> Iterator[tuple[str, str]]:
    """Yield old tables, each with the name of what it loses, when that is of this kind."""
    for each in node.objects if node.removeType.name == kind else ():
        table = dotted(each[:-1])
        if not place.is_new(table):
            yield table, each[-1].sval


def _rewritten(place: Place, table: str, message: str, *, severity: Severity | None = None) -> Finding:
    view = place.known.table(table).kind == "view"
    return place.found(
        "rewrite-rule",
        message,
        table=table,
        effect=None if view else Effect(table, ACCESS_EXCLUSIVE),
        severity="info" if view else severity,
        why="what the running code sends becomes something else: counts of rows, RETURNING and ON CONFLICT break, "
        "MERGE is refused, volatile functions are evaluated twice, and COPY goes past it",
        replacement=f"# a trigger function on {table}, or a partitioned table where rows were to be led elsewhere",
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


def drop_policy(place: Place, node: Node) -> Iterator[Finding]:
    """DROP POLICY, unless the revision makes it again: without one, row level security shows nothing."""
    for table, name in _dropped(place, node, "OBJECT_POLICY"):
        if not (place.downgrade or ("CreatePolicyStmt", f"{table}.{name}") in place.made.names):
            yield place.found(
                "row-security",
                f"the rows of {table} that the policy {name} showed or hid are hidden or shown from now on",
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
    elif _to_everybody(node) or not node.privileges:
        yield place.found(
            "privileges",
            f"more rights on {', '.join(names) or 'an object'} than one application needs",
            table=names[0] if names else "",
            severity=None if _to_everybody(node) and _lets_write(node) else "info",
            why="whoever can connect to the database has what PUBLIC has" if _to_everybody(node) else "",
        )


def default_grants(place: Place, node: Node) -> Iterator[Finding]:
    """ALTER DEFAULT PRIVILEGES ... REVOKE."""
    if not node.action.is_grant:
        yield place.found(
            "privileges",
            "what is made from now on comes without these rights: statements that need them fail on every new table",
            why="for the running application too, if its role, or PUBLIC, is among those named",
        )


def _to_everybody(node: Node) -> bool:
    return any(each.roletype.name == "ROLESPEC_PUBLIC" for each in node.grantees or ())


def _lets_write(node: Node) -> bool:
    """Say whether rows of tables can be changed with these rights; no list of them means all."""
    given = {each.priv_name for each in node.privileges or ()}
    return node.objtype.name == "OBJECT_TABLE" and (not given or bool(given & _WRITING))


_WRITING = {"insert", "update", "delete", "truncate"}


def change_owner(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """OWNER TO."""
    if not place.is_new(table):
        yield place.found(
            "privileges",
            f"{table} goes to {command.newowner.rolename or 'another role'}: who owned it may do only what was granted",
            table=table,
            effect=Effect(table, ACCESS_EXCLUSIVE),
            why="the running application too, if it connects as the old owner; and policies do not bind an owner",
        )


_SECURITY = ("AT_EnableRowSecurity", "AT_DisableRowSecurity", "AT_ForceRowSecurity")
_SWITCHES = ("Disable", "Enable", "EnableAlways", "EnableReplica")
_RULES = tuple(f"AT_{switch}Rule" for switch in _SWITCHES)

RULES: dict[str, tuple[Rule, ...]] = {
    "CreateTrigStmt": (create_trigger,),
    "RuleStmt": (create_rule,),
    "DropStmt": (drop_rule, drop_trigger, drop_policy),
    "CreatePolicyStmt": (policy,),
    "VariableSetStmt": (switch_checks,),
    "GrantStmt": (grants,),
    "AlterDefaultPrivilegesStmt": (default_grants,),
}
COMMANDS: dict[str, tuple[CommandRule, ...]] = {
    "AT_ChangeOwner": (change_owner,),
    **dict.fromkeys(_SECURITY, (row_security,)),
    **dict.fromkeys(TRIGGER_COMMANDS, (switch_trigger,)),
    **dict.fromkeys(_RULES, (switch_rule,)),
}
