"""Small questions to the nodes of PostgreSQL's parser (pglast). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pglast import ast
from pglast.stream import RawStream

Node = Any  # pglast's nodes carry no types


def is_a(node: Node, *names: str) -> bool:
    """Say whether a node is one of these kinds."""
    return type(node).__name__ in names


def relation_name(node: Node) -> str:
    """Return the name of a RangeVar, with its schema unless that is `public`."""
    schema = node.schemaname
    return node.relname if schema in (None, "public") else f"{schema}.{node.relname}"


def dotted(parts: Iterable[Node] | None) -> str:
    """Return a list of name parts as one name, without `public`."""
    names = [part.sval for part in parts or () if is_a(part, "String")]
    return ".".join(names[1:] if len(names) > 1 and names[0] == "public" else names)


def dropped_names(node: Node) -> list[str]:
    """Return the names in a DropStmt: of relations, of types, of schemas, which are all written differently."""
    return [each.sval if is_a(each, "String") else dotted(_name_parts(each)) for each in node.objects]


def _name_parts(node: Node) -> Iterable[Node]:
    """Return the parts of the name of a type, of a function, or of anything else."""
    parts: Iterable[Node] = getattr(node, "names", None) or getattr(node, "objname", None) or node
    return parts


def split_name(name: str) -> tuple[str, str]:
    """Return schema (empty for the search path) and bare name."""
    schema, _, bare = name.rpartition(".")
    return schema, bare


def beside(table: str, bare: str) -> str:
    """Return the name of something in the schema of a table."""
    schema, _ = split_name(table)
    return f"{schema}.{bare}" if schema else bare


def written(node: Node) -> str:
    """Return a node as SQL text; empty for None."""
    return RawStream()(node) if node is not None else ""


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all nodes below it, whichever way round."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, (tuple, list)):
            waiting.extend(each)
        elif isinstance(each, ast.Node):
            yield each
            waiting.extend(getattr(each, name) for name in each)


def changes_inside(node: Node) -> Iterator[Node]:
    """Yield what changes rows inside another statement: in WITH, EXPLAIN ANALYZE and PREPARE."""
    with_ = getattr(node, "withClause", None)
    queries = [each.ctequery for each in with_.ctes] if with_ else []
    if is_a(node, "PrepareStmt") or (is_a(node, "ExplainStmt") and option(node.options, "analyze")):
        queries.append(node.query)
    yield from (each for each in queries if is_a(each, "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"))


def columns_in(node: Node) -> frozenset[str]:
    """Return the last part of every column reference below a node."""
    found = (each.fields[-1] for each in walk(node) if is_a(each, "ColumnRef"))
    return frozenset(part.sval for part in found if is_a(part, "String"))


def functions_in(node: Node) -> frozenset[str]:
    """Return the bare names of the functions called below a node."""
    return frozenset(each.funcname[-1].sval for each in walk(node) if is_a(each, "FuncCall"))


def option(params: Iterable[Node] | None, name: str) -> bool:
    """Say whether an option in parentheses, such as `(CONCURRENTLY, FULL)`, is on."""
    return any(each.defname == name and _is_on(each.arg) for each in params or ())


def _is_on(value: Node) -> bool:
    text = getattr(value, "sval", None)
    if text is not None:
        return text.lower() not in ("off", "false", "0")
    return bool(getattr(value, "ival", True)) and bool(getattr(value, "boolval", True))


def proved_not_null(expression: Node, *, holds: bool = True) -> frozenset[str]:
    """Return the columns that cannot be NULL where a CHECK holds, as SET NOT NULL sees it.

    A row passes a CHECK that is NULL, so `c > 0` proves nothing; only `IS NOT NULL`, alone or joined by AND, does.
    The server carries NOT inwards first: what it turns around is read with `holds=False`.
    """
    name = type(expression).__name__
    if name == "NullTest" and expression.nulltesttype.name == ("IS_NOT_NULL" if holds else "IS_NULL"):
        return columns_in(expression.arg) if is_a(expression.arg, "ColumnRef") else frozenset()
    if name == "BoolExpr" and expression.boolop.name == "NOT_EXPR":
        return proved_not_null(expression.args[0], holds=not holds)
    if name == "BoolExpr" and expression.boolop.name == ("AND_EXPR" if holds else "OR_EXPR"):
        return frozenset().union(*(proved_not_null(each, holds=holds) for each in expression.args))
    return frozenset()


def constraint_kind(node: Node) -> str:
    """Return `check`, `foreign`, `unique`, `primary`, `exclusion`, `notnull`, `default`, ... for a Constraint."""
    return str(node.contype.name).removeprefix("CONSTR_").lower()


def is_null(node: Node) -> bool:
    """Say whether an expression is NULL, with or without casts."""
    while is_a(node, "TypeCast"):
        node = node.arg
    return is_a(node, "A_Const") and bool(node.isnull)


def constant(node: Node) -> bool:
    """Say whether an expression is a constant, with or without casts and signs."""
    return (
        is_a(node, "A_Const", "ParamRef")
        or (is_a(node, "TypeCast") and constant(node.arg))
        or (is_a(node, "A_Expr") and node.lexpr is None and constant(node.rexpr))
    )
