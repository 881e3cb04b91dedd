"""What cannot go, or change, because something else stands on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, dropped_names
from interlocking.review.rules import recipes
from interlocking.review.rules.existence import is_sure
from interlocking.review.rules.place import CommandRule, Place, Rule
from interlocking.review.schema.dependents import attached_to, of_column, of_function, of_key, of_table, of_type

_TABLES = ("OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW")
_KINDS = (*_TABLES, "OBJECT_FUNCTION", "OBJECT_INDEX", "OBJECT_TYPE", "OBJECT_DOMAIN")
_FEW = 3


def drop(place: Place, node: Node) -> Iterator[Finding]:
    """DROP TABLE, VIEW, TYPE, DOMAIN, FUNCTION, INDEX."""
    kind = node.removeType.name
    if node.behavior.name == "DROP_CASCADE" or kind not in _KINDS:
        return
    names = dropped_names(node)
    for name in names:
        yield from _refused(place, name, _dependents(place, kind, name, names))


def _dependents(place: Place, kind: str, name: str, together: list[str]) -> Iterator[str]:
    known = place.known
    if kind in _TABLES:
        yield from of_table(known, name, together)
    elif kind == "OBJECT_FUNCTION":
        yield from of_function(known, name)
    elif kind == "OBJECT_INDEX":
        yield from _of_index(place, name)
    else:
        yield from of_type(known, name)


def _of_index(place: Place, name: str) -> Iterator[str]:
    index = place.known.indexes.get(name)
    if index and name.rpartition(".")[2] in place.known.table(index.table).constraints:
        yield f"the constraint {name} of {index.table}"
    elif index and index.unique:
        yield from of_key(place.known, index.table, index.columns)


def drop_column(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """DROP COLUMN."""
    if command.behavior.name != "DROP_CASCADE":
        yield from _refused(place, f"{command.name} of {table}", of_column(place.known, table, command.name), table)


def drop_constraint(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """DROP CONSTRAINT of what is unique."""
    found = place.known.table(table).constraints.get(command.name)
    if found and found.kind in ("unique", "primary") and command.behavior.name != "DROP_CASCADE":
        yield from _refused(place, command.name, of_key(place.known, table, found.columns), table)


def _refused(place: Place, what: str, dependents: Iterable[str], table: str = "") -> Iterator[Finding]:
    found = sorted(dict.fromkeys(dependents))
    if found and is_sure(place):
        more = f" and {len(found) - _FEW} more" if len(found) > _FEW else ""
        needs = "need" if len(found) > 1 else "needs"
        yield place.found(
            "drop-refused",
            f"{', '.join(found[:_FEW])}{more} {needs} {what}: PostgreSQL refuses to drop it",
            table=table,
            why="CASCADE would take along what it does not name",
            replacement=recipes.later("drop, or change, first what needs it, each by its name; then this"),
        )


def change_type(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """ALTER COLUMN ... TYPE under a trigger or policy that names the column."""
    for each in attached_to(place.known, table, command.name):
        yield place.found(
            "type-change-under-trigger",
            f"{each} names {command.name}: PostgreSQL refuses to change its type",
            table=table,
            column=command.name,
            replacement=recipes.later(f"drop {each}, change {command.name}, make it again: in one transaction"),
        )


RULES: dict[str, tuple[Rule, ...]] = {"DropStmt": (drop,)}
COMMANDS: dict[str, tuple[CommandRule, ...]] = {
    "AT_DropColumn": (drop_column,),
    "AT_DropConstraint": (drop_constraint,),
    "AT_AlterColumnType": (change_type,),
}
