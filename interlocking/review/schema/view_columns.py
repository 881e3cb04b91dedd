"""Which columns a view has, seen from its query. Pure.

Names are those that FigureColname (parse_target.c) gives; tests/review/test_view_columns.py compares them with the
server's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from interlocking.review.reading.nodes import Node, is_a, relation_name
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.objects import Column
from interlocking.review.schema.sqltypes import SqlType, type_of

Output = tuple[str, Column]  # an empty name is one that nobody knows


def columns_of_view(node: Node, known: Knowledge) -> list[Output] | None:
    """Return the columns of a CREATE VIEW or CREATE MATERIALIZED VIEW, in order.

    Args:
        node: the statement.
        known: the tables that it reads.

    Returns:
        None when nobody knows how many there are.
    """
    names = node.aliases if is_a(node, "ViewStmt") else node.into.colNames
    return _named(_of_query(node.query, known, {}), names)


def _named(outputs: list[Output] | None, names: tuple[Node, ...] | None) -> list[Output] | None:
    """Give the first columns other names."""
    if outputs is None:
        return None
    given = [each.sval for each in names or ()]
    return [(name, column) for name, (_, column) in zip(given, outputs, strict=False)] + outputs[len(given) :]


Known = Mapping[str, list[Output] | None]


def _of_query(query: Node, known: Knowledge, named: Known) -> list[Output] | None:
    if not is_a(query, "SelectStmt"):
        return None
    for each in query.withClause.ctes if query.withClause else ():
        named = {**named, each.ctename: _named(_of_query(each.ctequery, known, named), each.aliascolnames)}
    if query.larg is not None:  # UNION and its kin: which type comes of two, the server decides
        left = _of_query(query.larg, known, named)
        return None if left is None else [(name, Column()) for name, _ in left]
    if query.valuesLists:
        return [(f"column{place}", Column()) for place, _ in enumerate(query.valuesLists[0], 1)]
    scope = _Scope(known, named)
    for each in query.fromClause or ():
        scope.add(each)
    return scope.outputs(query.targetList or ())


@dataclass
class _Scope:
    """What the columns of a query can come from: the columns of each source by its alias, None where nobody knows."""

    known: Knowledge
    named: Known
    sources: dict[str, list[Output] | None] = field(default_factory=dict)
    merged: bool = False

    def add(self, node: Node) -> None:
        """Take one item of FROM."""
        if is_a(node, "JoinExpr"):
            self.add(node.larg)
            self.add(node.rarg)
            self.merged = self.merged or bool(node.usingClause or node.isNatural)
            return
        alias = node.alias if is_a(node, "RangeVar", "RangeSubselect", "RangeFunction") else None
        name = alias.aliasname if alias else getattr(node, "relname", f"#{len(self.sources)}")
        self.sources[name] = _named(self._columns(node), alias.colnames if alias else None)

    def _columns(self, node: Node) -> list[Output] | None:
        if is_a(node, "RangeSubselect"):
            return _of_query(node.subquery, self.known, self.named)
        if not is_a(node, "RangeVar"):
            return None
        if node.schemaname is None and node.relname in self.named:
            return self.named[node.relname]
        table = self.known.table(relation_name(node))
        return list(table.columns.items()) if table.complete else None

    def outputs(self, targets: tuple[Node, ...]) -> list[Output] | None:
        """Return the columns of a SELECT."""
        found: list[Output] = []
        for each in targets:
            if is_a(each.val, "ColumnRef") and is_a(each.val.fields[-1], "A_Star"):
                more = self._all(each.val)
                if more is None:
                    return None
                found += more
            else:
                found.append((each.name or column_name(each.val), self._column(each.val)))
        return found

    def _all(self, star: Node) -> list[Output] | None:
        """Return what `*` or `alias.*` stands for; USING and NATURAL put columns together."""
        if len(star.fields) > 1:
            return self.sources.get(star.fields[-2].sval)
        sources = list(self.sources.values())
        if self.merged or any(each is None for each in sources):
            return None
        return [output for each in sources for output in each or ()]

    def _column(self, node: Node) -> Column:
        """Return the type and collation of an expression, as far as they are plain to see."""
        if is_a(node, "TypeCast"):
            return Column(type_of(node.typeName))
        if is_a(node, "A_Const"):
            return Column(_CONSTANTS.get(type(node.val).__name__))
        if is_a(node, "ColumnRef"):
            return self._referred(node)
        return Column()

    def _referred(self, node: Node) -> Column:
        *before, name = (getattr(each, "sval", "*") for each in node.fields)
        sources = [self.sources.get(before[-1])] if before else list(self.sources.values())
        if any(each is None for each in sources):
            return Column()
        found = [column for each in sources for title, column in each or () if title == name]
        return Column(found[0].type, collation=found[0].collation) if len(found) == 1 else Column()


_CONSTANTS = {"Integer": SqlType("integer"), "String": SqlType("text"), "Boolean": SqlType("boolean")}


def column_name(node: Node) -> str:
    """Return the name that a column of this expression gets; empty when nobody knows."""
    name, _ = _figured(node)
    return "?column?" if name is None else name


Figured = tuple[str | None, bool]  # the name, None for none; whether it is better than that of a type


def _figured(node: Node) -> Figured:
    rule = _FIGURES.get(type(node).__name__)
    if rule:
        return rule(node)
    return ("", True) if type(node).__name__.startswith(("Xml", "Json")) else (None, False)


def _of_type_cast(node: Node) -> Figured:
    name, good = _figured(node.arg)
    return (name, True) if good else (node.typeName.names[-1].sval, False)


def _of_case(node: Node) -> Figured:
    name, good = _figured(node.defresult) if node.defresult is not None else (None, False)
    return (name, True) if good else ("case", False)


def _of_expression(node: Node) -> Figured:
    return ("nullif", True) if node.kind.name == "AEXPR_NULLIF" else (None, False)


def _of_sublink(node: Node) -> Figured:
    kind = node.subLinkType.name
    if kind in ("EXISTS_SUBLINK", "ARRAY_SUBLINK"):
        return kind.partition("_")[0].lower(), True
    target = next(iter(node.subselect.targetList or ()), None)
    if kind != "EXPR_SUBLINK" or target is None:
        return ("", True) if kind == "EXPR_SUBLINK" else (None, False)
    return target.name or _figured(target.val)[0], True


def _last_text(parts: tuple[Node, ...] | None) -> Iterator[str]:
    return (each.sval for each in reversed(parts or ()) if is_a(each, "String"))


def _of_indirection(node: Node) -> Figured:
    name = next(_last_text(node.indirection), None)
    return (name, True) if name else _figured(node.arg)


def _of_value(node: Node) -> Figured:
    return node.op.name.removeprefix("SVFOP_").removesuffix("_N").lower(), True


_FIGURES: dict[str, Callable[[Node], Figured]] = {
    "ColumnRef": lambda node: (next(_last_text(node.fields), None), True),
    "FuncCall": lambda node: (node.funcname[-1].sval, True),
    "A_Indirection": _of_indirection,
    "A_Expr": _of_expression,
    "TypeCast": _of_type_cast,
    "CollateClause": lambda node: _figured(node.arg),
    "GroupingFunc": lambda _: ("grouping", True),
    "SubLink": _of_sublink,
    "CaseExpr": _of_case,
    "A_ArrayExpr": lambda _: ("array", True),
    "RowExpr": lambda _: ("row", True),
    "CoalesceExpr": lambda _: ("coalesce", True),
    "MinMaxExpr": lambda node: (node.op.name.removeprefix("IS_").lower(), True),
    "SQLValueFunction": _of_value,
}
