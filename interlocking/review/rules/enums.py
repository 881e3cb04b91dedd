"""Enums: new values, and what is done with them."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, dotted, is_a, walk
from interlocking.review.rules import recipes
from interlocking.review.rules.place import Place, Rule
from interlocking.review.rules.steps import Steps

_IN_TRANSACTION_SINCE = 12
_OF_A_NEW_TYPE_SINCE = 18


def add_value(place: Place, node: Node) -> Iterator[Finding]:
    """ALTER TYPE ... ADD VALUE."""
    name = dotted(node.typeName)
    known = place.known.enums.get(name)
    if node.oldVal or (known and known.made_by in place.release and known.made_by):
        return
    if place.context.server_version < _IN_TRANSACTION_SINCE and place.in_transaction:
        yield place.found(
            "concurrently-in-transaction",
            "before PostgreSQL 12, ADD VALUE cannot run inside a transaction",
            replacement=recipes.block(recipes.execute(place.statement.sql)),
        )
    if not node.newValNeighbor and not place.downgrade:
        yield place.found(
            "enum-value-without-position",
            f"{node.newVal} sorts after all other values of {name}",
            replacement=recipes.execute(
                f"{place.statement.sql} AFTER '{known.labels[-1] if known and known.labels else '...'}'"
            ),
        )
    if not place.downgrade:
        yield place.found(
            "enum-value-stays",
            f"no statement takes {node.newVal} out of {name} again: let the downgrade say so",
            why="an upgrade after that downgrade needs IF NOT EXISTS",
        )


def new_enum(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE TYPE ... AS ENUM."""
    if not place.downgrade:
        yield place.found(
            "new-enum", f"values can be added to {dotted(node.typeName)}, but neither removed nor put in another order"
        )


def use_of_new_value(place: Place, node: Node) -> Iterator[Finding]:
    """Any statement that names a value added earlier in its transaction."""
    added = {**_unusable(place, place.joined), **_unusable(place, place.transaction)}
    if not added:
        return
    for value in sorted(_texts(node, place) & added.keys()):
        yield place.found(
            "enum-value-used-at-once",
            f"{value} was added to {added[value]} in this transaction: PostgreSQL refuses to use it before the commit",
            why=_unsafe(place),
            replacement=recipes.block(
                recipes.execute(f"ALTER TYPE {recipes.sql_name(added[value])} ADD VALUE IF NOT EXISTS '{value}'")
            ),
        )


def _unsafe(place: Place) -> str:
    one = place.context.transaction_mode in ("one", "unknown")
    more = ": with env.py's one transaction, a revision of its own does not help" if one else ""
    return f'"unsafe use of new value", says the server{more}'


def _unusable(place: Place, steps: Steps) -> dict[str, str]:
    """Return the values that were added, each with its type; where that is as new, later servers let it be used."""
    lenient = place.context.server_version >= _OF_A_NEW_TYPE_SINCE
    return {value: name for value, name in steps.values.items() if not (lenient and name in steps.enums)}


def _texts(node: Node, place: Place) -> set[str]:
    if is_a(node, "AlterEnumStmt", "CommentStmt"):
        return set()
    found = {each.val.sval for each in walk(node) if is_a(each, "A_Const") and is_a(each.val, "String")}
    return found | {each.strip("'\"") for each in place.statement.parameters}


RULES: dict[str, tuple[Rule, ...]] = {
    "AlterEnumStmt": (add_value,),
    "CreateEnumStmt": (new_enum,),
    "*": (use_of_new_value,),
}
