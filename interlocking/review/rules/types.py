"""Changes of a column's type or collation, and choices of types."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, constraint_kind, relation_name, written
from interlocking.review.rules import recipes
from interlocking.review.rules.place import CommandRule, Place, Rule
from interlocking.review.rules.views import view_again, view_gone
from interlocking.review.schema.batch import is_copy
from interlocking.review.schema.burdens import cost_of_type_change
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, Effect
from interlocking.review.schema.sqltypes import SqlType, can_lose, type_of


def change_type(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """ALTER COLUMN ... TYPE."""
    if place.is_new(table):
        return
    yield from _views(place, table, command.name)
    yield from _computed(place, table, command.name)
    cost = cost_of_type_change(table, command, place.known)
    if cost != "nothing" and not (place.column_is_new(table, command.name) and cost == "unknown"):
        yield _COSTS[cost](place, table, command)
    yield from _losses(place, table, command)


def _views(place: Place, table: str, column: str) -> Iterator[Finding]:
    known = place.known
    views = sorted(view for view, uses in known.uses.items() if (table, column) in uses or (table, "*") in uses)
    for view in views:
        yield place.found(
            "type-change-under-view",
            f"the view {view} reads {column}: PostgreSQL refuses to change its type",
            table=table,
            column=column,
            replacement="\n".join(
                (
                    view_gone(known, view),
                    f"# the change of {column} here",
                    view_again(known, view),
                )
            ),
        )


def _computed(place: Place, table: str, column: str) -> Iterator[Finding]:
    where, schema = recipes.place_of(table)
    for name, each in place.known.table(table).columns.items():
        if column in each.computed_from:
            yield place.found(
                "type-change-under-generated",
                f"{name} is computed from {column}: PostgreSQL refuses to change its type",
                table=table,
                column=column,
                replacement="\n".join(
                    (
                        f"op.drop_column({where}, {recipes.quoted(name)}{schema})",
                        f"# the change of {column} here, then {name} again, which writes every row",
                    )
                ),
            )


def _rewrites(place: Place, table: str, command: Node) -> Finding:
    old, new = place.known.column(table, command.name).type, type_of(command.def_.typeName)
    return place.found(
        "type-change-rewrites",
        f"{command.name} from {old} to {new} writes every row of {table} again while nobody can read it",
        table=table,
        column=command.name,
        effect=Effect(table, ACCESS_EXCLUSIVE, "rewrite"),
        replacement=_second_column(table, command),
    )


def _unknown(place: Place, table: str, command: Node) -> Finding:
    new = type_of(command.def_.typeName)
    return place.found(
        "type-change-rewrites",
        f"nobody says what type {command.name} has now: changing it to {new} may write every row of {table} again",
        table=table,
        column=command.name,
        effect=Effect(table, ACCESS_EXCLUSIVE, "rewrite"),
        why="existing_type=, the earlier revisions or a database would tell",
        replacement=_second_column(table, command),
    )


def _second_column(table: str, command: Node) -> str:
    """Return the code that fills a column of the new type beside the old one, as USING says if it is there."""
    column, new, sorting = command.name, type_of(command.def_.typeName), command.def_.collClause
    value = written(command.def_.raw_default) or f"CAST({recipes.sql_name(column)} AS {new})"
    target, named = recipes.sql_name(table), recipes.sql_name(f"{column}_new")
    added = recipes.add_column(table, f"{column}_new", str(new), "nullable=True")
    if sorting is not None:
        added = recipes.execute(f"ALTER TABLE {target} ADD COLUMN {named} {new} {written(sorting)}")
    return "\n".join(
        (
            added,
            f"# write both columns: in the code, or by a trigger on {target}; then, in the next revision:",
            recipes.backfill(table, f"{column}_new", value),
            f"# then let the code read {column}_new, and drop {column} in a later release",
        )
    )


def _rechecks(place: Place, table: str, command: Node) -> Finding:
    constraints = place.known.table(table).constraints
    checks = {n: c.condition for n, c in constraints.items() if c.kind == "check" and command.name in c.columns}
    where, schema = recipes.place_of(table)
    return place.found(
        "type-change-rechecks",
        f"the CHECK {', '.join(checks)} is tested on every row of {table} again while nobody can read it",
        table=table,
        column=command.name,
        effect=Effect(table, ACCESS_EXCLUSIVE, "scan"),
        why="the type itself would need no scan",
        replacement="\n".join(
            (
                *(f'op.drop_constraint({recipes.fixed_name(each)}, {where}, type_="check"{schema})' for each in checks),
                f"# the change of {command.name} here, then:",
                *(recipes.check(table, each, condition) for each, condition in checks.items()),
            )
        ),
    )


def _rebuilds(place: Place, table: str, command: Node) -> Finding:
    return place.found(
        "type-change-rebuilds-index",
        f"the indexes on {command.name} are built again while nobody can read {table}",
        table=table,
        column=command.name,
        effect=Effect(table, ACCESS_EXCLUSIVE, "build"),
        why="the rows stay as they are, but another type or collation can sort differently; and an index with an "
        "expression or a condition is built again whatever the type",
        replacement=_second_column(table, command),
    )


_COSTS = {"rewrite": _rewrites, "unknown": _unknown, "scan": _rechecks, "index": _rebuilds}


def _losses(place: Place, table: str, command: Node) -> Iterator[Finding]:
    old, new = place.known.column(table, command.name).type, type_of(command.def_.typeName)
    if old is None or place.downgrade or not can_lose(old, new) or _labels_fit(place, old, new):
        return
    yield place.found(
        "type-change-loses-values",
        f"values of {command.name} that do not fit {new} are cut, rounded or make this fail",
        table=table,
        column=command.name,
        why=_longest(place, table, command.name, new),
    )


def _labels_fit(place: Place, old: SqlType, new: SqlType) -> bool:
    """Say whether a text type holds every label of an enum, or another enum has them all."""
    enum = place.known.enums.get(old.name)
    if enum and new.name in place.known.enums:
        return set(enum.labels) <= set(place.known.enums[new.name].labels)
    if enum is None or new.name not in ("varchar", "bpchar"):
        return False
    width = new.modifiers[0] if new.modifiers else 1
    return all(len(each) <= width for each in enum.labels)


def _longest(place: Place, table: str, column: str, new: SqlType) -> str:
    rows = place.rows(table, [column])
    if new.name != "varchar" or rows is None:
        return ""
    longest = rows.longest(table, column)
    return f"the longest value has {longest:,} characters" if longest is not None else ""


def new_columns(place: Place, node: Node) -> Iterator[Finding]:
    """Type choices of CREATE TABLE."""
    table = relation_name(node.relation)
    if place.downgrade or is_copy(table):
        return
    elements = node.tableElts or ()
    keys = {name.sval for each in elements if _is_key(each) for name in each.keys or ()}
    for each in elements:
        if type(each).__name__ == "ColumnDef" and each.typeName:
            yield from _choices(place, table, each, key=each.colname in keys)
    yield from _order(place, table, node)


def new_column(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """Type choices of ADD COLUMN."""
    if not place.downgrade and command.def_.typeName:
        yield from _choices(place, table, command.def_, key=False)


def _is_key(node: Node) -> bool:
    return type(node).__name__ == "Constraint" and constraint_kind(node) == "primary"


def _choices(place: Place, table: str, node: Node, *, key: bool) -> Iterator[Finding]:
    kind = type_of(node.typeName)
    if kind.name == "json":
        yield place.found(
            "json-column",
            f"{node.colname} is json, which has no equality: DISTINCT, GROUP BY and UNION on it fail",
            table=table,
            column=node.colname,
            replacement=recipes.add_column(table, node.colname, "jsonb"),
        )
    primary = key or any(map(_is_key, node.constraints or ()))
    if primary and kind.stored.name in ("integer", "smallint"):
        yield place.found(
            "short-primary-key",
            f"{node.colname} ends at {'32,767' if kind.stored.name == 'smallint' else '2,147,483,647'}",
            table=table,
            column=node.colname,
            why="changing the type of a key later rewrites the table and every table that points to it",
        )
    reason = _LATER.get(kind.name)
    if reason:
        yield place.found("type-choice", f"{node.colname} is {kind}: {reason}", table=table, column=node.colname)


_LATER = {
    "bpchar": "char(n) pads with blanks; text with a CHECK can change its limit without a rewrite",
    "timestamp": "without a time zone nobody knows which instant it means; timestamptz does",
    "smallserial": "an identity column says the same in the standard's words and takes no extra rights",
    "serial": "an identity column says the same in the standard's words and takes no extra rights",
    "bigserial": "an identity column says the same in the standard's words and takes no extra rights",
    "money": "its meaning depends on the server's locale; numeric does not",
}
_WIDTHS = {"bigint": 8, "double precision": 8, "timestamp": 8, "timestamptz": 8, "integer": 4, "real": 4, "date": 4}
_WIDTHS |= {"smallint": 2, "boolean": 1}
_WORTH_SAYING = 16


def _order(place: Place, table: str, node: Node) -> Iterator[Finding]:
    names = [
        type_of(each.typeName).stored.name
        for each in node.tableElts or ()
        if type(each).__name__ == "ColumnDef" and each.typeName
    ]
    widths = [_WIDTHS[name] for name in names if name in _WIDTHS]
    wasted = _padding(widths) - _padding(sorted(widths, reverse=True))
    if wasted >= _WORTH_SAYING:
        yield place.found(
            "column-order", f"fixed-width columns from wide to narrow would save {wasted} bytes a row", table=table
        )


def _padding(widths: list[int]) -> int:
    at = lost = 0
    for width in widths:
        gap = -at % width
        lost += gap
        at += gap + width
    return lost


RULES: dict[str, tuple[Rule, ...]] = {"CreateStmt": (new_columns,)}
COMMANDS: dict[str, tuple[CommandRule, ...]] = {"AT_AlterColumnType": (change_type,), "AT_AddColumn": (new_column,)}
