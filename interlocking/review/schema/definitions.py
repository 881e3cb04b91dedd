"""What the definition of a column or constraint says. Pure."""

from __future__ import annotations

from interlocking.review.reading.nodes import (
    Node,
    columns_in,
    constraint_kind,
    dotted,
    is_null,
    proved_not_null,
    relation_name,
    written,
)
from interlocking.review.schema.objects import Column, Constraint
from interlocking.review.schema.sqltypes import type_of


def column_of(node: Node, revision: str = "") -> Column:
    """Return what a ColumnDef says."""
    said = {constraint_kind(each): each for each in node.constraints or ()}
    kinds = {kind for kind, each in said.items() if kind != "default" or not is_null(each.raw_expr)}
    type_ = type_of(node.typeName) if node.typeName else None
    return Column(
        type=type_.stored if type_ else None,
        not_null=bool(kinds & {"notnull", "primary", "identity"}) or bool(type_ and type_.serial),
        default=bool(kinds & {"default", "identity", "generated"}) or bool(type_ and type_.serial),
        generated="generated" in kinds,
        computed_from=columns_in(said["generated"].raw_expr) if "generated" in said else frozenset(),
        collation=dotted(node.collClause.collname) if node.collClause else "",
        made_by=revision,
    )


def constraint_of(node: Node, column: str = "") -> Constraint:
    """Return what a Constraint says; `column` is the one it stands behind."""
    kind = constraint_kind(node)
    named = tuple(each.sval for each in (node.fk_attrs or node.keys or ()))
    inside = tuple(sorted(columns_in(node.raw_expr))) if node.raw_expr else ()
    proves = (
        proved_not_null(node.raw_expr) if kind == "check" else frozenset(named) if kind == "notnull" else frozenset()
    )
    return Constraint(
        kind=kind,
        columns=named or ((column,) if column else inside),
        validated=not node.skip_validation,
        proves=proves,
        references=relation_name(node.pktable) if node.pktable else "",
        condition=written(node.raw_expr) if kind == "check" else "",
        referenced=tuple(each.sval for each in node.pk_attrs or ()),
    )
