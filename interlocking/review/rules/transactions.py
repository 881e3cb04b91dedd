"""What the statements of one transaction do to each other."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.locks import ACCESS_EXCLUSIVE, Effect
from interlocking.review.model import Finding
from interlocking.review.nodes import Node, relation_name
from interlocking.review.rules import recipes
from interlocking.review.rules.place import Place, Rule

_DATA = ("UpdateStmt", "DeleteStmt", "InsertStmt")
_MANY_TABLES = 3


def long_work(place: Place, node: Node) -> Iterator[Finding]:
    """A scan, build or rewrite while an earlier statement's ACCESS EXCLUSIVE lock is held."""
    if type(node).__name__ in _DATA:
        return
    held = [
        effect
        for step in place.transaction
        for effect in step.effects
        if effect.mode == ACCESS_EXCLUSIVE and not effect.long and not place.is_small(effect.table)
    ]
    for effect in place.effects:
        earlier = next(
            (each for each in held if not (effect.mode == ACCESS_EXCLUSIVE and each.table == effect.table)), None
        )
        if effect.work not in ("scan", "build", "rewrite") or place.is_small(effect.table) or earlier is None:
            continue
        if _is_validation(place, node):
            continue
        yield place.found(
            "long-work-under-lock",
            f"nobody can read {earlier.table}, locked earlier in this transaction, while {effect.table} is "
            f"{_DOING[effect.work]}",
            table=earlier.table,
            effect=Effect(earlier.table, ACCESS_EXCLUSIVE, effect.work),
            why="a lock is held to the end of its transaction",
            replacement=recipes.later("put this into a revision of its own"),
        )
        return


_DOING = {"scan": "read row by row", "build": "indexed", "rewrite": "written again"}


def _is_validation(place: Place, node: Node) -> bool:
    """VALIDATE after its own ADD has a rule of its own."""
    names = {each.name for each in getattr(node, "cmds", None) or () if each.subtype.name == "AT_ValidateConstraint"}
    added = {
        command.def_.conname
        for step in place.transaction
        for command in getattr(step.node, "cmds", None) or ()
        if command.subtype.name == "AT_AddConstraint"
    }
    return bool(names & added)


def several_tables(place: Place, node: Node) -> Iterator[Finding]:
    """A strong lock on another table than those locked before."""
    strong = {effect.table for effect in place.effects if effect.strong and not place.is_small(effect.table)}
    earlier = _strong_before(place)
    fresh = strong - earlier
    if _is_quick_key(node) and {relation_name(node.relation)} == earlier:
        return
    if not fresh or not earlier or type(node).__name__ in _DATA or _said(place, earlier):
        return
    tables = sorted(earlier | strong)
    effect = next(each for each in place.effects if each.table in fresh and each.strong)
    guarded = place.context.transaction_mode == "guard" and len(tables) <= _MANY_TABLES
    yield place.found(
        "several-tables-locked",
        f"{', '.join(tables)} stay locked together until the transaction ends",
        table=effect.table,
        effect=effect,
        severity="info" if guarded else None,
        why="the application may lock them in another order, which deadlocks; and each waits for all that follows",
        replacement=recipes.later("one revision a table"),
    )


def _is_quick_key(node: Node) -> bool:
    """A foreign key that is not validated: it locks both its tables anyway, and not for long."""
    commands = getattr(node, "cmds", None) or ()
    return bool(commands) and all(
        each.subtype.name == "AT_AddConstraint" and each.def_.skip_validation and each.def_.pktable for each in commands
    )


def _strong_before(place: Place) -> set[str]:
    revision = place.statement.revision
    steps = (step for step in place.transaction if step.statement.revision == revision)
    return {e.table for step in steps for e in step.effects if e.strong and not place.is_small(e.table)}


def _said(place: Place, earlier: set[str]) -> bool:
    """Once a transaction is enough: the first statement already locked two, or an earlier one was reported."""
    revision = place.statement.revision
    sets = [{e.table for e in s.effects if e.strong} for s in place.transaction if s.statement.revision == revision]
    locked: set[str] = set()
    for tables in sets:
        if locked and tables - locked:
            return True
        locked |= tables
    return not earlier


def several_scans(place: Place, _node: Node) -> Iterator[Finding]:
    """One table read or written by several statements of a transaction."""
    works = ("scan", "rewrite")
    earlier = {e.table for step in place.transaction for e in step.effects if e.work in works and e.strong}
    for effect in place.effects:
        if effect.work in works and effect.strong and effect.table in earlier:
            yield place.found(
                "several-scans",
                f"{effect.table} is gone through once more: one ALTER TABLE with all the changes does it once",
                table=effect.table,
                effect=effect,
                replacement=f"# one statement: ALTER TABLE {effect.table} <first change>, <second change>",
            )
            return


def control(place: Place, node: Node) -> Iterator[Finding]:
    """BEGIN, COMMIT, ROLLBACK and their kin."""
    kind = node.kind.name.removeprefix("TRANS_STMT_")
    if kind in ("SAVEPOINT", "RELEASE", "ROLLBACK_TO") or place.statement.operation.name == "begin_transaction":
        return
    yield place.found(
        "transaction-control",
        f"{kind} inside a revision: what went before and Alembic's own version row are no longer one transaction",
        why="a failure after it leaves the revision half applied and not recorded",
        replacement=recipes.block("pass  # the statements that need transactions of their own"),
    )


def no_timeout(place: Place, _node: Node) -> Iterator[Finding]:
    """A strong lock that nothing limits the wait for."""
    if place.context.has_lock_timeout or place.downgrade or any(_limits(step.node) for step in place.before):
        return
    strong = [each for each in place.effects if each.strong]
    said = any(each.strong for step in place.before for each in step.effects)
    if strong and not said:
        yield place.found(
            "no-lock-timeout",
            f"while this waits for its lock on {strong[0].table}, every later query on it waits as well",
            table=strong[0].table,
            effect=strong[0],
            why="Interlocking's guard in env.py waits briefly and tries again",
            replacement=recipes.execute("SET LOCAL lock_timeout = '500ms'"),
        )


def _limits(node: Node) -> bool:
    return type(node).__name__ == "VariableSetStmt" and node.name == "lock_timeout"


def limits_session(node: Node) -> bool:
    """Say whether it is a SET of a timeout that outlives its transaction; 0 switches one off."""
    if type(node).__name__ != "VariableSetStmt" or node.is_local or not node.args:
        return False
    value = getattr(node.args[0], "val", None)
    text = str(getattr(value, "sval", None) or getattr(value, "ival", ""))
    return node.name in ("lock_timeout", "statement_timeout") and text not in ("", "0")


RULES: dict[str, tuple[Rule, ...]] = {
    "TransactionStmt": (control,),
    "*": (long_work, several_tables, several_scans, no_timeout),
}
