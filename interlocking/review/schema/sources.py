"""Which tables a query reads as a whole, seen from its conditions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pglast import ast, enums

from interlocking.review.reading.nodes import Node, constant, functions_in, is_a, relation_name, walk
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.selectivity import share_of

_AGGREGATES = frozenset(
    {"count", "sum", "avg", "min", "max", "bool_and", "bool_or", "every"}
    | {f"{what}_agg" for what in ("array", "string", "json", "jsonb", "json_object", "jsonb_object")}
)


def read_whole(query: Node, known: Knowledge, around: Node = None) -> tuple[str, ...]:
    """Return the tables that a query goes through from one end to the other, to return a row for each or most.

    A LIMIT, a key that is given, a closed range of keys, and a join with rows that are so limited narrow a table; a
    query that returns one row of totals returns nothing to speak of.

    Args:
        query: a SelectStmt.
        known: what is known of the tables' keys.
        around: the WITH clause of the statement that the query stands in.
    """
    return tuple(dict.fromkeys(_of_query(query, known, _named(around, {}))))


def _named(clause: Node, before: Mapping[str, Node]) -> dict[str, Node]:
    """Return the queries that have a name."""
    return {**before, **{each.ctename: each.ctequery for each in (clause.ctes if clause else ())}}


def _of_query(query: Node, known: Knowledge, named: Mapping[str, Node]) -> Iterator[str]:
    if query.limitCount is not None or _is_total(query):
        return
    if query.larg is not None:
        for side in (query.larg, query.rarg):
            yield from _of_query(side, known, named)
        return
    reading = _Reading(known, _named(query.withClause, named))
    for each in query.fromClause or ():
        reading.source(each)
    reading.condition(query.whereClause)
    yield from reading.whole()


def _is_total(query: Node) -> bool:
    targets = [each.val for each in query.targetList or ()]
    counted = [bool(functions_in(each) & _AGGREGATES) for each in targets]
    each_is = all(found or constant(each) for found, each in zip(counted, targets, strict=True))
    return not query.groupClause and any(counted) and each_is


@dataclass
class _Reading:
    """The sources of one query by alias, and what narrows them."""

    known: Knowledge
    named: Mapping[str, Node]
    tables: dict[str, str] = field(default_factory=dict)
    inner: dict[str, tuple[str, ...]] = field(default_factory=dict)
    parts: list[Node] = field(default_factory=list)
    joined: list[frozenset[str]] = field(default_factory=list)

    def source(self, node: Node) -> frozenset[str]:
        """Take one item of FROM down; return its aliases."""
        if is_a(node, "JoinExpr"):
            left, right = self.source(node.larg), self.source(node.rarg)
            self.condition(node.quals)
            if node.usingClause or node.isNatural:
                self.joined.append(left | right)
            return left | right
        alias = node.alias.aliasname if getattr(node, "alias", None) else getattr(node, "relname", "")
        if is_a(node, "RangeVar") and node.relname not in self.named:
            self.tables[alias] = relation_name(node)
        else:
            self.inner[alias] = self._within(node)
        return frozenset((alias,))

    def _within(self, node: Node) -> tuple[str, ...]:
        """Return the tables that a query in FROM reads as a whole; one that names itself is not followed further."""
        name = getattr(node, "relname", "")
        query = self.named[name] if name else getattr(node, "subquery", None)
        others = {each: query for each, query in self.named.items() if each != name}
        return tuple(_of_query(query, self.known, others)) if is_a(query, "SelectStmt") else ()

    def condition(self, node: Node) -> None:
        """Take the parts of a condition down that all have to hold."""
        if is_a(node, "BoolExpr") and node.boolop.name == "AND_EXPR":
            for each in node.args:
                self.condition(each)
        elif node is not None:
            self.parts.append(node)
            if _equates(node):
                self.joined.append(self._aliases(node))

    def whole(self) -> Iterator[str]:
        """Yield the tables that nothing narrows."""
        narrow = {alias for alias, found in self.inner.items() if not found}
        narrow |= {alias for alias in self.tables if self._is_narrowed(alias)}
        grown = True
        while grown:
            reached = {alias for aliases in self.joined if aliases & narrow for alias in aliases}
            grown = not reached <= narrow
            narrow |= reached
        yield from (table for alias, table in self.tables.items() if alias not in narrow)
        yield from (table for alias, found in self.inner.items() if alias not in narrow for table in found)

    def _is_narrowed(self, alias: str) -> bool:
        parts = tuple(each for each in self.parts if self._aliases(each) == {alias})
        if not parts:
            return False
        both = ast.BoolExpr(boolop=enums.BoolExprType.AND_EXPR, args=parts)
        return share_of(both, self.tables[alias], self.known) in ("few", "batch")

    def _aliases(self, node: Node) -> frozenset[str]:
        """Return the sources that a condition is about."""
        return frozenset(alias for each in walk(node) if is_a(each, "ColumnRef") for alias in self._owners(each))

    def _owners(self, column: Node) -> Iterable[str]:
        """Return the alias before a column; without one, those whose table has it, or may have."""
        *before, last = (getattr(part, "sval", "*") for part in column.fields)
        if before:
            return (before[-1],)
        sure = [alias for alias, table in self.tables.items() if last in self.known.table(table).columns]
        return sure or (*self.tables, *self.inner)


def _equates(node: Node) -> bool:
    """`orders.user_id = users.id`."""
    sides = (getattr(node, "lexpr", None), getattr(node, "rexpr", None))
    return is_a(node, "A_Expr") and node.name[0].sval == "=" and all(is_a(each, "ColumnRef") for each in sides)
