"""Constraints: added and dropped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, constraint_kind, relation_name, split_name, written
from interlocking.review.rules import recipes
from interlocking.review.rules.drops import cascade
from interlocking.review.rules.foreign_keys import is_of_partitions, safe_key
from interlocking.review.rules.key_types import mismatch
from interlocking.review.rules.place import CommandRule, Place
from interlocking.review.rules.uniqueness import key_of_columns, possible_duplicates
from interlocking.review.rules.violations import broken_rows
from interlocking.review.schema.burdens import scans_for_not_null
from interlocking.review.schema.definitions import constraint_of
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, SHARE_ROW_EXCLUSIVE, Effect
from interlocking.review.schema.objects import Constraint


def add_constraint(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """ADD CONSTRAINT of every kind."""
    rule = _KINDS.get(constraint_kind(command.def_))
    if rule and not place.is_new(table):
        yield from rule(place, table, command.def_)


def _foreign(place: Place, table: str, node: Node) -> Iterator[Finding]:
    columns = [each.sval for each in node.fk_attrs or ()]
    referenced = relation_name(node.pktable)
    yield from mismatch(place, table, node, {each: place.known.column(table, each).type for each in columns})
    yield from _without_index(place, table, columns)
    if node.skip_validation or not node.is_enforced or is_of_partitions(place, table, node):
        return
    yield from broken_rows(place, table, node.conname or "the foreign key", _key(node, columns))
    hidden = " (Alembic adds it for the ForeignKey of the column)" if place.statement.implicit else ""
    yield place.found(
        "foreign-key-validated",
        f"every row of {table} is checked while nobody can write to {_it_and(table, referenced)}{hidden}",
        table=table,
        column=columns[0] if len(columns) == 1 else "",
        effect=Effect(table, SHARE_ROW_EXCLUSIVE, "scan"),
        why="NOT VALID looks at no row; VALIDATE, later, lets everybody read and write",
        replacement=safe_key(place, table, node, columns),
    )


def _it_and(table: str, other: str) -> str:
    """Name both tables, of which the first was just named; a key may lead to its own table."""
    return "it" if table == other else f"it or to {other}"


def _key(node: Node, columns: list[str]) -> Constraint:
    return replace(constraint_of(node), columns=tuple(columns))


def _without_index(place: Place, table: str, columns: list[str]) -> Iterator[Finding]:
    served = any(index.columns[: len(columns)] == tuple(columns) for index in place.known.indexes_of(table).values())
    if columns and not served and place.known.table(table).complete and not place.downgrade:
        yield place.found(
            "foreign-key-without-index",
            f"no index of {table} begins with {', '.join(columns)}: each delete of a parent reads all of it",
            table=table,
            column=columns[0],
            replacement=_index_on(table, columns),
        )


def _index_on(table: str, columns: list[str]) -> str:
    where, schema = recipes.place_of(table)
    name = recipes.quoted("_".join(("ix", split_name(table)[1], *columns)))
    return recipes.block(
        f"op.create_index({name}, {where}, {recipes.listed(columns)}{schema}, postgresql_concurrently=True)"
    )


def _check(place: Place, table: str, node: Node) -> Iterator[Finding]:
    if node.skip_validation or not node.is_enforced:
        return
    condition = written(node.raw_expr)
    name = node.conname or "_".join((split_name(table)[1], *constraint_of(node).columns, "check"))
    yield from broken_rows(place, table, name, constraint_of(node))
    yield place.found(
        "check-validated",
        f"every row of {table} is tested while nobody can read or write it",
        table=table,
        effect=Effect(table, ACCESS_EXCLUSIVE, "scan"),
        why="NOT VALID looks at no row; VALIDATE, later, blocks nobody",
        replacement=recipes.check(table, name, condition),
    )


def _not_null(place: Place, table: str, node: Node) -> Iterator[Finding]:
    column = node.keys[0].sval
    if node.skip_validation or not scans_for_not_null(table, column, place.known):
        return
    yield place.found(
        "set-not-null",
        f"every row of {table} is read for NULL in {column} while nobody can read or write it",
        table=table,
        column=column,
        effect=Effect(table, ACCESS_EXCLUSIVE, "scan"),
        replacement=recipes.set_not_null(table, column, place.context.server_version),
    )


def _unique(place: Place, table: str, node: Node) -> Iterator[Finding]:
    if node.indexname:
        return
    columns = tuple(each.sval for each in node.keys or ())
    name = node.conname or "_".join((split_name(table)[1], *columns, "key"))
    yield place.found(
        "unique-constraint",
        f"the index of {name} is built while nobody can read or write {table}",
        table=table,
        column=columns[0] if len(columns) == 1 else "",
        effect=Effect(table, ACCESS_EXCLUSIVE, "build"),
        why="built CONCURRENTLY first, it becomes the constraint in a moment",
        replacement=recipes.unique_constraint(table, name, columns, node=node),
    )
    yield from possible_duplicates(place, key_of_columns(table, columns, nulls_equal=node.nulls_not_distinct))


def _primary(place: Place, table: str, node: Node) -> Iterator[Finding]:
    if node.indexname:
        yield from _primary_using(place, table, node)
        return
    columns = tuple(each.sval for each in node.keys or ())
    name = node.conname or f"{split_name(table)[1]}_pkey"
    first = [
        recipes.set_not_null(table, each, place.context.server_version)
        for each in columns
        if scans_for_not_null(table, each, place.known)
    ]
    then = ["# in the next revision:"] if first else []
    yield place.found(
        "primary-key",
        f"the index of {name} is built while nobody can read or write {table}",
        table=table,
        effect=Effect(table, ACCESS_EXCLUSIVE, "build"),
        why="the columns are searched for NULL as well, unless they are NOT NULL already",
        replacement="\n".join((*first, *then, _key_anew(place, table, name, columns))),
    )
    yield from possible_duplicates(place, key_of_columns(table, columns))


def _key_anew(place: Place, table: str, name: str, columns: tuple[str, ...]) -> str:
    """Return the code for a primary key; one that is there goes in the statement that makes the other."""
    old = place.known.table(table).primary_name
    made = recipes.unique_constraint(table, f"{name}_new" if name == old else name, columns, "PRIMARY KEY")
    dropped = f"DROP CONSTRAINT {recipes.sql_name(old)}, ADD CONSTRAINT"
    return made.replace("ADD CONSTRAINT", dropped, 1) if old else made


def _primary_using(place: Place, table: str, node: Node) -> Iterator[Finding]:
    index = place.known.indexes.get(node.indexname)
    for column in index.columns if index else ():
        if scans_for_not_null(table, column, place.known):
            yield place.found(
                "primary-key-on-nullable",
                f"{column} may be NULL: every row of {table} is read while nobody can read or write it",
                table=table,
                column=column,
                effect=Effect(table, ACCESS_EXCLUSIVE, "scan"),
                replacement=recipes.set_not_null(table, column, place.context.server_version),
            )


def _exclusion(place: Place, table: str, node: Node) -> Iterator[Finding]:
    yield place.found(
        "exclusion-constraint",
        f"the index of {node.conname or 'the constraint'} is built while nobody can read or write {table}",
        table=table,
        effect=Effect(table, ACCESS_EXCLUSIVE, "build"),
        why="an exclusion constraint has no NOT VALID and cannot use an index that is there",
        replacement=f"# a new table with the constraint, filled by backfill(), in the place of {table}; or a pause",
    )


_KINDS = {
    "foreign": _foreign,
    "check": _check,
    "notnull": _not_null,
    "unique": _unique,
    "primary": _primary,
    "exclusion": _exclusion,
}


def drop_constraint(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """DROP CONSTRAINT of a foreign key locks the other table as well."""
    found = place.known.table(table).constraints.get(command.name)
    yield from cascade(place, table, command.behavior, command.name)
    foreign = found.kind == "foreign" if found else _says_foreign(place, command.name)
    if place.is_new(table) or not foreign:
        return
    other = found.references if found else ""
    if other and place.is_new(other):
        return
    locked = table if other == table else f"{table} and {other or 'the table it points to'}"
    yield place.found(
        "drop-foreign-key",
        f"dropping {command.name} locks {locked} against reads and writes",
        table=table,
        effect=Effect(table, ACCESS_EXCLUSIVE),
        why="it is short, but waits for open transactions on both tables, and everybody queues behind it",
        replacement="\n".join(
            (
                "op.execute(\"SET LOCAL lock_timeout = '500ms'\")  # the guard does this, and tries again",
                _drop(table, command.name),
            )
        ),
    )


def _drop(table: str, name: str) -> str:
    where, schema = recipes.place_of(table)
    return f'op.drop_constraint({recipes.quoted(name)}, {where}, type_="foreignkey"{schema})'


def _says_foreign(place: Place, name: str) -> bool:
    options = place.statement.operation.options
    said = options.get("constraint_type") or options.get("type_")
    return said == "foreignkey" or ((said is None and name.endswith(("_fkey", "_fk"))) or name.startswith("fk_"))


def foreign_keys_together(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """Foreign keys to several tables in one transaction."""
    if constraint_kind(command.def_) != "foreign":
        return
    referenced = relation_name(command.def_.pktable)
    others = {name for name in place.transaction.referenced - {referenced, table} if not place.is_new(name)}
    if others and not place.is_new(referenced):
        yield place.found(
            "foreign-keys-together",
            f"this transaction locks {', '.join(sorted((*others, referenced)))} at once for foreign keys",
            table=table,
            effect=Effect(referenced, SHARE_ROW_EXCLUSIVE),
            why="writes to all of them wait until it ends, and their order can deadlock with the application's",
            replacement=recipes.later("one foreign key a revision"),
        )


COMMANDS: dict[str, tuple[CommandRule, ...]] = {
    "AT_AddConstraint": (add_constraint, foreign_keys_together),
    "AT_DropConstraint": (drop_constraint,),
}
