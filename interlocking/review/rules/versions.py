"""What the server of the target cannot do yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, constraint_kind, is_a, walk
from interlocking.review.rules.place import Place, Rule

_NEWEST = 18
# What stands in a statement that may be too new: most are not walked through for nothing.
_TELLING = re.compile(
    r"""\b(?:virtual|generated|(?:not\s+)?enforced|overlaps|period|nulls\s+not|set\s+(?:null|default)\s*\(|storage|compression
    |concurrently|expression|access\s+method|returning|merge|replace\s+trigger|json_table|date_bin|trim_array|bit_count
    |string_to_table|unistr|regexp_(?:like|count|instr|substr)|any_value|random_normal|array_(?:sample|shuffle|reverse|sort)
    |uuidv[47]|casefold)\b|(?:[,(]|\badd)\s*(?:constraint\s+\S+\s+)?not\s+null\b""",
    re.IGNORECASE | re.VERBOSE,
)


def too_new(place: Place, node: Node) -> Iterator[Finding]:
    """Any statement: the newest thing in it that the server does not know.

    Where nobody says which server that is, who writes it is taken to know.
    """
    server = place.context.server_version
    if server >= _NEWEST or not _TELLING.search(place.statement.sql):
        return
    since, what = max(_needs(place, node), default=(0, ""))
    if since > server:
        yield place.found(
            "server-too-old",
            f"{what} is known since PostgreSQL {since}: {server} refuses the statement",
            severity=None if place.context.version_stated else "info",
            why=""
            if place.context.version_stated
            else "the setting `postgres`, or a database, tells which server it is",
        )


def _needs(place: Place, node: Node) -> Iterator[tuple[int, str]]:
    """Yield the version that something in a statement needs, and its name."""
    for each in walk(node):
        ask = _NEEDS.get(type(each).__name__)
        yield from (need for need in ask(each) if need[0]) if ask else ()
        if is_a(each, "FuncCall"):
            name = each.funcname[-1].sval
            yield from [(_FUNCTIONS[name], f"{name}()")] if _is_servers(place, name) else []


def _is_servers(place: Place, name: str) -> bool:
    """Say whether a function is the server's: an own one, or an extension's, may have the same name."""
    return name in _FUNCTIONS and name not in place.known.volatile


_FUNCTIONS = {
    **dict.fromkeys(("date_bin", "trim_array", "bit_count", "string_to_table", "unistr"), 14),
    **dict.fromkeys(("regexp_like", "regexp_count", "regexp_instr", "regexp_substr"), 15),
    **dict.fromkeys(("any_value", "random_normal", "array_sample", "array_shuffle"), 16),
    **dict.fromkeys(("uuidv4", "uuidv7", "array_reverse", "array_sort", "casefold"), 18),
}

_Needs = Iterator[tuple[int, str]]


def _of_constraint(node: Node) -> _Needs:
    kind = constraint_kind(node)
    if kind == "notnull" and node.keys:
        yield 18, "NOT NULL as a constraint of its own"
    elif kind == "generated" and node.generated_kind == "v":
        yield 18, "a generated column that is VIRTUAL"
    elif kind == "attr_not_enforced" or (kind in ("check", "foreign") and not node.is_enforced):
        yield 18, "NOT ENFORCED"
    if node.without_overlaps or node.fk_with_period:
        yield 18, "WITHOUT OVERLAPS" if node.without_overlaps else "PERIOD"
    if node.nulls_not_distinct:
        yield 15, "NULLS NOT DISTINCT"
    if node.fk_del_set_cols:
        yield 15, "SET NULL and SET DEFAULT of some columns"


def _of_column(node: Node) -> _Needs:
    yield (16, "STORAGE of a new column") if node.storage_name else (0, "")
    yield (14, "COMPRESSION") if node.compression else (0, "")


def _of_command(node: Node) -> _Needs:
    detaches = node.subtype.name == "AT_DetachPartition" and node.def_.concurrent
    yield _COMMANDS.get(node.subtype.name, (0, ""))
    yield (14, "DETACH PARTITION CONCURRENTLY") if detaches else (0, "")


_COMMANDS = {
    "AT_SetExpression": (17, "SET EXPRESSION"),
    "AT_SetAccessMethod": (15, "SET ACCESS METHOD"),
    "AT_SetCompression": (14, "SET COMPRESSION"),
}


def _of_returning(node: Node) -> _Needs:
    references = [each.fields[0] for each in walk(node) if is_a(each, "ColumnRef") and len(each.fields) > 1]
    both = any(getattr(each, "sval", "") in ("old", "new") for each in references)
    yield (18, "OLD and NEW in RETURNING") if node.options or both else (0, "")


def _of_merge(node: Node) -> _Needs:
    yield (17, "RETURNING of MERGE") if node.returningClause else (15, "MERGE")


_NEEDS: Mapping[str, Callable[[Node], _Needs]] = {
    "Constraint": _of_constraint,
    "ColumnDef": _of_column,
    "AlterTableCmd": _of_command,
    "ReturningClause": _of_returning,
    "MergeStmt": _of_merge,
    "IndexStmt": lambda node: iter([(15, "NULLS NOT DISTINCT")] if node.nulls_not_distinct else []),
    "CreateTrigStmt": lambda node: iter([(14, "OR REPLACE of a trigger")] if node.replace else []),
    "JsonTable": lambda _: iter([(17, "JSON_TABLE")]),
}

RULES: dict[str, tuple[Rule, ...]] = {"*": (too_new,)}
