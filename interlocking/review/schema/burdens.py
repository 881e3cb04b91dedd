"""What makes a change of a column expensive: rewrites, scans and index builds that its text does not show. Pure."""

from __future__ import annotations

from typing import Literal

from interlocking.review.reading.nodes import Node, constraint_kind, functions_in, is_a, is_null, walk
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.sqltypes import SqlType, cost_of_change, type_of

TypeCost = Literal["nothing", "scan", "index", "rewrite", "unknown"]

# Functions of PostgreSQL and its usual extensions whose value differs from row to row (pg_proc.provolatile = 'v').
_VOLATILE_NAMES = """
random random_normal gen_random_uuid uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4
clock_timestamp timeofday nextval setval currval lastval gen_random_bytes gen_salt pg_sleep txid_current
pg_current_xact_id set_config setseed pg_notify
"""
VOLATILE = frozenset(_VOLATILE_NAMES.split())
# Functions that PostgreSQL evaluates once for the whole table when they stand in a default.
_STEADY_NAMES = """
now statement_timestamp transaction_timestamp timezone lower upper initcap concat concat_ws md5 sha256 encode
decode to_timestamp to_char to_date to_number date_trunc date_part extract make_interval make_date
make_timestamptz age jsonb_build_object jsonb_build_array json_build_object json_build_array to_json to_jsonb
array_fill array_append array_cat string_to_array array_to_string replace substr substring left right lpad rpad
repeat length char_length abs round floor ceil ceiling trunc power sqrt mod greatest least btrim ltrim rtrim
trim format quote_literal current_setting current_user session_user user current_schema current_database version
to_tsvector plainto_tsquery int4range int8range numrange tsrange tstzrange daterange numeric text varchar bpchar
interval timestamp timestamptz jsonb_object json_object hstore point box polygon row_to_json overlay
regexp_replace split_part translate
"""
STEADY = frozenset(_STEADY_NAMES.split())


def burdens_of_column(node: Node, known: Knowledge) -> frozenset[str]:
    """Return why adding this column takes long.

    Any of `volatile`, `serial`, `identity`, `stored`, `domain`, `check`, `unique`, `primary`, `foreign`,
    `foreign-with-default`.
    """
    constraints = {constraint_kind(each): each for each in node.constraints or ()}
    found: set[str] = {kind for kind in ("check", "unique", "primary", "foreign") if kind in constraints}
    if "identity" in constraints:
        found.add("identity")
    if "generated" in constraints and constraints["generated"].generated_kind != "v":
        found.add("stored")
    default = constraints["default"].raw_expr if "default" in constraints else None
    if default is not None and is_volatile(default, known):
        found.add("volatile")
    if "foreign" in found and default is not None and not is_null(default):
        found.add("foreign-with-default")
    if node.typeName:
        found |= _burdens_of_type(type_of(node.typeName), known)
    return frozenset(found)


def _burdens_of_type(kind: SqlType, known: Knowledge) -> set[str]:
    domain = known.domains.get(kind.name)
    return ({"serial"} if kind.serial else set()) | ({"domain"} if domain and domain.constrained else set())


def is_volatile(default: Node, known: Knowledge) -> bool:
    """Say whether a default differs from row to row; a function that nobody knows is taken to, as PostgreSQL does."""
    return any(_volatile(name, known) for name in functions_in(default)) or any(
        is_a(each, "SubLink") for each in walk(default)
    )


def _volatile(name: str, known: Knowledge) -> bool:
    said = known.volatile.get(name)
    return said if said is not None else name in VOLATILE or name not in STEADY


def scans_for_not_null(table: str, column: str, known: Knowledge) -> bool:
    """Say whether SET NOT NULL has to read the whole table."""
    return not known.column(table, column).not_null and not known.table(table).proves_not_null(column)


def cost_of_type_change(table: str, command: Node, known: Knowledge, existing: SqlType | None = None) -> TypeCost:
    """Return what ALTER COLUMN ... TYPE costs.

    Args:
        table: the table.
        command: the AlterTableCmd.
        known: what is known before it.
        existing: the old type as the revision states it, for when nothing better is known.

    Returns:
        `nothing`; `scan`: a validated CHECK on the column is tested again; `index`: indexes on it are built again;
        `rewrite`; `unknown`: nobody knows the old type.
    """
    old = known.column(table, command.name).type or existing
    new = type_of(command.def_.typeName)
    if old is None:
        return "unknown"
    if computes(command, old, new):
        return "rewrite"
    base, target = _without_domain(old, known), _without_domain(new, known)
    domain = known.domains.get(new.name)
    if domain and domain.constrained and new != old:
        return "rewrite"
    cost = cost_of_change(base, target, utc=known.utc is True)
    if cost == "index" and not _indexed(table, command.name, known):
        cost = "nothing"
    if cost == "nothing" and _collation_changes(table, command, known):
        cost = "index" if _indexed(table, command.name, known) else "nothing"
    if cost == "nothing" and old != new and _checked(table, command.name, known):
        return "scan"
    remade = any(each.is_remade_for(command.name) for each in known.indexes_of(table).values())
    return "index" if cost == "nothing" and remade else cost


def computes(command: Node, old: SqlType, new: SqlType) -> bool:
    """Say whether USING does more than cast the column to its new type (or to one it can be cast from for nothing)."""
    using = command.def_.raw_default
    while is_a(using, "TypeCast"):
        if type_of(using.typeName) not in (new, old):
            return True
        using = using.arg
    return using is not None and not is_a(using, "ColumnRef")


def _without_domain(kind: SqlType, known: Knowledge) -> SqlType:
    domain = known.domains.get(kind.name)
    return domain.type if domain and domain.type else kind


def _indexed(table: str, column: str, known: Knowledge) -> bool:
    found = known.indexes_of(table).values()
    return any(column in index.columns for index in found) or not known.table(table).complete


def _collation_changes(table: str, command: Node, known: Knowledge) -> bool:
    clause = command.def_.collClause
    return bool(clause) and clause.collname[-1].sval != known.column(table, command.name).collation


def _checked(table: str, column: str, known: Knowledge) -> bool:
    constraints = known.table(table).constraints.values()
    return any(each.kind == "check" and column in each.columns and each.validated for each in constraints)
