"""What the statements of one transaction do to each other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, relation_name
from interlocking.review.rules import recipes
from interlocking.review.rules.place import Place, Rule
from interlocking.review.rules.steps import gone_through
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, Effect

_DATA = ("UpdateStmt", "DeleteStmt", "InsertStmt", "MergeStmt")
_MANY_TABLES = 3
_LONGEST_WAIT = 30_000
_DURATION = re.compile(r"\s*([\d.]+)\s*(us|ms|s|min|h|d|)\s*")
_MILLISECONDS = {"us": 0.001, "ms": 1, "": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


def long_work(place: Place, node: Node) -> Iterator[Finding]:
    """A scan, build or rewrite while an earlier statement's ACCESS EXCLUSIVE lock is held."""
    if type(node).__name__ in _DATA:
        return
    for effect in place.effects:
        if effect.work not in ("scan", "build", "rewrite"):
            continue
        earlier = next((each for each in place.transaction.brief.values() if _hurts(place, each, effect)), None)
        if earlier is None or place.is_small(effect.table) or _is_validation(place, node):
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


def _hurts(place: Place, held: Effect, effect: Effect) -> bool:
    """Say whether readers of another table, or of this one while they could go on, wait for the work."""
    same = effect.mode == ACCESS_EXCLUSIVE and held.table == effect.table
    return not same and not place.is_small(held.table)


def _is_validation(place: Place, node: Node) -> bool:
    """VALIDATE after its own ADD has a rule of its own."""
    names = (each.name for each in getattr(node, "cmds", None) or () if each.subtype.name == "AT_ValidateConstraint")
    return any((relation_name(node.relation), name) in place.transaction.added for name in names)


def several_tables(place: Place, node: Node) -> Iterator[Finding]:
    """A strong lock on another table than those locked before."""
    revision = place.statement.revision
    if type(node).__name__ in _DATA or (revision in place.transaction.spread and not place.context.guarded):
        return  # once a transaction is enough, and again where it gets too much for the guard
    strong = {effect.table for effect in place.effects if effect.strong and not place.is_small(effect.table)}
    earlier = {each for each in place.transaction.locked.get(revision, ()) if not place.is_small(each)}
    strong, earlier = strong - place.made.dropped, earlier - place.made.dropped  # nobody waits for what is gone
    fresh = strong - earlier
    if not fresh or not earlier or (_is_quick_key(node) and {relation_name(node.relation)} == earlier):
        return
    tables = sorted(earlier | strong)
    too_many = place.context.guarded and len(earlier) <= _MANY_TABLES < len(tables)
    if revision in place.transaction.spread and not too_many:
        return
    effect = next(each for each in place.effects if each.table in fresh and each.strong)
    guarded = place.context.guarded and len(tables) <= _MANY_TABLES
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


def several_scans(place: Place, node: Node) -> Iterator[Finding]:
    """One table read or written by several ALTER TABLE of a transaction."""
    effect = gone_through(node, place.effects)
    if effect and effect.table in place.transaction.gone_through:
        yield place.found(
            "several-scans",
            f"{effect.table} is gone through once more: one ALTER TABLE with all the changes does it once",
            table=effect.table,
            effect=effect,
        )


def control(place: Place, node: Node) -> Iterator[Finding]:
    """BEGIN, COMMIT, ROLLBACK and their kin."""
    kind = node.kind.name.removeprefix("TRANS_STMT_")
    if kind in ("SAVEPOINT", "RELEASE", "ROLLBACK_TO") or place.statement.operation.name == "begin_transaction":
        return
    kept = place.context.guarded or place.context.env_commits
    lost = place.statement.operation.name == "connection" and (kind == "ROLLBACK" or not kept)
    yield place.found(
        "transaction-control",
        _LOST[kind]
        if lost
        else f"{kind} inside a revision: what went before and Alembic's own version row are no longer one transaction",
        why="the upgrade says that it succeeded"
        if lost
        else "a failure after it leaves the revision half applied and not recorded",
        replacement=recipes.block("pass  # the statements that need transactions of their own"),
    )


_LOST = {
    "COMMIT": "commit() ends the transaction that Alembic began: what follows, and the version row, are rolled back",
    "ROLLBACK": "rollback() takes back what went before in the transaction that Alembic began",
}


def no_timeout(place: Place, _node: Node) -> Iterator[Finding]:
    """A strong lock that nothing limits the wait for."""
    wait = _wait(place)
    limited = place.context.has_lock_timeout if wait is None else 0 < wait <= _LONGEST_WAIT
    if limited or place.downgrade:
        return
    strong = [each for each in place.effects if each.strong]
    if strong and not any(place.before.locked.values()):
        yield place.found(
            "no-lock-timeout",
            f"while this waits for its lock on {strong[0].table}, every later query on it waits as well"
            + ("" if wait is None else f": lock_timeout was set to {_words(wait)}"),
            table=strong[0].table,
            effect=strong[0],
            severity=None if wait is None else "warning",
            why="Interlocking's guard in env.py waits briefly and tries again",
            replacement=recipes.execute("SET LOCAL lock_timeout = '500ms'"),
        )


def _wait(place: Place) -> int | None:
    """Return the milliseconds that the revision itself allows a lock to be waited for; 0 is for ever."""
    said = [step.node for step in place.before.settings if step.node.name == "lock_timeout"]
    value = said[-1].args[0].val if said and said[-1].args else None
    text = str(getattr(value, "sval", None) or getattr(value, "ival", ""))
    found = _DURATION.fullmatch(text)
    return int(float(found[1]) * _MILLISECONDS[found[2]]) if found else None


def _words(wait: int) -> str:
    return f"{wait / 1000:g} s" if wait else "0, which is for ever"


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
