"""Foreign keys between columns of different types, on old and new tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, constraint_kind, is_a, relation_name
from interlocking.review.rules.place import Place, Rule
from interlocking.review.schema.definitions import column_of
from interlocking.review.schema.sqltypes import SqlType

_FAMILIES = dict.fromkeys(("text", "varchar", "bpchar", "citext"), "text")


def mismatch(place: Place, table: str, key: Node, own: Mapping[str, SqlType | None]) -> Iterator[Finding]:
    """Compare the columns of a key, in their order, with those that they point to."""
    referenced = relation_name(key.pktable)
    targets = [each.sval for each in key.pk_attrs or ()] or list(place.known.table(referenced).primary_key)
    for (column, type_), target in zip(own.items(), targets, strict=False):
        other = place.known.column(referenced, target).type
        if type_ and other and _family(type_) != _family(other):
            yield place.found(
                "foreign-key-type-mismatch",
                f"{table}.{column} is {type_}, {referenced}.{target} is {other}",
                table=table,
                column=column,
                why="the narrower one overflows first, and comparing them can keep an index from being used",
            )


def keys_of_new_table(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE TABLE: changing the type later costs a rewrite, now it costs nothing."""
    if place.downgrade:
        return
    table = relation_name(node.relation)
    definitions = [each for each in node.tableElts or () if is_a(each, "ColumnDef")]
    types = {each.colname: column_of(each).type for each in definitions}
    for each in definitions:
        for key in filter(_is_foreign, each.constraints or ()):
            yield from mismatch(place, table, key, {each.colname: types[each.colname]})
    for key in (each for each in node.tableElts or () if is_a(each, "Constraint") and _is_foreign(each)):
        yield from mismatch(place, table, key, {each.sval: types.get(each.sval) for each in key.fk_attrs})


def _is_foreign(constraint: Node) -> bool:
    return constraint_kind(constraint) == "foreign"


def _family(type_: SqlType) -> str:
    return _FAMILIES.get(type_.name, type_.stored.name)


RULES: dict[str, tuple[Rule, ...]] = {"CreateStmt": (keys_of_new_table,)}
