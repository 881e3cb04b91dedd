"""What gets another name: columns, tables, schemas, values."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding, Severity
from interlocking.review.reading.nodes import Node, dotted, relation_name, split_name
from interlocking.review.rules import recipes
from interlocking.review.rules.place import Place, Rule
from interlocking.review.rules.usage import who_uses
from interlocking.review.schema.batch import is_copy
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, Effect


def rename(place: Place, node: Node) -> Iterator[Finding]:
    """RENAME of every kind of object."""
    kind = node.renameType.name
    if kind == "OBJECT_COLUMN" and node.relationType.name != "OBJECT_TYPE":
        yield from _rename_column(place, node)
    elif kind == "OBJECT_TABLE":
        yield from _rename_table(place, node)
    elif kind in _OTHERS:
        name = node.subname or (
            dotted(node.object) if node.object is not None and not hasattr(node.object, "sval") else ""
        )
        old = relation_name(node.relation) if node.relation else name
        yield from _rename_other(place, _OTHERS[kind], old, node.newname)


_OTHERS = {
    "OBJECT_SCHEMA": "schema",
    "OBJECT_TYPE": "type",
    "OBJECT_DOMAIN": "domain",
    "OBJECT_SEQUENCE": "sequence",
    "OBJECT_VIEW": "view",
    "OBJECT_MATVIEW": "materialized view",
    "OBJECT_FUNCTION": "function",
    "OBJECT_PROCEDURE": "procedure",
    "OBJECT_DATABASE": "database",
    "OBJECT_ROLE": "role",
}


def _rename_column(place: Place, node: Node) -> Iterator[Finding]:
    table, old, new = relation_name(node.relation), node.subname, node.newname
    if place.is_new(table) or (place.column_is_new(table, old) and not place.downgrade):
        return
    severity, why = who_uses(place, table, old)
    column = place.known.column(table, old)
    yield place.found(
        "rename-column",
        f"code that reads or writes {table}.{old} fails until the code that knows {new} runs everywhere",
        table=table,
        column=old,
        effect=Effect(table, ACCESS_EXCLUSIVE),
        severity=_at_least(severity),
        why=why if severity else "",
        replacement="\n".join(
            (
                recipes.add_column(table, new, str(column.type or "text"), "nullable=True"),
                f"# write {old} and {new}; then, in the next revision:",
                recipes.backfill(table, new, recipes.sql_name(old)),
                f"# read {new}; drop {old} in a later release",
                f"# or keep the name in the database: in the model, {new} = Column({recipes.quoted(old)}, ...)",
            )
        ),
    )


def _at_least(severity: Severity | None) -> Severity:
    """What nobody maps under its old name hurts nobody; where nothing is known, a rename is taken to hurt."""
    return {None: "info", "warning": "error"}.get(severity, "error")  # type: ignore[return-value]


def _rename_table(place: Place, node: Node) -> Iterator[Finding]:
    old, new = relation_name(node.relation), node.newname
    if is_copy(old) or (place.is_new(old) and not place.downgrade):
        return
    if ("ViewStmt", old) in place.made.names:
        return  # the revision gives the old name to a view
    severity, why = who_uses(place, old)
    yield place.found(
        "rename-table",
        f"code that uses {old} fails until the code that knows {new} runs everywhere",
        table=old,
        effect=Effect(old, ACCESS_EXCLUSIVE),
        severity=_at_least(severity),
        why=why if severity else "",
        replacement="\n".join(
            (
                f"op.rename_table({recipes.quoted(split_name(old)[1])}, {recipes.quoted(new)})",
                recipes.execute(f"CREATE VIEW {recipes.sql_name(old)} AS SELECT * FROM {recipes.sql_name(new)}"),
                "# in the same transaction; drop the view in a later release",
            )
        ),
    )


def _rename_other(place: Place, what: str, old: str, new: str) -> Iterator[Finding]:
    made_again = ("CreateEnumStmt", old) in place.made.names  # what is meant is a change of the type
    if place.is_new(old) or _made_here(place, old) or made_again:
        return
    yield place.found(
        "rename-object",
        f"whoever names the {what} {old} fails until it knows {new}",
        replacement=f"# make {new} beside {old}, let the code use it, drop {old} in a later release",
    )


def _made_here(place: Place, name: str) -> bool:
    made = (place.known.enums.get(name), place.known.domains.get(name))
    return any(each is not None and each.made_by in place.release for each in made)


def rename_enum_value(place: Place, node: Node) -> Iterator[Finding]:
    """ALTER TYPE ... RENAME VALUE."""
    name = dotted(node.typeName)
    if node.oldVal and not _made_here(place, name):
        yield from _rename_other(place, f"value of {name}", node.oldVal, node.newVal)


def set_schema(place: Place, node: Node) -> Iterator[Finding]:
    """SET SCHEMA."""
    old = (
        relation_name(node.relation) if node.relation else dotted(node.object) if isinstance(node.object, tuple) else ""
    )
    if old and place.is_new(old):
        return
    yield place.found(
        "rename-object",
        f"{old or 'the object'} moves to the schema {node.newschema}: code that finds it by its search path fails",
        table=old if node.relation else "",
        replacement="# a view with the old name in the old schema, or both schemas in the search path, before the move",
    )


RULES: dict[str, tuple[Rule, ...]] = {
    "RenameStmt": (rename,),
    "AlterEnumStmt": (rename_enum_value,),
    "AlterObjectSchemaStmt": (set_schema,),
}
