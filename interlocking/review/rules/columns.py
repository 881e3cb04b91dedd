"""Columns: added to a table that holds rows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, constraint_kind, relation_name, split_name, written
from interlocking.review.rules import recipes
from interlocking.review.rules.foreign_keys import safe_key
from interlocking.review.rules.place import CommandRule, Place
from interlocking.review.schema.burdens import burdens_of_column
from interlocking.review.schema.definitions import column_of
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, SHARE_ROW_EXCLUSIVE, Effect, Work
from interlocking.review.schema.sqltypes import type_of
from interlocking.review.schema.usual_names import usual_name


def add_column(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """ADD COLUMN to a table that holds rows."""
    node = command.def_
    if place.is_new(table) or (command.missing_ok and node.colname in place.known.table(table).columns):
        return
    burdens = burdens_of_column(node, place.known)
    yield from _required(place, table, node)
    if "stored" not in burdens and "identity" not in burdens:
        yield from _default(place, table, node, burdens)
    for burden in ("serial", "identity", "stored", "domain", "check"):
        if burden in burdens:
            yield _BURDENS[burden](place, table, node)
    yield from _keys(place, table, node, burdens)


def _required(place: Place, table: str, node: Node) -> Iterator[Finding]:
    """NOT NULL without a default: fails on rows, and on the inserts of the running code."""
    column = column_of(node)
    if not column.not_null or column.default or node.colname == "":
        return
    size = place.context.size(table)
    empty = bool(size and size.rows == 0)
    yield place.found(
        "column-required",
        f"{node.colname} is NOT NULL and has no server default: this fails when {table} holds a row",
        table=table,
        column=node.colname,
        effect=Effect(table, ACCESS_EXCLUSIVE),
        severity="warning" if empty else None,
        why="a default in Python does not help, and inserts of the code that runs now fail as well",
        replacement=_nullable_first(place, table, node),
    )


def _nullable_first(place: Place, table: str, node: Node) -> str:
    return "\n".join(
        (
            recipes.column(table, node),
            recipes.later(
                "once the code fills it and old rows are filled, in a later revision:",
                recipes.set_not_null(table, node.colname, place.context.server_version),
            ),
        )
    )


def _default(place: Place, table: str, node: Node, burdens: frozenset[str]) -> Iterator[Finding]:
    if "volatile" not in burdens:
        return
    default = next(each.raw_expr for each in node.constraints if constraint_kind(each) == "default")
    expression = written(default)
    where, schema = recipes.place_of(table)
    yield place.found(
        "volatile-default",
        f"{expression} gives every row its own value: {table} is rewritten while nobody can read it",
        table=table,
        column=node.colname,
        effect=Effect(table, ACCESS_EXCLUSIVE, "rewrite"),
        replacement="\n".join(
            (
                recipes.column(table, node),
                recipes.call(
                    "alter_column",
                    where,
                    recipes.quoted(node.colname),
                    f"server_default=sa.text({recipes.quoted_sql(expression)}){schema}",
                ),
                recipes.later("in the next revision:", recipes.backfill(table, node.colname, expression)),
                *_required_at_last(place, table, node),
            )
        ),
    )


def _required_at_last(place: Place, table: str, node: Node) -> Iterator[str]:
    if column_of(node).not_null:
        step = recipes.set_not_null(table, node.colname, place.context.server_version)
        yield recipes.later("and because it is NOT NULL, in the next revision:", step)


def _serial(place: Place, table: str, node: Node) -> Finding:
    kind = str(type_of(node.typeName).stored)
    sequence = f"{table}_{node.colname}_seq"
    return place.found(
        "serial-column",
        f"a serial column numbers every row of {table}, which is rewritten while nobody can read it",
        table=table,
        column=node.colname,
        effect=Effect(table, ACCESS_EXCLUSIVE, "rewrite"),
        replacement=_numbered(table, node.colname, kind, sequence),
    )


def _numbered(table: str, column: str, kind: str, sequence: str) -> str:
    name, target, step = recipes.sql_name(sequence), recipes.sql_name(table), recipes.sql_name(column)
    value = f"nextval('{name}')"
    return "\n".join(
        (
            recipes.add_column(table, column, kind, "nullable=True"),
            recipes.execute(f"CREATE SEQUENCE {name} OWNED BY {target}.{step}"),
            recipes.execute(f"ALTER TABLE {target} ALTER COLUMN {step} SET DEFAULT {value}"),
            recipes.later("in the next revision:", recipes.backfill(table, column, value)),
        )
    )


def _identity(place: Place, table: str, node: Node) -> Finding:
    return place.found(
        "identity-column",
        f"an identity column numbers every row of {table}, which is rewritten while nobody can read it",
        table=table,
        column=node.colname,
        effect=Effect(table, ACCESS_EXCLUSIVE, "rewrite"),
        replacement=_numbered(table, node.colname, str(type_of(node.typeName)), f"{table}_{node.colname}_seq"),
    )


def _stored(place: Place, table: str, node: Node) -> Finding:
    expression = next(written(each.raw_expr) for each in node.constraints if constraint_kind(each) == "generated")
    return place.found(
        "stored-generated-column",
        f"{node.colname} is computed for every row of {table}, which is rewritten while nobody can read it",
        table=table,
        column=node.colname,
        effect=Effect(table, ACCESS_EXCLUSIVE, "rewrite"),
        why="VIRTUAL, since PostgreSQL 18, computes it when it is read and writes no row",
        replacement="\n".join(
            (
                recipes.column(table, node),
                "# a trigger that sets it on INSERT and UPDATE; then, in the next revision:",
                recipes.backfill(table, node.colname, expression),
            )
        ),
    )


_VALUE = re.compile(r"\bvalue\b", re.IGNORECASE)


def _domain(place: Place, table: str, node: Node) -> Finding:
    kind = type_of(node.typeName)
    domain = place.known.domains[kind.name]
    condition = _VALUE.sub(recipes.sql_name(node.colname), domain.condition) or f"{node.colname} IS NOT NULL"
    return place.found(
        "column-of-constrained-domain",
        f"{kind} has a constraint: {table} is rewritten while nobody can read it, even for a nullable column",
        table=table,
        column=node.colname,
        effect=Effect(table, ACCESS_EXCLUSIVE, "rewrite"),
        replacement="\n".join(
            (
                recipes.add_column(table, node.colname, str(domain.type or "text"), "nullable=True"),
                recipes.check(table, f"ck_{split_name(table)[1]}_{node.colname}", condition),
            )
        ),
    )


def _checked(place: Place, table: str, node: Node) -> Finding:
    check = next(each for each in node.constraints if constraint_kind(each) == "check")
    name = check.conname or usual_name(table, [node.colname], "check")
    return place.found(
        "column-with-check",
        f"the CHECK of the new column is tested on every row of {table} while nobody can read it",
        table=table,
        column=node.colname,
        effect=Effect(table, ACCESS_EXCLUSIVE, "scan"),
        replacement="\n".join(
            (recipes.column(table, node, keep_default=True), recipes.check(table, name, written(check.raw_expr)))
        ),
    )


_BURDENS = {"serial": _serial, "identity": _identity, "stored": _stored, "domain": _domain, "check": _checked}


def _keys(place: Place, table: str, node: Node, burdens: frozenset[str]) -> Iterator[Finding]:
    if burdens & {"unique", "primary"}:
        primary = "primary" in burdens
        kind = "PRIMARY KEY" if primary else "UNIQUE"
        name = usual_name(table, [] if primary else [node.colname], "pkey" if primary else "key")
        yield place.found(
            "column-with-unique",
            f"the index of the new column is built while nobody can read {table}",
            table=table,
            column=node.colname,
            effect=Effect(table, ACCESS_EXCLUSIVE, "build"),
            replacement="\n".join(
                (
                    recipes.column(table, node),
                    "# each in a revision of its own: fill it, make it NOT NULL, and then the key"
                    if primary
                    else recipes.unique_constraint(table, name, [node.colname], kind),
                )
            ),
        )
    if "foreign-with-default" in burdens:
        yield _foreign(place, table, node, "scan")


def _foreign(place: Place, table: str, node: Node, work: Work) -> Finding:
    key = next(each for each in node.constraints if constraint_kind(each) == "foreign")
    return place.found(
        "column-with-foreign-key",
        f"the foreign key is checked on every row of {table} while nobody can read it, "
        f"nor write to {relation_name(key.pktable)}",
        table=table,
        column=node.colname,
        effect=Effect(relation_name(key.pktable), SHARE_ROW_EXCLUSIVE, work),
        replacement="\n".join(
            (recipes.column(table, node, keep_default=True), safe_key(place, table, key, [node.colname]))
        ),
    )


def set_expression(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """SET EXPRESSION of a generated column, since 17."""
    if not place.is_new(table):
        yield place.found(
            "stored-generated-column",
            f"{command.name} is computed again for every row of {table}, which is rewritten while nobody can read it",
            table=table,
            column=command.name,
            effect=Effect(table, ACCESS_EXCLUSIVE, "rewrite"),
        )


COMMANDS: dict[str, tuple[CommandRule, ...]] = {
    "AT_AddColumn": (add_column,),
    "AT_SetExpression": (set_expression,),
}
